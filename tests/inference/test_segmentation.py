"""Letters into syllables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.segmentation import Segmentation, Segmenter
from studio.language.syllables import INDEX, SYLLABLES
from studio.runs.requests import FUZZY_PAIRS

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
            elif unit.slip:
                assert typed not in EVEN.spellings().exact
            elif not unit.partial:
                assert EVEN.spellings().exact[typed] == unit.syllable


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6))
def test_separated_syllables_are_found_as_they_are(syllables: list[str]) -> None:
    letters = "".join(syllables)
    breaks = frozenset(np.cumsum([len(s) for s in syllables])[:-1].tolist())
    first = EVEN.segment(letters, breaks)[0]
    assert spelt(first) == " ".join(syllables)


# --- what is kept from key to key ------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(
            st.text("aeghinouxz", min_size=1, max_size=9), st.frozensets(st.integers(1, 8), max_size=2)
        ),
        min_size=2,
        max_size=6,
    ),
    st.booleans(),
)
def test_what_was_typed_before_changes_nothing(texts: list[tuple[str, frozenset[int]]], fuzzy: bool) -> None:
    pairs = ("z_zh", "an_ang") if fuzzy else ()
    kept = Segmenter(SYLLABLES, EVEN.transitions)
    for letters, breaks in texts:
        for end in range(1, len(letters) + 1):
            inside = frozenset(b for b in breaks if b < end)
            fresh = Segmenter(SYLLABLES, EVEN.transitions)
            fresh._spellings.update(EVEN._spellings)
            wanted = fresh.segment(letters[:end], inside, fuzzy=pairs)
            assert kept.segment(letters[:end], inside, fuzzy=pairs) == wanted
    EVEN.spellings(pairs)


# --- fuzzy pairs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pair", "typed", "meant"),
    [
        ("z_zh", "zongguo", "zhong guo"), ("z_zh", "zhai", "zai"), ("c_ch", "cang", "chang"), ("s_sh", "sui", "shui"),
        ("l_n", "lihao", "ni hao"), ("l_n", "nv", "lv"), ("f_h", "fui", "hui"), ("r_l", "le", "re"),
        ("an_ang", "shan", "shang"),
        ("en_eng", "sheng", "shen"), ("in_ing", "bin", "bing"), ("ian_iang", "lian", "liang"),
        ("uan_uang", "huang", "huan"),
    ],
)  # fmt: skip
def test_a_fuzzy_pair_is_another_reading_where_it_is_wanted(pair: str, typed: str, meant: str) -> None:
    assert meant not in ways(typed)
    found = [spelt(way) for way in EVEN.segment(typed, count=20, fuzzy=(pair,))]  # type: ignore[arg-type]
    assert meant in found
    if typed in INDEX:
        assert found[0] == typed  # what was typed costs nothing, what was meant a little


def test_fuzzy_pairs_can_be_combined_and_begun() -> None:
    found = [spelt(way) for way in EVEN.segment("zan", count=20, fuzzy=("z_zh", "an_ang"))]
    assert {"zan", "zhan", "zang", "zhang"} <= set(found)
    begun = EVEN.segment("zo", count=20, fuzzy=("z_zh",))
    assert "zhong*" in [spelt(way) for way in begun] or "zhou*" in [spelt(way) for way in begun]


def test_an_an_that_is_part_of_another_final_is_not_taken_for_ang() -> None:
    assert "liang" not in [spelt(way) for way in EVEN.segment("lian", count=20, fuzzy=("an_ang",))]


# --- slips of the fingers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nihoa", "ni hao"), ("zhogn", "zhong"), ("xain", "xian"), ("guagn", "guang"),
        ("nihso", "ni hao"), ("hunagse", "huang se"), ("niihao", "ni hao"),
    ],
)  # fmt: skip
def test_slips_are_seen_through(typed: str, meant: str) -> None:
    assert meant in ways(typed)
    assert meant not in [spelt(way) for way in EVEN.segment(typed, slips=False)]


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6), st.integers(0, 6))
def test_spelt_out_syllables_are_never_taken_for_slips(syllables: list[str], cut: int) -> None:
    """Nor is what the last of them begins with."""
    letters = "".join(syllables)
    letters = letters[: max(len(letters) - cut, 1)]
    exact = EVEN.segment(letters, slips=False)
    if exact[0].spelt_out(letters):
        assert EVEN.segment(letters) == exact


@given(st.text("bcdfghjklmnpqrstwxyz", min_size=1, max_size=8))
def test_initials_alone_are_never_taken_for_slips(letters: str) -> None:
    assert not [unit for way in EVEN.segment(letters) for unit in way.units if unit.slip]


@pytest.mark.parametrize("typed", ["zhongguorm", "womqu", "nshi", "wxihuan", "whao", "hemshuo", "smshihou"])
def test_syllables_beside_initials_are_no_slips(typed: str) -> None:
    assert not any(unit.slip for unit in EVEN.segment(typed)[0].units)


def test_fuzzy_pairs_are_those_that_can_be_asked_for() -> None:
    plain = EVEN.spellings().complete
    for pair in FUZZY_PAIRS:
        assert sum(map(len, EVEN.spellings([pair]).complete.values())) > sum(map(len, plain.values()))


def test_long_input_takes_time_in_proportion() -> None:
    """A pasted page must not freeze anyone: 4,000 letters, in a second or two."""
    (first, *_) = EVEN.segment("jintiantianqihenhao" * 210)
    assert first.units[-1].end == 19 * 210
