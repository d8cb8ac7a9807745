"""Which characters are left out, and that it depends on nothing but the key and the example."""

from __future__ import annotations

import numpy as np
import pytest

from studio.data.masking import masked, word_starts

MASK, SIZE = 3, 500
KEY = (7, 2)


def texts(rows: int, length: int) -> np.ndarray:
    return np.random.default_rng(0).integers(MASK + 1, SIZE, (rows, length))


def test_shares() -> None:
    symbols = texts(400, 60)
    fed, asked = masked(symbols, None, np.arange(400), KEY, 0.15, MASK, SIZE)
    there = asked > 0
    assert (there.sum(axis=1) == 9).all(), "the same share of every text"
    assert (asked[there] == symbols[there]).all() and (fed[~there] == symbols[~there]).all()
    assert (fed[there] == MASK).mean() == pytest.approx(0.8, abs=0.02)
    assert (fed[there] == symbols[there]).mean() == pytest.approx(0.1, abs=0.02)
    assert fed[there].min() == MASK and fed.max() < SIZE


def test_an_example_is_masked_alike_in_any_company() -> None:
    symbols = texts(30, 40)
    fed, asked = masked(symbols, None, np.arange(30), KEY, 0.15, MASK, SIZE)
    chosen = np.array([17, 4])
    padded = np.pad(symbols[chosen], ((0, 0), (0, 9)))
    alone, asked_alone = masked(padded, None, chosen, KEY, 0.15, MASK, SIZE)
    assert (alone[:, :40] == fed[chosen]).all() and (asked_alone[:, :40] == asked[chosen]).all()
    assert not asked_alone[:, 40:].any()


def test_epochs_and_seeds_differ() -> None:
    symbols = texts(5, 40)
    first = masked(symbols, None, np.arange(5), (1, 0), 0.15, MASK, SIZE)[1]
    for key in ((1, 1), (2, 0)):
        assert (masked(symbols, None, np.arange(5), key, 0.15, MASK, SIZE)[1] != first).any()


def test_what_stands_for_no_character_is_left_alone() -> None:
    symbols = np.array([[1, 2, 9, 1], [1, 1, 2, 0], [0, 0, 0, 0]])
    fed, asked = masked(symbols, None, np.arange(3), KEY, 0.15, MASK, SIZE)
    assert asked[0].tolist() == [0, 0, 9, 0], "one at least"
    assert not asked[1:].any() and (fed[1:] == symbols[1:]).all()


def test_words_are_left_out_as_a_whole() -> None:
    starts = np.tile(np.arange(60) // 3 * 3, (200, 1))
    _, asked = masked(texts(200, 60), starts, np.arange(200), KEY, 0.15, MASK, SIZE)
    by_word = (asked > 0).reshape(200, 20, 3).sum(axis=2)
    assert set(np.unique(by_word)) == {0, 3}
    assert (by_word > 0).sum(axis=1).tolist() == [3] * 200


def test_where_words_begin() -> None:
    assert word_starts("今天天气，GPT 3.5好").tolist() == [0, 0, 2, 2, 4, 5, 5, 5, 8, 9, 9, 9, 12]
    assert word_starts("").tolist() == []
