"""Smaller models: what stays, what it says, what that costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.models.backoff import BackoffModel, find
from studio.models.kneser_ney import estimate
from studio.models.packed_ngrams import pack
from studio.models.pruning import _Masses, prune
from tests.models.test_backoff import contexts_of, model_of, sums, texts


def size(model: BackoffModel) -> int:
    return sum(len(level.keys) for level in model.levels)


@given(texts, st.floats(0, 1))
def test_what_is_left_sums_to_one_and_keeps_its_probabilities(
    sequences: list[list[int]], share: float
) -> None:
    model = model_of(sequences)
    most = int(share * size(model))
    smaller = prune(model, most)
    assert size(smaller) == min(most, size(model))
    np.testing.assert_allclose(sums(smaller, contexts_of(sequences, smaller)), 1, atol=1e-3)
    for length in (2, 3):
        before, after = model.levels[length - 1], smaller.levels[length - 1]
        known, place = find(before.keys, after.keys)
        assert known.all()
        np.testing.assert_array_equal(before.log[place], after.log)
    pack(smaller)  # every n-gram still has its context


def markov(sentences: int, seed: int, size: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Text in which each unit makes some next ones likely, the rarer ones by the two before: the same rule always."""
    rules = np.random.default_rng(5)
    by_one = rules.dirichlet(np.full(size, 0.1), size=size)
    by_two = rules.dirichlet(np.full(size, 0.05), size=(size, size))
    rule = (0.8 * by_one + 0.2 * by_two).cumsum(axis=2)
    random = np.random.default_rng(seed)
    units = np.zeros((sentences, 12), np.int64)
    units[:, :2] = random.integers(0, size, (sentences, 2))
    for place in range(2, 12):
        chance = random.random(sentences)
        rows = rule[units[:, place - 2], units[:, place - 1]]
        units[:, place] = np.minimum((rows < chance[:, None]).sum(axis=1), size - 1)
    return units.ravel(), np.arange(sentences + 1) * 12


def fit(model: BackoffModel, seed: int) -> float:
    """Mean log-likelihood of a unit of new text."""
    units, _ = markov(50, seed)
    return float(np.concatenate([model.sentence(row) for row in units.reshape(-1, 12)]).mean())


def test_half_of_the_ngrams_tell_nearly_all_and_more_than_a_random_half() -> None:
    units, offsets = markov(800, 1)
    model = estimate(units, offsets, 60, 3)
    half = prune(model, size(model) // 2)
    whole, smaller = fit(model, 2), fit(half, 2)
    assert smaller > whole - 0.02
    # The same number by chance, with what their contexts need.
    random = np.random.default_rng(3).random(size(model))
    assert smaller > fit(_by_worth(model, random, size(model) // 2), 2) + 0.03
    nothing = prune(model, 0)
    assert size(nothing) == 0
    np.testing.assert_allclose(nothing.levels[0].log, model.levels[0].log)


def _by_worth(model: BackoffModel, worth: np.ndarray, most: int) -> BackoffModel:
    from studio.models.pruning import _cut

    stays = [np.zeros(len(level.keys), bool) for level in model.levels[1:]]
    longest = len(stays[0])
    chosen = np.argsort(-worth)[:most]
    stays[0][chosen[chosen < longest]] = True
    trigrams = chosen[chosen >= longest] - longest
    stays[1][trigrams] = True
    _, place = find(model.levels[1].keys, model.levels[2].keys[trigrams] >> model.bits)
    stays[0][place] = True
    return _cut(model, stays)


def test_nothing_to_prune_and_nonsense() -> None:
    model = model_of([[1, 2, 3]])
    assert prune(model, 1000) is model
    with pytest.raises(ValueError, match="0 or more"):
        prune(model, -1)


GROUPS = np.array([0, 0, 1, 1, 1, 2, 2, 3, 4, 5])  # of the seven units of `texts`, and the special ones


@given(texts)
def test_masses_of_groups_are_sums_over_their_units(sequences: list[list[int]]) -> None:
    model = model_of(sequences)
    masses = _Masses(model, GROUPS)
    everything = np.arange(model.units + 3)[None, :]
    for length in (2, 3):
        keys = model.levels[length - 1].keys
        below, found = masses.go_on(length)
        assert len(below) == len(found) == len(keys)
        for key, mass in zip(keys.tolist(), found, strict=True):
            units = [key >> model.bits * place & (1 << model.bits) - 1 for place in range(length - 1, -1, -1)]
            # Another unit as the oldest would make a longer n-gram of it; one that never is a context does not.
            context = np.array([[*[model.unknown] * (model.order - length), *units[:-1]]])
            share = np.exp(model.score(context, everything)[0].astype(np.float64))
            assert mass == pytest.approx(share[GROUPS[units[-1]] == GROUPS].sum(), abs=1e-3)


def choice(model: BackoffModel, groups: np.ndarray, seed: int) -> float:
    """Mean log-likelihood of a unit of new text among those of its group."""
    units, _ = markov(50, seed)
    rows = units.reshape(-1, 12)
    contexts = np.stack([rows[:, :-2].ravel(), rows[:, 1:-1].ravel()], axis=1)
    right = rows[:, 2:].ravel()
    logs = model.score(contexts, np.broadcast_to(np.arange(model.units), (len(right), model.units)))
    among = np.where(groups[None, : model.units] == groups[right][:, None], logs, -np.inf)
    return float((logs[np.arange(len(right)), right] - np.logaddexp.reduce(among, axis=1)).mean())


def test_where_groups_are_known_the_ngrams_that_decide_within_them_stay() -> None:
    units, offsets = markov(3000, seed=1)
    model = estimate(units, offsets, 60, 3)
    groups = np.concatenate([np.arange(60) // 6, 10 + np.arange(3)])
    most = size(model) // 12
    plain, chosen = prune(model, most), prune(model, most, groups)
    assert size(plain) == size(chosen)
    assert choice(chosen, groups, 2) > choice(plain, groups, 2)
    assert fit(plain, 2) > fit(chosen, 2)


def test_alone_in_their_groups_units_stay_by_what_they_say_at_all() -> None:
    units, offsets = markov(500, seed=1)
    model = estimate(units, offsets, 60, 3)
    alone = prune(model, 300, np.arange(63))
    for one, other in zip(alone.levels, prune(model, 300).levels, strict=True):
        np.testing.assert_array_equal(one.keys, other.keys)
