"""Syllables with tones, and which one a character has where it stands."""

from __future__ import annotations

import pytest

from studio.language.corrections import CORRECTIONS
from studio.language.pinyin import label, label_tones, phrase_readings, read_word, toned_readings
from studio.language.syllables import INDEX, SYLLABLES
from studio.language.tones import TONED, TONES, digits, marks, toned


@pytest.mark.parametrize(
    ("written", "plain", "printed"),
    [
        ("zhōng", "zhong1", "zhōng"),
        ("guó", "guo2", "guó"),
        ("ZHONG1", "zhong1", "zhōng"),
        ("de", "de5", "de"),
        ("de0", "de5", "de"),
        ("lǜ", "lv4", "lǜ"),
        ("lu:4", "lv4", "lǜ"),
        ("nüè", "nve4", "nüè"),
        ("xué", "xue2", "xué"),
        ("guì", "gui4", "guì"),
        ("liú", "liu2", "liú"),
        ("hǎo", "hao3", "hǎo"),
        ("hăo", "hao3", "hǎo"),
        ("dòu", "dou4", "dòu"),
        ("ńg", "ng2", "ńg"),
        ("m", "m5", "m"),
        ("ér", "er2", "ér"),
    ],
)
def test_ways_to_write_a_syllable(written: str, plain: str, printed: str) -> None:
    assert digits(toned(written)) == plain
    assert marks(toned(written)) == printed


def test_every_number_comes_back() -> None:
    assert TONES * len(SYLLABLES) == TONED
    for number in range(TONED):
        assert toned(digits(number)) == number
        assert toned(marks(number)) == number


@pytest.mark.parametrize("written", ["", "中", "zhongg1", "1", "zho ng"])
def test_what_is_no_syllable(written: str) -> None:
    with pytest.raises(ValueError):
        toned(written)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("银行", "yin2 hang2"),
        ("行不行", "xing2 bu4 xing2"),
        ("长大", "zhang3 da4"),
        ("重要", "zhong4 yao4"),
        ("重新", "chong2 xin1"),
        ("音乐", "yin1 yue4"),
        ("快乐", "kuai4 le4"),
        ("我的目的", "wo3 de5 mu4 di4"),
        ("慢慢地走", "man4 man4 de5 zou3"),
        ("秘书长", "mi4 shu1 zhang3"),
        ("一个", "yi1 ge4"),
        ("一不小心", "yi1 bu4 xiao3 xin1"),
        ("绿色", "lv4 se4"),
    ],
)
def test_characters_are_read_by_their_words(text: str, reading: str) -> None:
    assert " ".join(map(digits, label_tones(text))) == reading


def test_with_and_without_tones_it_is_the_same() -> None:
    for text in ("一个学习生活者", "系统地说明了问题", "东西很重要", "他觉得银行行长很好"):
        assert [number // TONES for number in label_tones(text)] == label(text)


def test_corrections_have_tones_of_their_characters() -> None:
    for word, reading in CORRECTIONS.items():
        assert [SYLLABLES[number] for number in read_word(word)] == list(reading)
        for character, number in zip(word, label_tones(word), strict=True):
            known = (*toned_readings(character), *phrase_readings().get(character, ()))
            assert number in known, f"{character} in {word}"


def test_readings_in_phrases() -> None:
    found = phrase_readings()
    assert {digits(number) for number in found["重"]} >= {"zhong4", "chong2"}
    assert {digits(number) for number in found["一"]} == {"yi1"}
    assert toned_readings("中")[0] == TONES * INDEX["zhong"]
