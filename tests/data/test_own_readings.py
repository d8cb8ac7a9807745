"""Readings of a recipe's own: where they are put, how they are written, and what is made of them."""

from __future__ import annotations

import pytest

from studio.data.errors import DataError
from studio.data.own_readings import OwnReadings
from studio.data.prepare import prepare
from studio.language.pinyin import label_tones
from studio.language.tones import digits
from studio.recipe import Recipe, parse
from tests import tiny, tiny_tagging


def read(run: str, *lines: str) -> list[str]:
    return [digits(number) for number in OwnReadings(lines).read(run)]


def test_without_any_dictionaries_decide() -> None:
    assert OwnReadings(()).read("重庆的银行") == label_tones("重庆的银行")


@pytest.mark.parametrize("written", ["hang2 xing2", "háng xíng", "HANG2 xíng"])
def test_tones_as_people_write_them(written: str) -> None:
    assert read("他行行走", f"行行 {written}")[1:3] == ["hang2", "xing2"]


def test_a_syllable_without_tone_has_the_tone_that_the_character_has_with_it() -> None:
    assert read("一行", "行 hang") == ["yi1", "hang2"]
    assert read("了解", "了 le")[0] == "le5"
    assert read("行", "行 ka") == ["ka5"], "no dictionary knows of it"


def test_the_first_and_longest_word_has_it() -> None:
    lines = ("长 chang2", "长江 zhang3 jiang1", "江长 jiang1 chang2")
    assert read("长江长", *lines) == ["zhang3", "jiang1", "chang2"]
    assert read("长江长", *reversed(lines)) == ["zhang3", "jiang1", "chang2"]


@pytest.mark.parametrize(
    "line", ["", "重庆", "重庆 chong", "重庆 chong qing a", "abc a b c", "重庆 chong xyz"]
)
def test_what_is_no_reading(line: str) -> None:
    with pytest.raises(DataError, match=r"data\.cleaning\.readings") as caught:
        OwnReadings(["北京 bei jing", line])
    assert "重庆 chong2 qing4" in caught.value.remedy


def with_readings(recipe: Recipe, *lines: str) -> Recipe:
    values = recipe.model_dump(mode="json")
    values["data"]["cleaning"]["readings"] = list(lines)
    return parse(values)


def test_examples_of_pinyin_have_them() -> None:
    plain = tiny.recipe()
    word = "吃饭"
    for recipe, expected in ((plain, "chi fan"), (with_readings(plain, f"{word} chi ban"), "chi ban")):
        train = prepare(recipe.data, recipe.task).train
        found = [place for place in range(len(train)) if word in train.text_of(place)]
        assert found
        for place in found:
            start = train.text_of(place).index(word)
            assert train.pinyin_of(place).split()[start : start + 2] == expected.split()


def test_readings_with_tones_have_them() -> None:
    recipe = with_readings(tiny_tagging.readings(), "银行 yin2 xing2")
    train = prepare(recipe.data, recipe.task).train
    place = next(place for place in range(len(train)) if "银行" in train.text_of(place))
    start = int(train.offsets[place]) + train.text_of(place).index("银行")
    assert [digits(int(tag)) for tag in train.tags[start : start + 2]] == ["yin2", "xing2"]
