"""What counts say of one place in a text whose both sides are known: a blank, or a character that may be wrong.

How well a symbol fits is the chance of the whole text with it, of which only the n-grams that hold the place differ
from one symbol to another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.models.backoff import BackoffModel

_ROWS = 16  # places for which all symbols are looked at together
_LOOKED_AT = 4  # times as many symbols as are wanted are compared on both sides in full
NOTHING = -1
"""Stands in the place of a candidate where there are fewer."""


@dataclass(frozen=True)
class Place:
    """Places in rows of text, and what stands around them.

    Attributes:
        around: what n-grams may hold, int64 [places, 2 * order - 1], the place in the middle: the beginning before a
            text, the end behind it, `NOTHING` further on.
    """

    around: np.ndarray
    order: int

    @classmethod
    def of(
        cls,
        ngrams: BackoffModel,
        symbols: np.ndarray,
        lengths: np.ndarray,
        rows: np.ndarray,
        places: np.ndarray,
        blank: int,
    ) -> Place:
        """Some places of `symbols` [rows, length], of which `lengths` [rows] stand there; `blank` is no symbol."""
        order = ngrams.order
        length = symbols.shape[1]
        padded = np.full((len(symbols), length + 2 * order), NOTHING, np.int64)
        padded[:, :order] = ngrams.beginning
        there = np.arange(length) < lengths[:, None]
        padded[:, order : order + length][there] = np.where(symbols == blank, ngrams.unknown, symbols)[there]
        padded[np.arange(len(symbols)), order + lengths] = ngrams.end
        return cls(padded[rows[:, None], places[:, None] + np.arange(1, 2 * order)], order)


def support(ngrams: BackoffModel, place: Place, candidates: np.ndarray) -> np.ndarray:
    """Summed log-probabilities of the n-grams that hold each place.

    Args:
        candidates: symbols, int64 [places, columns], `NOTHING` where there is none.

    Returns:
        float32 [places, columns], minus infinity where there is no candidate.
    """
    order, middle = place.order, place.order - 1
    asked, column = np.nonzero(candidates != NOTHING)
    text = place.around[asked]
    text[:, middle] = candidates[asked, column]
    total = np.zeros(len(asked), np.float32)
    for step in range(order):
        target = text[:, middle + step]
        known = (target != NOTHING) & (target != ngrams.unknown)
        context = text[known, step : middle + step]
        total[known] += ngrams.score(context, target[known])
    found = np.full(candidates.shape, -np.inf, np.float32)
    found[asked, column] = total
    return found


def likely(ngrams: BackoffModel, place: Place, first: int, count: int) -> np.ndarray:
    """The symbols from `first` on that counts find likeliest at each place, best first: int64 [places, count].

    All are looked at with what stands before the place and the one symbol behind it; the best of these in full.
    """
    everything = np.arange(first, ngrams.units)
    most = min(count * _LOOKED_AT, len(everything))
    behind = np.full((len(everything), ngrams.order - 1), ngrams.unknown, np.int64)
    behind[:, -1] = everything
    chosen = np.zeros((len(place.around), most), np.int64)
    follows: dict[int, np.ndarray] = {}  # by the symbol behind: how likely it is after each symbol
    for start in range(0, len(place.around), _ROWS):
        part = place.around[start : start + _ROWS]
        fits = ngrams.score(part[:, : place.order - 1], np.tile(everything, (len(part), 1)))
        for row, after in enumerate(part[:, place.order].tolist()):
            if after in (NOTHING, ngrams.unknown):
                continue
            if after not in follows:
                follows[after] = ngrams.score(behind, np.full(len(everything), after))
            fits[row] += follows[after]
        chosen[start : start + _ROWS] = everything[np.argpartition(-fits, most - 1, axis=1)[:, :most]]
    fits = support(ngrams, place, chosen)
    best = np.argsort(-fits, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(chosen, best, axis=1)
