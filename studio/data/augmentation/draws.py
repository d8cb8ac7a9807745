"""Random numbers that depend on nothing but what they are drawn for.

SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), keyed by seed, epoch and
example: whoever goes on with a run, in whatever batches and processes, draws the same.
"""

from __future__ import annotations

import numpy as np

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


class Draws:
    """The numbers for one example.

    Args:
        *key: whole numbers of at least 0: seed, epoch, example, and which of several kinds of augmentation.
    """

    def __init__(self, *key: int) -> None:
        self._state = 0
        for part in key:
            self._state = _mixed(self._state + _GOLDEN ^ _mixed(part & _MASK))

    def random(self) -> float:
        """A number in [0, 1)."""
        self._state = (self._state + _GOLDEN) & _MASK
        return (_mixed(self._state) >> 11) / (1 << 53)

    def many(self, count: int) -> np.ndarray:
        """The next `count` numbers in [0, 1), as `random` would give them: float64 [count]."""
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        with np.errstate(over="ignore"):
            drawn = _mixed_array(np.uint64(self._state) + steps)
        self._state = (self._state + count * _GOLDEN) & _MASK
        made: np.ndarray = (drawn >> np.uint64(11)) / float(1 << 53)
        return made

    def below(self, count: int) -> int:
        """A whole number from 0 to below `count`."""
        return min(int(self.random() * count), count - 1)


def uniform(key: tuple[int, ...], rows: np.ndarray, columns: int) -> np.ndarray:
    """Numbers in [0, 1) for the positions of some examples: float64 [rows, columns].

    Args:
        key: as of `Draws`, but for the example.
        rows: the number of each example; the same one has the same numbers in any company.
        columns: positions; a longer example's first numbers are those of a shorter one.
    """
    state: np.ndarray | np.uint64 = np.uint64(0)
    with np.errstate(over="ignore"):
        for part in key:
            state = _mixed_array(state + np.uint64(_GOLDEN) ^ _mixed_array(np.uint64(part & _MASK)))
        of_rows = _mixed_array(state + np.uint64(_GOLDEN) ^ _mixed_array(rows.astype(np.uint64)))
        steps = np.arange(1, columns + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        drawn = _mixed_array(of_rows[:, None] + steps)
    made: np.ndarray = (drawn >> np.uint64(11)) / float(1 << 53)
    return made


def _mixed(value: int) -> int:
    value &= _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _mixed_array(value: np.ndarray | np.uint64) -> np.ndarray:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = np.asarray(value ^ (value >> np.uint64(31)))
    return mixed
