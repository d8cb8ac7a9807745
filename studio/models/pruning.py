"""Making back-off models smaller: n-grams that say little more than shorter ones are left out.

Each n-gram is worth the relative entropy between the model with it and the model without it (Stolcke 1998,
"Entropy-based pruning of backoff language models"). Where units are chosen among others of a group (characters among
those of the syllable that was typed), an n-gram is worth what it says about that choice: with p(u|h) becoming p'(u|h)
and the mass Z of the group becoming Z' = Z - p + p', the relative entropy of the choice is

    p(h) (p log(p / p') + Z log(Z' / Z)).

An n-gram that makes a syllable likelier but not one of its characters is then worth nothing but a tenth of the former,
which is for those who choose between syllables.
"""

from __future__ import annotations

import numpy as np

from studio.models.backoff import BackoffModel, Level, find, normalised, owners_of

_LEAST = 1e-6  # share that a context leaves at least
_OUTSIDE = 0.1  # of what an n-gram says at all, beside what it says about the choice within groups; measured


def prune(model: BackoffModel, most: int, groups: np.ndarray | None = None) -> BackoffModel:
    """The model with its `most` most telling n-grams of two and more units; single units all stay.

    Args:
        groups: among which units a choice is made, if it is not among all: for each unit and the three special ones the
            number of its group, below their count and ascending: int64 [units + 3].

    Contexts of n-grams that stay are kept with them. Probabilities of n-grams that stay are the same as before,
    and what contexts weigh is found anew, so that after each of them probabilities sum to 1.

    Raises:
        ValueError: if `most` is negative.
    """
    if most < 0:
        raise ValueError(f"{most} n-grams cannot be kept; give 0 or more")
    if sum(len(level.keys) for level in model.levels[1:]) <= most:
        return model
    worths = [_worth(model, length) for length in range(2, model.order + 1)]
    if groups is not None:
        choices = _worths_of_choices(model, groups)
        worths = [choice + _OUTSIDE * worth for choice, worth in zip(choices, worths, strict=True)]
    for number in range(len(worths) - 1, 0, -1):
        # A context is worth what the best n-gram is that needs it, so no n-gram ever loses its context.
        owners, owner = owners_of(model.levels[number + 1].keys, model.bits)
        best = np.full(len(owners), -np.inf)
        np.maximum.at(best, owner, worths[number])
        _, place = find(model.levels[number].keys, owners)
        worths[number - 1][place] = np.maximum(worths[number - 1][place], best)
    return _cut(model, _kept(worths, most))


def _kept(worths: list[np.ndarray], most: int) -> list[np.ndarray]:
    """Which n-grams of each length stay. Of equal worth, the shorter ones do: their contexts are among them."""
    together = np.concatenate(worths)
    stays = np.zeros(len(together), bool)
    stays[np.argsort(-together, kind="stable")[:most]] = True
    return np.split(stays, np.cumsum([len(worth) for worth in worths])[:-1])


def _worth(model: BackoffModel, length: int) -> np.ndarray:
    """What leaving out each n-gram of a length alone would cost, in nats a unit: float64 [grams]."""
    level, bits = model.levels[length - 1], model.bits
    owners, owner = owners_of(level.keys, bits)
    log = level.log.astype(np.float64)
    below = model.log_of(level.keys & (1 << bits * (length - 1)) - 1, length - 1).astype(np.float64)
    share, share_below = np.exp(log), np.exp(below)
    left = np.maximum(1 - np.bincount(owner, share, minlength=len(owners)), _LEAST)[owner]
    left_below = np.maximum(1 - np.bincount(owner, share_below, minlength=len(owners)), _LEAST)[owner]
    weight = np.log(left / left_below)
    weight_without = np.log((left + share) / (left_below + share_below))
    change = share * (log - below - weight_without) + left * (weight - weight_without)
    return np.exp(_log_of_contexts(model, owners, length - 1))[owner] * change


def _worths_of_choices(model: BackoffModel, groups: np.ndarray) -> list[np.ndarray]:
    """What leaving out each n-gram alone would cost whoever chooses within its group: float64 [grams] by length."""
    masses = _Masses(model, groups)
    found = []
    for length in range(2, model.order + 1):
        level = model.levels[length - 1]
        share = np.exp(level.log.astype(np.float64))
        share_below, mass = masses.go_on(length)
        mass = np.maximum(mass, share)
        owners, owner = owners_of(level.keys, model.bits)
        change = share * np.log(share / share_below) + mass * np.log((mass - share + share_below) / mass)
        found.append(np.exp(_log_of_contexts(model, owners, length - 1))[owner] * change)
    return found


class _Masses:
    """How likely each group of units is after each context that has n-grams with units of it."""

    def __init__(self, model: BackoffModel, groups: np.ndarray) -> None:
        self._model, self._groups = model, groups
        single = np.exp(model.levels[0].log.astype(np.float64))
        self._single = np.bincount(groups, single, minlength=len(groups))
        self._keys: list[
            np.ndarray
        ] = []  # by length from two on: packed contexts with a group behind them, ascending
        self._masses: list[np.ndarray] = []

    def go_on(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Of the next longer n-grams: their probabilities were they not known, and the masses of their groups."""
        model, bits = self._model, self._model.bits
        level = model.levels[length - 1]
        weight = np.exp(model.back(length - 1, level.keys >> bits).astype(np.float64))
        shorter = level.keys & (1 << bits * (length - 1)) - 1
        below = weight * np.exp(model.log_of(shorter, length - 1).astype(np.float64))
        keys, owner = _groups_of(level.keys, self._groups, bits)
        first = np.searchsorted(owner, np.arange(len(keys)))
        added = np.bincount(owner, np.exp(level.log.astype(np.float64)) - below, minlength=len(keys))
        mass = added + weight[first] * self._of(keys & (1 << bits * (length - 1)) - 1, length - 1)
        self._keys.append(keys)
        self._masses.append(np.maximum(mass, _LEAST**2))
        return below, self._masses[-1][owner]

    def _of(self, keys: np.ndarray, length: int) -> np.ndarray:
        if length == 1:
            return self._single[keys]
        known, place = find(self._keys[length - 2], keys)
        mass = self._masses[length - 2][place] if len(self._keys[length - 2]) else np.zeros(len(keys))
        rest = keys[~known]
        if len(rest):
            weight = np.exp(self._model.back(length - 1, rest >> self._model.bits).astype(np.float64))
            mass[~known] = weight * self._of(rest & (1 << self._model.bits * (length - 1)) - 1, length - 1)
        return mass


def _groups_of(keys: np.ndarray, groups: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Packed n-grams with their last unit's group instead of it, each once; and for each n-gram which it has."""
    grouped = keys >> bits << bits | groups[keys & (1 << bits) - 1]
    first = np.ones(len(grouped), bool)
    first[1:] = grouped[1:] != grouped[:-1]
    return grouped[first], np.cumsum(first) - 1


def _log_of_contexts(model: BackoffModel, contexts: np.ndarray, length: int) -> np.ndarray:
    """Log-probabilities of whole packed contexts; a beginning is as likely as an end."""
    single = model.levels[0].log.astype(np.float64)
    single[model.beginning] = single[model.end]
    total = np.zeros(len(contexts))
    for size in range(1, length + 1):
        grams = contexts >> model.bits * (length - size)
        total += single[grams] if size == 1 else model.log_of(grams, size)
    return total


def _cut(model: BackoffModel, kept: list[np.ndarray]) -> BackoffModel:
    first = model.levels[0]
    levels = [Level(first.keys, first.log, np.zeros_like(first.log))]
    for level, stays in zip(model.levels[1:], kept, strict=True):
        levels.append(normalised(levels, level.keys[stays], level.log[stays]))
    return BackoffModel(tuple(levels))
