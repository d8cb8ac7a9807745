"""Estimating back-off models from text: interpolated modified Kneser-Ney (Chen and Goodman 1999)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.models.backoff import NEVER, BackoffModel, bits_for, find, interpolated, set_back, single_units


def estimate(
    units: np.ndarray, offsets: np.ndarray, size: int, order: int = 4, least: Sequence[int] = ()
) -> BackoffModel:
    """Count n-grams of sequences laid end to end and smooth them.

    Args:
        units: [positions] numbers below `size`; any other number counts as unknown.
        offsets: [sequences + 1] where the sequences begin.
        size: number of units.
        order: length of the longest n-grams.
        least: for each length, the smallest count at which an n-gram is kept; 1 where nothing is said. What is
            left out gives its share to shorter n-grams, and n-grams that others continue always stay.

    Raises:
        ValueError: if n-grams of this length do not fit into a 64-bit key, or there is no text.
    """
    bits = bits_for(size)
    if order < 2 or order * bits > 62:
        raise ValueError(f"n-grams of {order} units of {bits} bits do not fit; use 2 to {62 // bits}")
    if not len(units):
        raise ValueError("there is no text to count n-grams in")
    counts = _counts(_padded(units, offsets, size), size, bits, order)
    kept = _kept(counts, bits, [*least, *([1] * order)][:order])
    keys, tally = counts[0]
    uniform = 1 / (size + 2)  # the beginning never comes
    discount = _discounts(tally)
    probability = np.full(size + 3, discount.sum() / tally.sum() * uniform)
    probability[keys] += (tally - discount) / tally.sum()
    log = np.log(probability)
    log[size + 1] = NEVER
    levels = [single_units(log)]
    for length in range(2, order + 1):
        keys, tally = counts[length - 1]
        stays = kept[length - 1]
        discount = _discounts(tally)
        owners, owner = np.unique(keys >> bits, return_inverse=True)
        total = np.bincount(owner, tally)
        share = (tally - discount) / total[owner]
        left = np.maximum(1 - np.bincount(owner, np.where(stays, share, 0.0), minlength=len(owners)), 1e-6)
        keys, share, owner = keys[stays], share[stays], owner[stays]
        longer = interpolated(levels, keys, share, left, owner)
        set_back(levels[-1], owners, np.log(left))
        levels.append(longer)
    return BackoffModel(tuple(levels))


def _padded(units: np.ndarray, offsets: np.ndarray, size: int) -> np.ndarray:
    """Each sequence with the beginning before it and the end behind it."""
    lengths = np.diff(offsets)
    places = np.concatenate([[0], np.cumsum(lengths + 2)])
    stream = np.full(places[-1], size + 1, np.int64)
    inside = np.arange(len(units)) + np.repeat(places[:-1] + 1 - offsets[:-1], lengths)
    stream[inside] = np.where((units < 0) | (units >= size), size, units)
    stream[places[1:] - 1] = size + 2
    return stream


def _counts(stream: np.ndarray, size: int, bits: int, order: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each length, n-grams and how often they came, or for shorter ones after how many different units."""
    ends = np.flatnonzero(stream != size + 1)
    packed = [stream[ends]]
    whole = np.ones(len(ends), bool)  # reaches back no further than the beginning of its sequence
    grams = [packed[0]]
    for length in range(2, order + 1):
        oldest = stream[ends - length + 1]
        packed.append(packed[-1] | oldest << bits * (length - 1))
        grams.append(packed[-1][whole])
        whole = whole & (oldest != size + 1)
    counts = [np.unique(grams[-1], return_counts=True)]
    types = counts[0][0]
    for length in range(order - 1, 0, -1):
        keys, times = np.unique(grams[length - 1], return_counts=True)
        # Nothing can come before the beginning, so n-grams that start with it are counted as they are.
        first = keys >> bits * (length - 1) == size + 1
        inner, kinds = np.unique(types & (1 << bits * length) - 1, return_counts=True)
        known, place = find(inner, keys)
        counts.insert(0, (keys, np.where(first | ~known, times, kinds[place])))
        types = keys
    return counts


def _kept(
    counts: Sequence[tuple[np.ndarray, np.ndarray]], bits: int, least: Sequence[int]
) -> list[np.ndarray]:
    kept: list[np.ndarray] = []
    continued = np.zeros(0, np.int64)
    for (keys, tally), smallest in zip(reversed(counts), reversed(least), strict=True):
        stays = tally >= smallest
        known, place = find(keys, continued)
        stays[place[known]] = True
        kept.insert(0, stays)
        continued = np.unique(keys[stays] >> bits)
    return kept


def _discounts(tally: np.ndarray) -> np.ndarray:
    """What each count gives up, by the numbers of n-grams that came once to four times (ibid., eq. 26)."""
    ones, twos, threes, fours = (max(int(np.count_nonzero(tally == n)), 1) for n in (1, 2, 3, 4))
    base = ones / (ones + 2 * twos)
    steps = np.array(
        [0, 1 - 2 * base * twos / ones, 2 - 3 * base * threes / twos, 3 - 4 * base * fours / threes]
    )
    # Tiny or artificial texts have no such shape; something must always be given up, and never all.
    steps = np.clip(steps, [0, 0.1, 0.1, 0.1], [0, 0.9, 1.9, 2.9])
    return steps[np.minimum(tally, 3)]
