"""Every example once, within the budget, in an order that seed and epoch alone decide."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.batching import draw_lexicon, epoch_batches
from studio.data.dataset import Split, offsets_of

LENGTHS = st.lists(st.integers(0, 60), max_size=200).map(lambda lengths: np.array(lengths, np.int64))


def lexicon(lengths: list[int], weights: list[float]) -> Split:
    total = sum(lengths)
    return Split(
        text=np.full(total, ord("字"), np.uint32),
        syllables=np.zeros(total, np.uint16),
        offsets=offsets_of(lengths),
        source=np.zeros(len(lengths), np.uint8),
        weight=np.array(weights, np.float32),
    )


@given(LENGTHS, st.integers(1, 300), st.integers(0, 2**31), st.integers(0, 50))
def test_batches_hold_every_example_once_within_the_budget(
    lengths: np.ndarray, budget: int, seed: int, epoch: int
) -> None:
    batches = epoch_batches(lengths, budget, seed, epoch)
    assert sorted(np.concatenate([[], *batches])) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * lengths[batch].max() <= budget
    again = epoch_batches(lengths, budget, seed, epoch)
    assert all(np.array_equal(a, b) for a, b in zip(batches, again, strict=True))


def test_little_is_padding_and_batches_are_full() -> None:
    lengths = np.random.default_rng(0).integers(2, 49, 20_000)
    batches = epoch_batches(lengths, 4096, 1, 0)
    padded = sum(len(batch) * int(lengths[batch].max()) for batch in batches)
    assert padded < 1.02 * lengths.sum()
    assert padded > 0.9 * 4096 * len(batches)


def test_epochs_and_seeds_differ_and_batches_come_in_no_order_of_length() -> None:
    lengths = np.random.default_rng(0).integers(2, 49, 5000)
    first, second, other = (epoch_batches(lengths, 2048, *key) for key in ((1, 0), (1, 1), (2, 0)))
    assert not np.array_equal(first[0], second[0])
    assert not np.array_equal(first[0], other[0])
    longest = [lengths[batch].max() for batch in first]
    assert longest != sorted(longest)
    assert list(first[0]) != sorted(first[0])


def test_the_order_is_fixed_for_good() -> None:
    # A run that is resumed by a newer studio must go on with the same batches.
    batches = epoch_batches(np.array([3, 5, 2, 4, 3, 2, 5, 4]), 8, 1, 0)
    assert [batch.tolist() for batch in batches] == [[3, 7], [1], [6], [0, 4], [5, 2]]


def test_three_hundred_thousand_examples_take_a_moment() -> None:
    lengths = np.random.default_rng(0).integers(2, 49, 300_000)
    started = time.process_time()
    epoch_batches(lengths, 8192, 1, 0)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("budget", [0, -5])
def test_an_impossible_budget_is_refused(budget: int) -> None:
    with pytest.raises(ValueError, match=str(budget)):
        epoch_batches(np.array([3]), budget, 1, 0)


def test_no_examples_make_no_batches() -> None:
    assert epoch_batches(np.empty(0, np.int64), 10, 1, 0) == []


@given(st.lists(st.integers(1, 8), min_size=1, max_size=30), st.integers(1, 500), st.integers(0, 9))
def test_drawn_words_fill_the_positions_and_no_more(lengths: list[int], positions: int, epoch: int) -> None:
    words = lexicon(lengths, [1.0] * len(lengths))
    drawn = draw_lexicon(words, positions, 1, epoch)
    total = words.lengths[drawn].sum()
    assert positions <= total < positions + 8
    assert np.array_equal(drawn, draw_lexicon(words, positions, 1, epoch))


def test_frequent_words_are_drawn_more_often_by_the_root_of_their_weight() -> None:
    drawn = draw_lexicon(lexicon([2, 2], [900.0, 100.0]), 40_000, 1, 0)
    assert np.mean(drawn == 0) == pytest.approx(0.75, abs=0.02)
    drawn = draw_lexicon(lexicon([2, 2], [900.0, 100.0]), 40_000, 1, 0, power=1.0)
    assert np.mean(drawn == 0) == pytest.approx(0.9, abs=0.02)


def test_nothing_is_drawn_from_nothing() -> None:
    assert len(draw_lexicon(lexicon([], []), 100, 1, 0)) == 0
    assert len(draw_lexicon(lexicon([2], [1.0]), 0, 1, 0)) == 0


def test_words_without_weights_are_drawn_evenly() -> None:
    drawn = draw_lexicon(lexicon([1, 1], [0.0, 0.0]), 2000, 1, 0)
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.05)
