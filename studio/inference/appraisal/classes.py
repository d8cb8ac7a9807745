"""Choices between classes, counted while items are judged: in all, pair by pair, and for few classes item by item."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.inference.appraisal.bootstrap import grouped, interval, resampled
from studio.inference.appraisal.judge import NONE, Decisions
from studio.inference.appraisal.scores import class_figures, macro
from studio.runs.appraisals import ClassFigures, Confused, Figure

_ROWS = 200  # classes and pairs that are listed where there are many
_CELLS = 30_000_000  # counts of single items; beyond these, classes get no intervals
_BASE = 1 << 31


class ClassCounts:
    """Counts of choices. `few` keeps what each item adds, for intervals."""

    def __init__(self, *, few: bool) -> None:
        self._few = few
        self._pairs: dict[int, int] = {}
        self._found: list[np.ndarray] = []
        self._items = 0

    def add(self, decisions: Decisions, items: int) -> None:
        """Take in the choices of some items."""
        keys, counts = np.unique((decisions.wanted + 1) * _BASE + decisions.given + 1, return_counts=True)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
            self._pairs[key] = self._pairs.get(key, 0) + count
        if self._few:
            rows = np.stack([decisions.item + self._items, decisions.wanted, decisions.given])
            self._found.append(rows.astype(np.int32))
        self._items += items

    def numbers(self) -> np.ndarray:
        """The classes that occur, in order."""
        keys = np.array(list(self._pairs), np.int64)
        found = np.unique(np.concatenate([keys // _BASE - 1, keys % _BASE - 1]))
        return found[found != NONE]

    def totals(self, numbers: np.ndarray) -> np.ndarray:
        """How often each class was wanted, given, and both: int64 [classes, 3]."""
        made = np.zeros((len(numbers), 3), np.int64)
        place = {number: row for row, number in enumerate(numbers.tolist())}
        for key, count in self._pairs.items():
            wanted, given = key // _BASE - 1, key % _BASE - 1
            if wanted in place:
                made[place[wanted], 0] += count
            if given in place:
                made[place[given], 1] += count
                made[place[given], 2] += count * (wanted == given)
        return made

    def by_item(self, numbers: np.ndarray) -> np.ndarray | None:
        """The same for every item [items, classes, 3]; None where that would be too much."""
        if not self._few or self._items * len(numbers) * 3 > _CELLS:
            return None
        none = np.zeros((3, 0), np.int32)
        return counts_by_item(np.concatenate([none, *self._found], axis=1), self._items, numbers)

    def confused(self, name: Callable[[int], str]) -> tuple[Confused, ...]:
        """Pairs of classes, the most frequent first: all of them where classes are few, else the wrong ones."""
        pairs = [
            (wanted, given, count)
            for key, count in self._pairs.items()
            if (wanted := key // _BASE - 1) != (given := key % _BASE - 1) or self._few
        ]
        pairs.sort(key=lambda pair: (-pair[2], pair[:2]))
        listed = pairs if self._few else pairs[:_ROWS]

        def named(number: int) -> str:
            return "" if number == NONE else name(number)

        return tuple(Confused(named(wanted), named(given), count) for wanted, given, count in listed)


def counts_by_item(choices: np.ndarray, items: int, numbers: np.ndarray) -> np.ndarray:
    """How often each class was wanted, given, and both, item by item: uint16 [items, classes, 3].

    Args:
        choices: item, wanted and given class of each choice [3, choices].
        numbers: the classes, in order.
    """
    made = np.zeros((items, len(numbers), 3), np.uint16)
    item, wanted, given = choices
    if not len(numbers):
        return made
    for side, column in ((wanted, 0), (given, 1)):
        there = side != NONE
        np.add.at(made[:, :, column], (item[there], np.searchsorted(numbers, side[there])), 1)
    both = (wanted == given) & (wanted != NONE)
    np.add.at(made[:, :, 2], (item[both], np.searchsorted(numbers, wanted[both])), 1)
    return made


def listed(
    counts: ClassCounts, units: np.ndarray | None, name: Callable[[int], str]
) -> tuple[tuple[ClassFigures, ...], dict[str, Figure], int]:
    """The figures of single classes, the most frequent first, their means, and how many classes occur.

    Args:
        units: what the items are drawn by for intervals (see `bootstrap.grouped`).
    """
    numbers = counts.numbers()
    totals = counts.totals(numbers)
    every = class_figures(totals)
    rows = [[Figure(float(value)) for value in figure] for figure in every]
    means = {key: Figure(float(value)) for key, value in macro(totals).items() if np.isfinite(value)}
    each = counts.by_item(numbers)
    if each is not None and len(each):
        drawn = resampled(grouped(each.reshape(len(each), -1), units)).reshape(-1, len(numbers), 3)
        rows = [
            [Figure(float(value), *interval(draws)) for value, draws in zip(figure, again.T, strict=True)]
            for figure, again in zip(every, class_figures(drawn), strict=True)
        ]
        again = macro(drawn)
        means = {key: Figure(figure.value, *interval(again[key])) for key, figure in means.items()}
    order = sorted(range(len(numbers)), key=lambda row: (-totals[row, 0], -totals[row, 1], numbers[row]))
    made = tuple(
        ClassFigures(
            name(int(numbers[row])),
            int(totals[row, 0]),
            int(totals[row, 1]),
            *(figure[row] for figure in rows),
        )
        for row in order[:_ROWS]
    )
    return made, means, len(numbers)
