"""Typed letters in, sentences out."""

from __future__ import annotations

import string
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.load import load
from studio.inference.predictor import Decoded, PinyinPredictor
from studio.inference.probe import decode
from tests import tiny


@pytest.fixture(scope="module")
def predictor() -> PinyinPredictor:
    return load(tiny.finished_run().path).predictor


def best(decoded: Decoded) -> str:
    return decoded.candidates[0].text


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("jintian", "今天"),
        ("jin tian", "今天"),
        ("JINTIAN", "今天"),
        ("jin'tian", "今天"),
        ("jintianlaoshizaibeijingchifan", "今天老师在北京吃饭"),
        ("jintian,laoshi!", "今天,老师!"),
        ("2024jintian", "2024今天"),
        ("今天laoshi", "今天老师"),
    ],
)
def test_what_was_learnt_is_typed(predictor: PinyinPredictor, typed: str, wanted: str) -> None:
    assert best(predictor.predict(typed)) == wanted


def test_xian_is_both_a_city_and_a_word(predictor: PinyinPredictor) -> None:
    found = predictor.predict("xian", 200).candidates
    texts = [candidate.text for candidate in found]
    assert "西安" in texts
    assert "现" in texts
    separated = predictor.predict("xi'an", 200)
    assert best(separated) == "西安"
    assert [view.syllable for view in separated.syllables] == ["xi", "an"]
    assert all(len(candidate.text) == 2 for candidate in separated.candidates)


def test_a_word_is_completed_while_it_is_typed(predictor: PinyinPredictor) -> None:
    decoded = predictor.predict("jintianlaosh")
    assert decoded.syllables[-1].partial
    assert not decoded.syllables[0].partial
    assert best(decoded).startswith("今天老")


@pytest.mark.parametrize("typed", ["nv", "nü", "nu:", "NÜ", "nu\u0308"])
def test_the_umlaut_in_every_spelling(predictor: PinyinPredictor, typed: str) -> None:
    decoded = predictor.predict(typed)
    assert decoded.syllables[0].syllable == "nv"
    assert "女" in [a.text for a in decoded.syllables[0].alternatives]


@pytest.mark.parametrize("typed", ["xv", "jv", "JV", "yvjvqv"])
def test_the_umlaut_typed_where_it_is_written_without_dots(predictor: PinyinPredictor, typed: str) -> None:
    decoded = predictor.predict(typed)
    assert len(best(decoded)) == len(decoded.syllables) == len(typed) // 2
    assert not set(best(decoded)) & set(typed.lower())


@pytest.mark.parametrize("typed", ["", " ", "'", "   ''  "])
def test_nothing_typed_gives_nothing(predictor: PinyinPredictor, typed: str) -> None:
    assert predictor.predict(typed).candidates == ()


@pytest.mark.parametrize("typed", ["nun", "den", "rua", "eng", "biang", "wonunta"])
def test_syllables_without_characters_still_give_something(predictor: PinyinPredictor, typed: str) -> None:
    decoded = predictor.predict(typed)
    assert decoded.candidates
    assert all(view.alternatives for view in decoded.syllables)


@pytest.mark.parametrize("top_k", [1, 3, 30])
def test_as_many_as_wanted_best_first(predictor: PinyinPredictor, top_k: int) -> None:
    found = predictor.predict("jintianlaoshi", top_k).candidates
    assert len(found) == top_k
    assert len({candidate.text for candidate in found}) == top_k
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1 + 1e-6


@given(st.text(max_size=30) | st.text(string.ascii_letters + "ü:' 1，", max_size=30))
def test_any_text_is_borne(typed: str) -> None:
    decoded = load_once().predict(typed, 3)
    for candidate in decoded.candidates:
        assert 0 <= candidate.score <= 1
    views = decoded.syllables
    assert all(first.end <= second.start for first, second in pairwise(views))
    assert all(0 <= view.start < view.end <= len(typed) for view in views)
    letters = [place for place, ch in enumerate(typed) if ch.isascii() and ch.isalpha()]
    covered = {place for view in views for place in range(view.start, view.end)}
    assert set(letters) <= covered
    if typed.strip(" '’‘`\t"):
        assert decoded.candidates


def load_once() -> PinyinPredictor:
    if not _kept:
        _kept.append(load(tiny.finished_run().path).predictor)
    return _kept[0]


_kept: list[PinyinPredictor] = []


def test_each_syllable_shows_its_own_characters(predictor: PinyinPredictor) -> None:
    loaded = load(tiny.finished_run().path)
    candidates = dict(zip(loaded.task.vocabulary.syllables, loaded.task.vocabulary.candidates, strict=True))
    for view in predictor.predict("jintianlaoshi").syllables:
        assert {a.text for a in view.alternatives} <= set(candidates[view.syllable])
        scores = [a.score for a in view.alternatives]
        assert scores == sorted(scores, reverse=True)


def test_long_input_is_decoded_piece_by_piece(predictor: PinyinPredictor) -> None:
    """Longer than any position the network can tell apart."""
    decoded = predictor.predict("jin tian " * 200, 2)
    assert len(best(decoded)) == 400
    assert len(decoded.syllables) == 400


def test_probes_show_what_the_network_alone_has_learnt(predictor: PinyinPredictor) -> None:
    loaded = load(tiny.finished_run().path)
    alone = predictor.predict("jintian", 3, judge="network").candidates
    assert decode(loaded.model, loaded.task, "jintian", 3) == alone


def test_a_probe_sees_the_newest_weights() -> None:
    loaded = load(tiny.finished_run().path)
    before = decode(loaded.model, loaded.task, "jintian", 1)
    with torch.no_grad():
        loaded.model.head.bias.zero_()
    assert decode(loaded.model, loaded.task, "jintian", 1) != before


def test_ngrams_decide_with_the_network_and_without_it(predictor: PinyinPredictor) -> None:
    shares = {}
    for judge in ("both", "network", "ngrams"):
        found = predictor.predict("jintianlaoshizaibeijing", 3, judge=judge)
        assert best(found) == "今天老师在北京"
        shares[judge] = found.candidates[0].score
    assert len(set(shares.values())) == 3
    assert shares["both"] > shares["network"]


def test_text_to_the_left_is_taken_into_account(predictor: PinyinPredictor) -> None:
    # 在 begins no sentence of the text; behind a person it always stands.
    alone = predictor.predict("zai", 200)
    behind = predictor.predict("zai", 200, left="今天老师")
    share = {text.text: text.score for text in alone.candidates}
    share_behind = {text.text: text.score for text in behind.candidates}
    assert share_behind["在"] > share["在"]
    assert predictor.predict("zai", 5, left="老师。").candidates == predictor.predict("zai", 5).candidates


def test_a_model_without_ngrams_predicts_with_its_network() -> None:
    loaded = load(tiny.finished_run().path)
    alone = PinyinPredictor(loaded.model, loaded.task.vocabulary)
    assert best(alone.predict("jintianlaoshi")) == "今天老师"


def test_initials_are_enough_for_what_the_text_says_often(predictor: PinyinPredictor) -> None:
    assert best(predictor.predict("jtls")) == "今天老师"
