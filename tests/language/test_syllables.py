"""The table of syllables holds whatever pypinyin says, however it is written."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.language.syllables import INDEX, SYLLABLES, normalise


def gb2312() -> list[str]:
    """All 6,763 characters of the standard."""
    found = []
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.append(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def test_table_is_sorted_distinct_and_typed_with_letters() -> None:
    assert list(SYLLABLES) == sorted(set(SYLLABLES))
    assert 400 <= len(SYLLABLES) <= 430
    assert all(syllable.isascii() and syllable.isalpha() and syllable.islower() for syllable in SYLLABLES)
    assert [INDEX[syllable] for syllable in SYLLABLES] == list(range(len(SYLLABLES)))


RARE = "n ng m hm hng ei yo lo den dia kei nou rua tei zhei fiao eng e lv nv lve nve"


@pytest.mark.parametrize("rare", RARE.split())
def test_rare_syllables_are_there(rare: str) -> None:
    assert rare in INDEX


def test_every_reading_of_gb2312_is_in_the_table() -> None:
    from pypinyin.constants import PINYIN_DICT

    characters = gb2312()
    assert len(characters) == 6763
    for character in characters:
        for reading in PINYIN_DICT[ord(character)].split(","):
            assert normalise(reading) in INDEX


def test_every_phrase_of_pypinyin_can_be_read() -> None:
    from pypinyin.constants import PHRASES_DICT

    for readings in PHRASES_DICT.values():
        for reading in readings:
            assert normalise(reading[0]) in INDEX


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("zhōng", "zhong"),
        ("zhong1", "zhong"),
        ("Zhong", "zhong"),
        (" guo2 ", "guo"),
        ("lǜ", "lv"),
        ("lü4", "lv"),
        ("lu:4", "lv"),
        ("nv3", "nv"),
        ("lüe", "lve"),
        ("lue4", "lve"),
        ("lu:e", "lve"),
        ("nüè", "nve"),
        ("nue", "nve"),
        ("jü", "ju"),
        ("qv", "qu"),
        ("xüe", "xue"),
        ("yv", "yu"),
        ("ê", "e"),
        ("ề", "e"),
        ("ńg", "ng"),
        ("ḿ", "m"),
        ("ｎｉ", "ni"),
        ("ma5", "ma"),
        ("ma0", "ma"),
        ("nǐ", "ni"),
    ],
)
def test_spellings_become_one(written: str, expected: str) -> None:
    assert normalise(written) == expected


@pytest.mark.parametrize("wrong", ["", " ", "zz", "zhon", "zhong7", "中", "ni hao", "l", "v", "1", "wong"])
def test_other_things_are_refused_by_name(wrong: str) -> None:
    with pytest.raises(ValueError, match="no syllable") as refused:
        normalise(wrong)
    assert repr(wrong) in str(refused.value)


@given(st.text(max_size=12))
def test_any_text_is_a_syllable_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert normalise(text) in INDEX


@given(st.sampled_from(SYLLABLES), st.sampled_from(["", "0", "1", "2", "3", "4", "5"]))
def test_normalising_is_stable(syllable: str, tone: str) -> None:
    assert normalise(syllable + tone) == syllable
    assert normalise((syllable + tone).upper()) == syllable
