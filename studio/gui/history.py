"""Curves that grow while they are looked at: numpy arrays with a min/max pyramid. Knows no Qt.

A curve of a million points is drawn from a few thousand: for the range in view, the finest level of the
pyramid is taken that needs no more than the budget, and each of its buckets gives its lowest and highest
point, so that no spike is lost. Appending costs the same whether the curve is short or long.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BUDGET = 4000
_FACTOR = 4
_FIRST = 8  # points in a bucket of the lowest level


class Growing:
    """A float array with room to grow."""

    def __init__(self) -> None:
        self._data: Array = np.empty(256)
        self.size = 0

    def append(self, value: float) -> None:
        if self.size == len(self._data):
            self._data = np.concatenate([self._data, np.empty(len(self._data))])
        self._data[self.size] = value
        self.size += 1

    def extend(self, values: Array) -> None:
        needed = self.size + len(values)
        if needed > len(self._data):
            self._data = np.concatenate(
                [self._data[: self.size], np.empty(max(needed, 2 * self.size) - self.size)]
            )
        self._data[self.size : needed] = values
        self.size = needed

    @property
    def values(self) -> Array:
        """A view of what is there; valid until the next append."""
        return self._data[: self.size]


class Curve:
    """Points (x, y) with x never falling; y may be nan where a figure was not finite.

    `cuts` counts how often points were taken away again.
    """

    def __init__(self) -> None:
        self.cuts = 0
        self._x = Growing()
        self._y = Growing()
        self._levels: list[tuple[Growing, Growing]] = []

    def __len__(self) -> int:
        return self._x.size

    @property
    def x(self) -> Array:
        return self._x.values

    @property
    def y(self) -> Array:
        return self._y.values

    def append(self, x: float, y: float | None) -> None:
        """Add one point; a y of None is kept as a gap."""
        self._x.append(x)
        self._y.append(math.nan if y is None or not math.isfinite(y) else y)
        self._grow()

    def extend(self, x: Array, y: Array) -> None:
        """Add many points at once."""
        self._x.extend(x)
        self._y.extend(y)
        self._grow()

    def cut(self, x: float) -> None:
        """Forget all points beyond `x`: what a resumed run does again."""
        kept = int(np.searchsorted(self.x, x, "right"))
        if kept == len(self):
            return
        self.cuts += 1
        self._x.size = self._y.size = kept
        size = _FIRST
        for minima, maxima in self._levels:
            minima.size = maxima.size = min(minima.size, kept // size)
            size *= _FACTOR

    def nearest(self, x: float) -> tuple[float, float] | None:
        """The finite point closest to `x` (the newest for infinity), or None."""
        if not len(self):
            return None
        at = int(np.searchsorted(self.x, x))
        low, high = max(0, at - 32), min(len(self), at + 32)
        finite = low + np.flatnonzero(np.isfinite(self.y[low:high]))
        if not len(finite):
            return None
        best = int(finite[-1] if math.isinf(x) else finite[np.argmin(np.abs(self.x[finite] - x))])
        return float(self.x[best]), float(self.y[best])

    def window(
        self, low: float = -math.inf, high: float = math.inf, budget: int = BUDGET
    ) -> tuple[Array, Array]:
        """At most about `budget` points that look the same as all points between two x."""
        start = max(0, int(np.searchsorted(self.x, low, "left")) - 1)
        stop = min(len(self), int(np.searchsorted(self.x, high, "right")) + 1)
        if stop - start <= budget:
            return self.x[start:stop], self.y[start:stop]
        size = _FIRST
        for minima, maxima in self._levels:
            first, last = start // size, min(minima.size, -(-stop // size))
            if 2 * (last - first) + _FIRST * _FACTOR <= budget or size * _FACTOR > len(self):
                return self._interleave(minima, maxima, first, last, size, stop)
            size *= _FACTOR
        return self.x[start:stop], self.y[start:stop]

    def _interleave(
        self, minima: Growing, maxima: Growing, first: int, last: int, size: int, stop: int
    ) -> tuple[Array, Array]:
        x = np.empty(2 * (last - first))
        y = np.empty_like(x)
        buckets = np.arange(first, last) * size
        x[0::2] = self.x[buckets]
        x[1::2] = self.x[np.minimum(buckets + size // 2, len(self) - 1)]
        y[0::2] = minima.values[first:last]
        y[1::2] = maxima.values[first:last]
        tail = last * size  # points that fill no whole bucket yet
        if tail < stop:
            x = np.concatenate([x, self._thin(self.x, tail, stop)])
            y = np.concatenate([y, self._thin(self.y, tail, stop)])
        return x, y

    @staticmethod
    def _thin(values: Array, start: int, stop: int) -> Array:
        return values[start : stop : max(1, (stop - start) // 64)]

    def _grow(self) -> None:
        """Fill the buckets that have become whole, level by level."""
        low, high, size = self._y, self._y, _FIRST
        depth, group = 0, _FIRST
        while low.size >= group:
            if depth == len(self._levels):
                self._levels.append((Growing(), Growing()))
            minima, maxima = self._levels[depth]
            done, whole = minima.size, low.size // group
            if whole > done:
                part = slice(done * group, whole * group)
                minima.extend(_halved(np.fmin, low.values[part], group))
                maxima.extend(_halved(np.fmax, high.values[part], group))
            low, high, group = minima, maxima, _FACTOR
            size *= _FACTOR
            depth += 1


def _halved(pick: np.ufunc, values: Array, group: int) -> Array:
    """One value for each `group` (a power of two) of them: several times faster than `pick.reduce`."""
    while group > 1:
        values = pick(values[0::2], values[1::2])
        group //= 2
    return values


class Smoothed:
    """The exponential moving average of a curve, without the bias of its start; gaps are passed over.

    A long curve takes a while to be smoothed anew, so that can be done bit by bit: until it is done, `curve` is
    what it was before.
    """

    def __init__(self, source: Curve, weight: float = 0.0) -> None:
        self.source = source
        self.weight = weight
        self.curve = Curve()
        self._reset()

    def _reset(self) -> None:
        self._growing = Curve()
        self._seen = 0
        self._cuts = self.source.cuts
        self._sum = 0.0
        self._count = 0

    def set_weight(self, weight: float) -> None:
        """Smooth anew; 0 leaves the curve as it is, 0.99 shows only its drift."""
        if weight != self.weight:
            self.weight = weight
            self._reset()

    @property
    def behind(self) -> bool:
        """Whether the source holds points that are not smoothed yet."""
        return self._seen < len(self.source) or self._cuts != self.source.cuts

    def update(self, most: int | None = None) -> Curve:
        """Take in what the source has gained since the last call, at most so many points."""
        if self._cuts != self.source.cuts:
            self._reset()
        stop = len(self.source) if most is None else min(len(self.source), self._seen + most)
        x, y = self.source.x[self._seen : stop], self.source.y[self._seen : stop]
        self._seen = stop
        finite = np.isfinite(y)
        if not finite.all():
            x, y = x[finite], y[finite]
        if len(y):
            self._growing.extend(x, y if self.weight <= 0 else self._smooth(y))
        if not self.behind:
            self.curve = self._growing
        return self.curve

    def _smooth(self, y: Array) -> Array:
        # Within a block the recursion s <- w s + (1-w) y has a closed form; blocks end before w**-n overflows.
        block = max(1, min(1024, int(300 / -math.log(self.weight)), len(y)))
        rows = -(-len(y) // block)
        padded = np.zeros(rows * block)
        padded[: len(y)] = y
        powers = self.weight ** np.arange(1, block + 1)
        sums = padded.reshape(rows, block)
        sums /= powers
        np.cumsum(sums, axis=1, out=sums)
        sums *= (1 - self.weight) * powers
        carried = np.empty(rows)
        total, shrink = self._sum, float(powers[-1])
        for row, gained in enumerate(sums[:, -1].tolist()):
            carried[row] = total
            total = total * shrink + gained
        sums += np.outer(carried, powers)
        averages = padded[: len(y)]
        self._sum = float(averages[-1])
        self._debias(averages)
        self._count += len(y)
        return averages

    def _debias(self, averages: Array) -> None:
        """Divide by the weights seen so far, which soon are all of them."""
        needed = int(-40 / math.log(self.weight)) - self._count
        if needed > 0:
            counts = np.arange(self._count + 1, self._count + 1 + min(needed, len(averages)))
            averages[: len(counts)] /= 1 - self.weight**counts
