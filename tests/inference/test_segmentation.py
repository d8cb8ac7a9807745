"""Letters into syllables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.segmentation import Segmentation, Segmenter
from studio.language.syllables import INDEX, SYLLABLES

SIZE = len(SYLLABLES) + 1
EVEN = Segmenter(SYLLABLES, np.full((SIZE, SIZE), -6.0, np.float32))


def segmenter(**pairs: float) -> Segmenter:
    """Even transitions but for some, named `first_second`; `start` and `end` are the edges."""
    table = EVEN.transitions.copy()
    index = {**INDEX, "start": SIZE - 1, "end": SIZE - 1}
    for names, log in pairs.items():
        first, second = names.split("_")
        table[index[first], index[second]] = log
    return Segmenter(SYLLABLES, table)


def spelt(found: Segmentation) -> str:
    words = [SYLLABLES[unit.syllable] if unit.syllable >= 0 else "?" for unit in found.units]
    return " ".join(word + "*" * unit.partial for word, unit in zip(words, found.units, strict=True))


def ways(letters: str, breaks: frozenset[int] = frozenset(), using: Segmenter = EVEN) -> list[str]:
    return [spelt(found) for found in using.segment(letters, breaks)]


@pytest.mark.parametrize(
    ("letters", "both"), [("xian", {"xian", "xi an"}), ("fangan", {"fan gan", "fang an"})]
)
def test_both_readings_are_reachable(letters: str, both: set[str]) -> None:
    assert both <= set(ways(letters))


def test_transitions_decide_between_readings() -> None:
    assert ways("fangan", using=segmenter(fan_gan=-1.0))[0] == "fan gan"
    assert ways("fangan", using=segmenter(fang_an=-1.0))[0] == "fang an"
    assert ways("xian", using=segmenter(start_xi=-1.0, xi_an=-0.5, an_end=-1.0))[0] == "xi an"


def test_a_separator_is_honoured() -> None:
    assert ways("xian", frozenset({2}))[0] == "xi an"
    for way in EVEN.segment("fangan", frozenset({3})):
        assert 3 in {unit.start for unit in way.units}
    assert ways("xian", frozenset({1, 2, 3}))[0].startswith("x")


def test_a_partial_last_syllable_is_completed() -> None:
    for letters, beginning in (("nihaom", "ni hao m"), ("zhongguor", "zhong guo r"), ("woqu", "wo qu")):
        best = ways(letters)
        assert any(way.startswith(beginning) for way in best)
    (unit, *_) = EVEN.segment("zho")[0].units
    assert unit.partial
    assert SYLLABLES[unit.syllable].startswith("zho")


def test_the_likeliest_completion_comes_first() -> None:
    """How common a syllable is decides, told from all the syllables it follows."""
    table = EVEN.transitions.copy()
    table[:, INDEX["zhong"]] = -2.0
    assert ways("zho", using=Segmenter(SYLLABLES, table))[0] == "zhong*"


def test_initials_alone() -> None:
    (first, *_) = EVEN.segment("zgrd")
    assert [("zgrd"[unit.start : unit.end], unit.partial) for unit in first.units] == [
        (c, True) for c in "zgrd"
    ]
    for unit, initial in zip(first.units, "zgrd", strict=True):
        assert SYLLABLES[unit.syllable].startswith(initial)


def test_double_initials_stay_together() -> None:
    (first, *_) = EVEN.segment("zhg")
    assert [(unit.start, unit.end) for unit in first.units] == [(0, 2), (2, 3)]


@pytest.mark.parametrize(
    ("letters", "syllable"),
    [("nv", "nv"), ("lve", "lve"), ("lue", "lve"), ("nue", "nve"), ("jv", "ju"), ("qvan", "quan"), ("yve", "yue")],
)  # fmt: skip
def test_other_ways_to_write_a_syllable(letters: str, syllable: str) -> None:
    assert ways(letters)[0] == syllable


def test_letters_that_fit_nowhere_stay() -> None:
    assert ways("uu")[0] == "? ?"
    assert ways("nihaov")[0] == "ni hao ?"
    assert "?" not in ways("nihao")[0]


def test_syllables_without_characters_are_not_used() -> None:
    using = Segmenter(SYLLABLES, EVEN.transitions, frozenset({INDEX["nun"]}))
    assert ways("nun")[0] == "nun"
    assert "nun" not in " ".join(ways("nun", using=using)).replace("*", "").split()
    assert ways("nun", using=using)


def test_nothing_typed_has_no_segmentation() -> None:
    assert EVEN.segment("") == []


@given(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=24),
    st.frozensets(st.integers(1, 23), max_size=4),
)
def test_every_segmentation_covers_the_letters_in_order(letters: str, breaks: frozenset[int]) -> None:
    breaks = frozenset(b for b in breaks if b < len(letters))
    found = EVEN.segment(letters, breaks, 6)
    assert 1 <= len(found) <= 6
    assert [way.score for way in found] == sorted((way.score for way in found), reverse=True)
    assert len({way.units for way in found}) == len(found)
    for way in found:
        assert [unit.start for unit in way.units] == [0, *(unit.end for unit in way.units[:-1])]
        assert way.units[-1].end == len(letters)
        assert breaks <= {unit.start for unit in way.units}
        for unit in way.units:
            typed = letters[unit.start : unit.end]
            if unit.syllable < 0:
                assert len(typed) == 1
            elif not unit.partial:
                assert EVEN._spellings[typed] == unit.syllable


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6))
def test_separated_syllables_are_found_as_they_are(syllables: list[str]) -> None:
    letters = "".join(syllables)
    breaks = frozenset(np.cumsum([len(s) for s in syllables])[:-1].tolist())
    first = EVEN.segment(letters, breaks)[0]
    assert spelt(first) == " ".join(syllables)


def test_long_input_takes_time_in_proportion() -> None:
    """A pasted page must not freeze anyone: 4,000 letters, in a second or two."""
    (first, *_) = EVEN.segment("jintiantianqihenhao" * 210)
    assert first.units[-1].end == 19 * 210
