"""N-grams of words as a file, over other lists of words, and made smaller."""

from __future__ import annotations

import numpy as np
import pytest

from studio.models.kneser_ney import estimate
from studio.models.squeezed_ngrams import full, squeeze
from studio.models.word_model import ORDER, WordModel

SENTENCES = ["我们 喜欢 北京", "我们 去 北京", "他们 喜欢 上海", "他们 去 上海 大学", "北京 大学"]


def model_of(sentences: list[str]) -> WordModel:
    numbers: dict[str, int] = {}
    stream = [[numbers.setdefault(word, len(numbers)) for word in s.split()] for s in sentences]
    flat = np.array([number for row in stream for number in row], np.int64)
    offsets = np.cumsum([0, *map(len, stream)])
    return WordModel(tuple(numbers), estimate(flat, offsets, len(numbers), ORDER))


def log(model: WordModel, *words: str) -> float:
    """Log-probability of the last word behind the two before it."""
    numbers = [model.numbers.get(word, model.ngrams.unknown) for word in words]
    return float(model.ngrams.score(np.array([numbers[:2]]), np.array(numbers[2:]))[0])


def test_a_file_holds_words_and_ngrams() -> None:
    model = model_of(SENTENCES)
    again = WordModel.from_arrays(model.arrays())
    assert again.words == model.words
    assert log(again, "我们", "去", "北京") == pytest.approx(log(model, "我们", "去", "北京"), abs=0.06)


def test_a_squeezed_file_holds_them_nearly_as_exactly() -> None:
    model = model_of(SENTENCES)
    again = WordModel.from_arrays(full(squeeze(model.arrays())))
    assert again.words == model.words
    assert log(again, "我们", "去", "北京") == pytest.approx(log(model, "我们", "去", "北京"), abs=0.16)


def test_frequent_words_come_first_in_a_smaller_model() -> None:
    smaller = model_of(SENTENCES).pruned(3)
    single = smaller.ngrams.levels[0].log[: len(smaller.words)]
    assert (np.diff(single) <= 0).all()
    assert len(np.unique(single)) > 1


def test_a_file_whose_words_do_not_fit_is_refused() -> None:
    arrays = model_of(SENTENCES).arrays()
    with pytest.raises(ValueError, match="do not fit"):
        WordModel.from_arrays({**arrays, "list": np.frombuffer("北京".encode(), np.uint8)})
    with pytest.raises(ValueError, match="missing"):
        WordModel.from_arrays({name: array for name, array in arrays.items() if name != "list"})


def test_more_words_than_sixteen_bits_survive_a_file() -> None:
    words = [f"{n:05d}" for n in range(70_000)]
    model = model_of([" ".join(words), " ".join(reversed(words))])
    again = WordModel.from_arrays(model.arrays())
    for mine, theirs in zip(model.ngrams.levels[1:], again.ngrams.levels[1:], strict=True):
        np.testing.assert_array_equal(mine.keys, theirs.keys)


def test_among_more_words_it_says_the_same() -> None:
    model = model_of(SENTENCES)
    words = ("新", *reversed(model.words), "词")
    wider = WordModel(words, model.among(words))
    for three in (("我们", "去", "北京"), ("他们", "喜欢", "北京"), ("北京", "大学", "去")):
        assert log(wider, *three) == pytest.approx(log(model, *three), abs=1e-5)
    assert log(wider, "我们", "去", "新") < log(wider, "我们", "去", "大学") - 3
    with pytest.raises(KeyError):
        model.among(words[:3])


def test_a_smaller_model_keeps_what_says_most(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of([*SENTENCES * 20, "罕见 词语"])
    monkeypatch.setattr("studio.models.word_model._WORDS_KEPT", 4)
    small = model.pruned(3)
    assert sum(len(level.keys) for level in small.ngrams.levels[1:]) <= 3
    assert 4 <= len(small.words) < len(model.words)
    single = dict(zip(model.words, model.ngrams.levels[0].log.tolist(), strict=False))
    assert set(sorted(model.words, key=lambda word: -single[word])[:4]) <= set(small.words)
    assert log(small, "我们", "去", "北京") < 0
