"""Sentences judged by their words: against all ways to read them, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.words import OF_USER, WordScores
from studio.models.word_model import WordModel
from tests.models.test_word_model import model_of

SENTENCES = [
    "研究 生命 起源",
    "研究生 命",
    "生命 的 起源",
    "北京 大学",
    "北京 大学生",
    "他 研究 的",
    "大 学生",
]
CHARACTERS = "研究生命起源的北京大学他"


@pytest.fixture(scope="module")
def model() -> WordModel:
    return model_of(SENTENCES)


def readings(model: WordModel, text: str) -> list[list[int]]:
    """All ways to cut a text into known words and unknown characters."""
    if not text:
        return [[]]
    found = []
    for end in range(1, len(text) + 1):
        number = model.numbers.get(text[:end], model.ngrams.unknown if end == 1 else -1)
        if number >= 0:
            found += [[number, *rest] for rest in readings(model, text[end:])]
    return found


def plain(model: WordModel, text: str, left: str = "") -> float:
    """The best of all readings, each scored by itself."""
    scores = []
    for before in readings(model, left) if left else [[]]:
        for reading in readings(model, text):
            logs = model.ngrams.sentence(np.array([*before, *reading]))
            scores.append((float(logs[: len(before)].sum()), float(logs[len(before) :].sum())))
    best = max(score for score, _ in scores)
    return max(before - best + behind for before, behind in scores)


@given(st.text(CHARACTERS, min_size=1, max_size=6), st.text(CHARACTERS, max_size=3))
def test_the_best_reading_counts(model: WordModel, text: str, left: str) -> None:
    assert WordScores(model).of([text], left) == pytest.approx([plain(model, text, left)], abs=1e-3)


def test_what_is_remembered_changes_nothing(model: WordModel) -> None:
    scores = WordScores(model)
    texts = ["研究生命起源", "北京大学生", "研究生命的起源"]
    first = scores.of(texts)
    assert scores.of(list(reversed(texts))) == list(reversed(first))
    assert scores.of(texts, "北京") != first


def test_words_are_preferred_to_what_sounds_alike(model: WordModel) -> None:
    good, bad = WordScores(model).of(["北京大学", "北京大雪"])
    assert good > bad + 3


def test_words_of_the_user_need_no_model(model: WordModel) -> None:
    scores = WordScores(model)
    without = scores.of(["北京龘龖"])[0]
    known = scores.of(["北京龘龖"], "", {"龘龖": OF_USER})[0]
    assert known > without
    assert scores.of(["北京龘龖"])[0] == without
    assert scores.of([], "北京") == []
