"""Words and characters for the first letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.load import load
from studio.inference.predictor import Decoded, PinyinPredictor
from tests import tiny

ALL = 10_000


@pytest.fixture(scope="module")
def predictor() -> PinyinPredictor:
    return load(tiny.finished_run().path).predictor


def offered(decoded: Decoded) -> dict[str, int]:
    return {item.text: item.end for item in decoded.prefixes}


def test_words_of_the_text_are_offered_for_the_letters_that_they_cover(predictor: PinyinPredictor) -> None:
    found = offered(predictor.predict("jintianlaoshizaibeijing", 3, prefixes=ALL))
    assert found["今天"] == len("jintian")
    assert found["今"] == len("jin")
    assert "老师" not in found


def test_words_come_before_characters_and_longer_ones_first(predictor: PinyinPredictor) -> None:
    for typed in ("jintianlaoshi", "beijing", "xian", "laoshi"):
        lengths = [len(item.text) for item in predictor.predict(typed, 3, prefixes=ALL).prefixes]
        assert lengths == sorted(lengths, reverse=True)
        assert lengths[-1] == 1


def test_every_character_of_the_first_syllable_can_be_reached(predictor: PinyinPredictor) -> None:
    loaded = load(tiny.finished_run().path)
    characters = dict(zip(loaded.task.vocabulary.syllables, loaded.task.vocabulary.candidates, strict=True))
    for typed, syllable in (("shi", "shi"), ("yijian", "yi"), ("ji'er", "ji")):
        found = offered(predictor.predict(typed, 3, prefixes=ALL))
        assert set(characters[syllable]) <= found.keys()
        assert len(characters[syllable]) > 64


def test_initials_are_offered_words_too(predictor: PinyinPredictor) -> None:
    found = offered(predictor.predict("jtls", 3, prefixes=ALL))
    assert found["今天"] == 2
    assert found["今"] == 1


def test_separators_belong_to_the_letters_before_them(predictor: PinyinPredictor) -> None:
    assert offered(predictor.predict("jin'tian  laoshi", 3, prefixes=ALL))["今天"] == len("jin'tian  ")


def test_none_unless_asked_for_and_the_first_of_all_otherwise(predictor: PinyinPredictor) -> None:
    none = predictor.predict("jintianlaoshi", 3)
    everything = predictor.predict("jintianlaoshi", 3, prefixes=ALL)
    some = predictor.predict("jintianlaoshi", 3, prefixes=4)
    assert none.prefixes == () and not none.more
    assert some.prefixes == everything.prefixes[:4] and some.more and not everything.more
    assert none.candidates == some.candidates == everything.candidates


@pytest.mark.parametrize("judge", ["network", "ngrams"])
def test_whoever_decides(predictor: PinyinPredictor, judge: str) -> None:
    decoded = predictor.predict("jintianlaoshi", 3, prefixes=ALL, judge=judge)  # type: ignore[arg-type]
    assert offered(decoded)["今"] == 3


def test_a_model_without_ngrams_offers_characters(predictor: PinyinPredictor) -> None:
    loaded = load(tiny.finished_run().path)
    alone = PinyinPredictor(loaded.model, loaded.task.vocabulary).predict("jintian", 3, prefixes=ALL)
    assert offered(alone)["今"] == 3
    assert {len(item.text) for item in alone.prefixes} == {1}


def test_fuzzy_characters_are_offered_where_they_are_wanted(predictor: PinyinPredictor) -> None:
    assert offered(predictor.predict("jing", 3, prefixes=ALL))["今"] == len("jin")
    assert offered(predictor.predict("jing", 3, prefixes=ALL, fuzzy=("in_ing",)))["今"] == len("jing")
    assert predictor.predict("jintianlaosi", 3, fuzzy=("s_sh",)).candidates[0].text == "今天老师"
    assert predictor.predict("jtls", 3, fuzzy=("l_n",)).candidates[0].text == "今天老师"


def test_a_slip_is_seen_through_unless_it_is_switched_off(predictor: PinyinPredictor) -> None:
    assert predictor.predict("jintainlaoshi", 3).candidates[0].text == "今天老师"
    assert predictor.predict("jintainlaoshi", 3, slips=False).candidates[0].text != "今天老师"


@given(st.text("abeghijlnostuvx' ,3", max_size=20))
def test_ends_lie_behind_the_first_letters(typed: str) -> None:
    decoded = load_once().predict(typed, 2, prefixes=ALL)
    assert len({item.text for item in decoded.prefixes if len(item.text) == 1}) == sum(
        len(item.text) == 1 for item in decoded.prefixes
    )
    for item in decoded.prefixes:
        assert 0 < item.end <= len(typed)
        assert 0 <= item.score <= 1
        assert len(item.text) <= sum(char.isalpha() for char in typed[: item.end])


def load_once() -> PinyinPredictor:
    if not _kept:
        _kept.append(load(tiny.finished_run().path).predictor)
    return _kept[0]


_kept: list[PinyinPredictor] = []
