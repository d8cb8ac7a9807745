"""Confidence intervals by drawing the items anew, without judging any of them again.

The percentile bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13): as many units as
there are get drawn with replacement, the figures are worked out from the sums of what was drawn, and the interval lies
between two quantiles of the figures of many such draws. A unit is a document where documents are known, since its
clauses are alike (the cluster bootstrap; Davison and Hinkley 1997, Bootstrap Methods and their Application, 3.8).
"""

from __future__ import annotations

import numpy as np

REPLICATES, LEVEL, SEED = 1000, 0.95, 20_231_105
_AT_ONCE = 4 << 20  # draws held at a time


def grouped(counts: np.ndarray, units: np.ndarray | None) -> np.ndarray:
    """The counts of items summed unit by unit.

    Args:
        counts: [items, counts].
        units: which unit each item belongs to, any integers [items]; None if each stands alone.
    """
    if units is None:
        return counts
    _, place = np.unique(units, return_inverse=True)
    made = np.zeros((int(place.max(initial=-1)) + 1, counts.shape[1]), np.float64)
    np.add.at(made, place, counts)
    return made


def resampled(counts: np.ndarray, replicates: int = REPLICATES, seed: int = SEED) -> np.ndarray:
    """Sums of the counts of units drawn with replacement: float64 [replicates, counts].

    How often each of a few distinct rows is drawn is multinomial, which is the same as drawing the units one by one.

    Args:
        counts: what is summed, one row a unit [units, counts].
    """
    rng = np.random.default_rng(seed)
    counts = np.asarray(counts, np.float64)
    units = len(counts)
    if not units or not counts.shape[1]:
        return np.zeros((replicates, counts.shape[1]))
    rows, often = np.unique(counts, axis=0, return_counts=True)
    if 4 * len(rows) <= units:
        return np.asarray(rng.multinomial(units, often / units, size=replicates) @ rows)
    made = np.empty((replicates, counts.shape[1]))
    step = max(1, _AT_ONCE // units)
    for start in range(0, replicates, step):
        some = min(step, replicates - start)
        drawn = rng.integers(0, units, size=(some, units), dtype=np.int32)
        drawn += units * np.arange(some, dtype=np.int32)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=some * units).reshape(some, units)
        made[start : start + some] = weights.astype(np.float64) @ counts
    return made


def interval(values: np.ndarray, level: float = LEVEL) -> tuple[float | None, float | None]:
    """The bounds between which the middle of some values lies; what is no number is left out, None if all is."""
    values = values[np.isfinite(values)]
    if not len(values):
        return None, None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
