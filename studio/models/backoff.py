"""Back-off n-gram models over numbered units, as sorted arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_FEW = 4  # units after each context that are looked for at once
NEVER = -70.0  # natural logarithm for what cannot come, kept finite so that sums stay numbers
_LEAST = 1e-6  # share that a context leaves at least, where rounding would leave nothing


@dataclass(frozen=True)
class Level:
    """The n-grams of one length.

    Attributes:
        keys: each n-gram packed into one number, oldest unit in the highest bits, ascending: int64 [grams].
            Empty for single units, which are found by their number.
        log: natural log-probability of the last unit given those before it: float32 [grams].
        back: log-weight with which shorter contexts count after this n-gram: float32 [grams].
    """

    keys: np.ndarray
    log: np.ndarray
    back: np.ndarray


@dataclass(frozen=True)
class BackoffModel:
    """p(unit | context) as in Katz 1987 and ARPA files: the longest n-gram known, or weighted shorter ones.

    Attributes:
        levels: n-grams of length 1, 2, ... The first holds every unit and, behind them, what stands for an
            unknown one, for the beginning and for the end.
    """

    levels: tuple[Level, ...]

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return len(self.levels)

    @property
    def units(self) -> int:
        """Number of units, the three special ones left out."""
        return len(self.levels[0].log) - 3

    @property
    def unknown(self) -> int:
        """Stands for any other unit."""
        return self.units

    @property
    def beginning(self) -> int:
        """Stands before the first unit."""
        return self.units + 1

    @property
    def end(self) -> int:
        """Stands behind the last unit."""
        return self.units + 2

    @cached_property
    def bits(self) -> int:
        """Bits of a packed key for each unit."""
        return bits_for(self.units)

    def score(self, contexts: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Log-probabilities of units after contexts.

        Args:
            contexts: int64 [rows, order - 1], oldest first, filled up in front with `beginning`.
            units: int64 [rows, columns] or [rows].

        Returns:
            float32, shaped as `units`.
        """
        column = units[:, None] if units.ndim == 1 else units
        log = self.levels[0].log[column]
        context = np.zeros(len(contexts), np.int64)
        for length in range(2, self.order + 1):
            oldest = contexts[:, self.order - length].astype(np.int64)
            context = context | oldest << self.bits * (length - 2)
            back = self.back(length - 1, context)
            level = self.levels[length - 1]
            log = log + back[:, None]
            keys = context << self.bits
            rows = slice(None) if column.shape[1] < _FEW else _continued(level.keys, keys, self.bits)
            log[rows] = _value(level.keys, level.log, keys[rows, None] | column[rows], log[rows])
        return log[:, 0] if units.ndim == 1 else log

    def log_of(self, grams: np.ndarray, length: int) -> np.ndarray:
        """Log-probability of the last unit of packed n-grams [grams] of one length given those before it."""
        level = self.levels[length - 1]
        if length == 1:
            return level.log[grams]
        known, place = find(level.keys, grams)
        log = level.log[place] if len(level.log) else np.zeros(len(grams), np.float32)
        rest = grams[~known]
        if len(rest):
            shorter = self.log_of(rest & (1 << self.bits * (length - 1)) - 1, length - 1)
            log[~known] = self.back(length - 1, rest >> self.bits) + shorter
        return log

    def back(self, length: int, contexts: np.ndarray) -> np.ndarray:
        """Back-off weights of packed contexts of one length; 0 for unknown ones."""
        level = self.levels[length - 1]
        if length == 1:
            return level.back[contexts]
        return _value(level.keys, level.back, contexts, np.zeros(len(contexts), np.float32))

    def sentence(self, units: np.ndarray) -> np.ndarray:
        """Log-probabilities of each unit of one sequence and of its end: float32 [units + 1]."""
        padded = np.concatenate([np.full(self.order - 1, self.beginning), units, [self.end]]).astype(np.int64)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.order)
        return self.score(windows[:, :-1], windows[:, -1])


def bits_for(units: int) -> int:
    """Bits that hold any of so many units and the three special ones."""
    return int(units + 2).bit_length()


def find(keys: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether sorted `keys` hold each of `wanted`, and where; places of absent ones mean nothing."""
    if not len(keys):
        return np.zeros(wanted.shape, bool), np.zeros(wanted.shape, np.int64)
    place = np.searchsorted(keys, wanted)
    place[place == len(keys)] = 0
    return keys[place] == wanted, place


def _continued(keys: np.ndarray, first: np.ndarray, bits: int) -> np.ndarray:
    """Which contexts begin any n-gram, `first` being the least key that each of them could begin.

    Most long contexts were never seen, and asking this once saves looking for each of their units.
    """
    return np.flatnonzero(np.searchsorted(keys, first) < np.searchsorted(keys, first + (1 << bits)))


def _value(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """The value of each wanted key, and what `otherwise` says of those that there are not."""
    if not len(keys):
        return otherwise
    known, place = find(keys, wanted)
    return np.where(known, values[place], otherwise)


def mix(models: Sequence[BackoffModel], weights: Sequence[float]) -> BackoffModel:
    """One model whose probabilities are the weighted means of several models', where any of them knows the n-gram.

    Back-off weights are found anew, so that each context's probabilities sum to 1 (static interpolation as in
    SRILM, Stolcke 2002).

    Args:
        models: over the same units and of the same order.
        weights: positive, summing to 1.

    Raises:
        ValueError: if the models do not go together.
    """
    first = models[0]
    if any(model.units != first.units or model.order != first.order for model in models):
        raise ValueError("only models of the same units and order can be mixed")
    single = _mean([model.levels[0].log for model in models], weights)
    levels = [single_units(single)]
    for length in range(2, first.order + 1):
        keys = np.unique(np.concatenate([model.levels[length - 1].keys for model in models]))
        logs = _mean([model.log_of(keys, length) for model in models], weights)
        levels.append(normalised(levels, keys, logs))
    return BackoffModel(tuple(levels))


def single_units(log: np.ndarray) -> Level:
    """The first level, of log-probabilities [units + 3]; what they weigh as contexts is set with the next one."""
    return Level(np.zeros(0, np.int64), log.astype(np.float32), np.zeros(len(log), np.float32))


def interpolated(
    levels: Sequence[Level], keys: np.ndarray, share: np.ndarray, left: np.ndarray, owner: np.ndarray
) -> Level:
    """The next level: each n-gram's own share, and of what its context leaves, the shorter n-gram's.

    Args:
        levels: those of shorter n-grams; their contexts' weights are still to be set.
        keys: the packed n-grams, ascending.
        share: that each n-gram takes of its context.
        left: what each context leaves; `owner` [grams] says which of them is an n-gram's.
    """
    shorter = BackoffModel(tuple(levels))
    below = shorter.log_of(keys & (1 << shorter.bits * len(levels)) - 1, len(levels)).astype(np.float64)
    log = np.log(share + left[owner] * np.exp(below))
    return Level(keys, log.astype(np.float32), np.zeros(len(keys), np.float32))


def normalised(levels: Sequence[Level], keys: np.ndarray, log: np.ndarray) -> Level:
    """The next level, of n-grams with known log-probabilities.

    What their contexts weigh is set in the last of `levels`, so that all probabilities after each of them sum to 1.
    """
    shorter = BackoffModel(tuple(levels))
    below = shorter.log_of(keys & (1 << shorter.bits * len(levels)) - 1, len(levels)).astype(np.float64)
    owners, owner = owners_of(keys, shorter.bits)
    left = np.maximum(1 - np.bincount(owner, np.exp(log.astype(np.float64))), _LEAST)
    left_below = np.maximum(1 - np.bincount(owner, np.exp(below)), _LEAST)
    set_back(levels[-1], owners, np.log(left / left_below))
    return Level(keys, log.astype(np.float32), np.zeros(len(keys), np.float32))


def owners_of(keys: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """The contexts of packed n-grams, ascending like these, and for each n-gram the number of its context."""
    contexts = keys >> bits
    first = np.ones(len(keys), bool)
    first[1:] = contexts[1:] != contexts[:-1]
    return contexts[first], np.cumsum(first) - 1


def set_back(level: Level, contexts: np.ndarray, weights: np.ndarray) -> None:
    """Give the n-grams `contexts` of a level that is being built their back-off weights."""
    if len(level.back) > len(level.keys):  # single units, found by their number
        level.back[contexts] = weights
        return
    known, place = find(level.keys, contexts)
    level.back[place[known]] = weights[known]


def _mean(logs: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    total = np.log(weights[0]) + logs[0].astype(np.float64)
    for log, weight in zip(logs[1:], weights[1:], strict=True):
        total = np.logaddexp(total, np.log(weight) + log)
    return total
