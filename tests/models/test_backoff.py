"""Back-off models: what they say, how they are mixed, how they are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.models.backoff import BackoffModel, mix
from studio.models.kneser_ney import estimate
from studio.models.word_ngrams import WordTable, unit_model

SIZE = 7
texts = st.lists(st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=9), min_size=1, max_size=12)


def model_of(sequences: list[list[int]], order: int = 3, least: tuple[int, ...] = ()) -> BackoffModel:
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sequences])])
    return estimate(np.concatenate([np.array(s) for s in sequences]), offsets, SIZE, order, least)


def contexts_of(sequences: list[list[int]], model: BackoffModel) -> np.ndarray:
    rows = [[model.beginning] * (model.order - 1)]
    for sequence in sequences:
        padded = [*[model.beginning] * (model.order - 1), *sequence, 3, 1, model.unknown]
        rows += [padded[i : i + model.order - 1] for i in range(len(padded) - model.order + 1)]
    return np.array(rows, np.int64)


def sums(model: BackoffModel, contexts: np.ndarray) -> np.ndarray:
    everything = np.broadcast_to(np.arange(model.units + 3), (len(contexts), model.units + 3))
    return np.exp(model.score(contexts, everything).astype(np.float64)).sum(axis=1)


@given(texts)
def test_after_every_context_the_probabilities_sum_to_one(sequences: list[list[int]]) -> None:
    for least in ((), (1, 1, 2), (1, 2, 3)):
        model = model_of(sequences, least=least)
        np.testing.assert_allclose(sums(model, contexts_of(sequences, model)), 1, atol=1e-4)


@given(texts, texts, st.floats(0.1, 0.9))
def test_a_mixture_sums_to_one_and_lies_between(
    first: list[list[int]], second: list[list[int]], weight: float
) -> None:
    models = [model_of(first), model_of(second)]
    mixed = mix(models, [weight, 1 - weight])
    contexts = contexts_of(first, mixed)
    np.testing.assert_allclose(sums(mixed, contexts), 1, atol=1e-3)
    # Where an n-gram is known to either, its probability is exactly the mean.
    grams = mixed.levels[2].keys
    parts = [np.exp(model.log_of(grams, 3).astype(np.float64)) for model in models]
    expected = weight * parts[0] + (1 - weight) * parts[1]
    np.testing.assert_allclose(np.exp(mixed.log_of(grams, 3)), expected, rtol=1e-4)


def test_what_was_seen_is_likelier_and_the_end_is_known() -> None:
    model = model_of([[1, 2, 3]] * 5 + [[1, 4, 3]])
    after_one = np.array([[model.beginning, 1]])
    seen, rare, never = (float(model.score(after_one, np.array([u]))[0]) for u in (2, 4, 5))
    assert seen > rare > never
    ends = model.sentence(np.array([1, 2, 3]))
    assert len(ends) == 4
    assert ends[-1] > np.log(0.5)


def test_discounts_and_continuation_counts_as_by_hand() -> None:
    # One bigram each, so every count of counts is tiny and the discount of 1 is its bound of 0.9 (n1 only).
    model = model_of([[0, 1], [2, 1], [3, 1], [4, 5]], order=2)
    # After how many different units: 1 after three, 5 after one; 0, 2, 3, 4 after the beginning alone; end twice.
    tally = np.array([1, 3, 1, 1, 1, 1, 2], float)
    single = np.exp(model.levels[0].log.astype(np.float64))
    assert single[1] > single[5]
    assert single[1] / single[5] == pytest.approx(
        ((3 - _discount(tally, 3)) + _spread(tally)) / ((1 - _discount(tally, 1)) + _spread(tally)), rel=1e-4
    )


def _discount(tally: np.ndarray, count: int) -> float:
    numbers = [max(int((tally == n).sum()), 1) for n in (1, 2, 3, 4)]
    base = numbers[0] / (numbers[0] + 2 * numbers[1])
    exact = count - (count + 1) * base * numbers[count] / numbers[count - 1]
    return float(np.clip(exact, 0.1, count - 0.1))


def _spread(tally: np.ndarray) -> float:
    return sum(_discount(tally, int(count)) for count in tally) / (SIZE + 2)


def test_words_say_what_follows_inside_them() -> None:
    table = WordTable.of_words([[1, 2], [1, 2, 3], [4]], np.array([6.0, 2.0, 2.0]))
    model = unit_model(table, SIZE, 3)
    np.testing.assert_allclose(sums(model, contexts_of([[1, 2, 3]], model)), 1, atol=1e-4)
    after_one = np.array([[5, 1]])
    assert np.exp(model.score(after_one, np.array([2]))[0]) > 0.9
    three = float(np.exp(model.score(np.array([[1, 2]]), np.array([3]))[0]))
    # 2 of the 8 times that 1 2 is written; the other 6 say nothing and leave it to what follows 2 and to 3 itself.
    after_two = float(np.exp(model.score(np.array([[model.unknown, 2]]), np.array([3]))[0]))
    assert three == pytest.approx(0.25 + 0.75 * after_two, rel=1e-4)


def test_pairs_and_triples_say_what_follows_across_the_seam() -> None:
    words = WordTable.of_words([[1], [2], [3]], np.array([1.0, 1.0, 1.0]))
    pairs = np.array([[0, 1], [1, 2]])
    table = WordTable(
        words.units,
        words.lengths,
        words.single,
        pairs,
        np.array([0.3, 0.3]),
        np.array([[0, 1, 2]]),
        np.array([0.29]),
    )
    model = unit_model(table, SIZE, 3)
    assert np.exp(model.score(np.array([[5, 1]]), np.array([2]))[0]) == pytest.approx(0.9, abs=0.05)
    assert np.exp(model.score(np.array([[1, 2]]), np.array([3]))[0]) == pytest.approx(0.97, abs=0.03)


def test_too_long_ngrams_and_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        estimate(np.array([1]), np.array([0, 1]), 60_000, order=4)
    with pytest.raises(ValueError, match="no text"):
        estimate(np.array([], np.int64), np.array([0]), SIZE)
