"""Two models held against each other on the items that both were judged on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from studio.data.errors import DataError
from studio.inference.appraisal import records
from studio.inference.appraisal.bootstrap import LEVEL, REPLICATES, grouped, interval, resampled
from studio.inference.appraisal.classes import counts_by_item
from studio.inference.appraisal.mcnemar import mcnemar
from studio.inference.appraisal.scores import SCORINGS, Scoring, macro
from studio.runs.appraisal_requests import Compared, Pair, SignificanceTest
from studio.runs.appraisals import Appraisal, Figure

EXAMPLES = 200
"""Items that are told of each side."""
_CELLS = 30_000_000  # counts of single items; beyond these, means over classes are left out


class _Side:
    """The items of one model, of which some are then shared."""

    def __init__(self, path: Path, made: Appraisal) -> None:
        try:
            self.table, self.classes, _ = records.read(path)
        except (OSError, ValueError) as error:
            raise DataError(
                f"the items in {path} cannot be read: {error}", "evaluate the model again"
            ) from error
        self.made = made
        self.ids = self.table["id"].to_numpy()

    def take(self, rows: np.ndarray) -> pa.Table:
        return self.table.take(pa.array(rows))


def compare(first: tuple[Path, Appraisal], second: tuple[Path, Appraisal]) -> Compared:
    """Two evaluations on their shared items.

    Args:
        first, second: the file with the items of each, and what was found.

    Raises:
        DataError: if they are of different tasks, or share no item, or cannot be read.
    """
    a, b = first[1], second[1]
    if a.task != b.task:
        raise DataError(
            f"one model was evaluated for {a.task}, the other for {b.task}", "choose two models of one task"
        )
    if a.split != b.split:
        raise DataError(
            f"one model was evaluated on the {a.split} split, the other on the {b.split} split",
            "evaluate both on the same split",
        )
    one, two = _Side(*first), _Side(*second)
    shared, rows_one, rows_two = np.intersect1d(one.ids, two.ids, assume_unique=True, return_indices=True)
    if not len(shared):
        raise DataError(
            f"the two models share no item of their {a.split} splits: they were trained on different data",
            "compare them on a file, with --data, or choose runs whose data and splits are the same",
        )
    # In the order in which the first one has them.
    order = np.argsort(one.table["number"].to_numpy()[rows_one], kind="stable")
    left, right = one.take(rows_one[order]), two.take(rows_two[order])
    scoring = SCORINGS[a.task]
    units = _units(left)
    test, better_one, better_two, known = _tested(left, right)
    both = known[0] & known[1]
    return Compared(
        task=a.task,
        shared=len(shared),
        alone=(len(one.ids) - len(shared), len(two.ids) - len(shared)),
        documents=len(np.unique(units)) if units is not None else 0,
        figures=_figures(scoring, (one, left), (two, right), units),
        test=test,
        both_right=int(both.sum()) if test.by == "right" else 0,
        both_wrong=int((~known[0] & ~known[1]).sum()) if test.by == "right" else 0,
        only_first=_pairs(left, right, better_one),
        only_second=_pairs(left, right, better_two),
        first_step=a.step,
        second_step=b.step,
        split=a.split,
        level=LEVEL,
        replicates=REPLICATES,
    )


def _units(table: pa.Table) -> np.ndarray | None:
    """What shared items are drawn by: documents where all are known and several; two items of one example together."""
    source, document = (table[name].to_numpy().astype(np.int64) for name in ("source", "document"))
    if (document >= 0).all():
        units = np.asarray(source << 40 | document)
        if 1 < len(np.unique(units)) < len(units):
            return units
    return None


def _tested(
    left: pa.Table, right: pa.Table
) -> tuple[SignificanceTest, np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The test, the rows on which the one and the other is better, the clearest first, and what each gets right.

    Where nothing is right or wrong as a whole, the one with the lower loss is better, and the test is the sign test:
    the same question about the same counts.
    """
    losses = [table["loss"].to_numpy().astype(np.float64) for table in (left, right)]
    gap = np.nan_to_num(losses[1] - losses[0])
    if left["right"].null_count:
        better = gap > 0, gap < 0
        known = better
    else:
        known = tuple(table["right"].to_numpy(zero_copy_only=False).astype(bool) for table in (left, right))
        better = known[0] & ~known[1], known[1] & ~known[0]
    rows = [
        np.flatnonzero(which)[np.argsort(-side * gap[which], kind="stable")]
        for which, side in zip(better, (1, -1), strict=True)
    ]
    test = mcnemar(len(rows[0]), len(rows[1]))
    if left["right"].null_count:
        test = replace(test, by="loss")
    return test, rows[0], rows[1], (known[0], known[1])


def _figures(
    scoring: Scoring, first: tuple[_Side, pa.Table], second: tuple[_Side, pa.Table], units: np.ndarray | None
) -> dict[str, tuple[Figure, Figure, Figure]]:
    """Figures of both and of their difference; both are drawn together, so that the difference is paired."""
    tables = (first[1], second[1])
    parts = [
        np.stack([_counts(table, records.COUNT + name) for name in scoring.counted], axis=1)
        for table in tables
    ]
    classes: list[np.ndarray] | None = None
    size = len(scoring.counted)
    if scoring.few:
        names = sorted({*first[0].classes.values(), *second[0].classes.values()})
        if len(tables[0]) * len(names) * 6 <= _CELLS:
            classes = [
                _of_classes(table, side.classes, names)
                for side, table in zip((first[0], second[0]), tables, strict=True)
            ]
            parts = [
                np.concatenate([part, more.reshape(len(part), -1)], axis=1)
                for part, more in zip(parts, classes, strict=True)
            ]
    width = parts[0].shape[1]
    whole = np.concatenate(parts, axis=1)

    def made(sums: np.ndarray) -> dict[str, np.ndarray]:
        found = scoring.figures({name: sums[..., place] for place, name in enumerate(scoring.counted)})
        if classes is not None:
            found |= macro(sums[..., size:].reshape(*sums.shape[:-1], -1, 3))
        return found

    sums, drawn = whole.sum(axis=0), resampled(grouped(whole, units))
    values = [made(sums[side]) for side in (slice(0, width), slice(width, None))]
    again = [made(drawn[:, side]) for side in (slice(0, width), slice(width, None))]
    figures: dict[str, tuple[Figure, Figure, Figure]] = {}
    for name in values[0]:
        if name not in values[1]:
            continue
        one, two = (_figure(value[name], draws[name]) for value, draws in zip(values, again, strict=True))
        gap = _figure(values[1][name] - values[0][name], again[1][name] - again[0][name])
        figures[name] = (one, two, gap)
    return figures


def _counts(table: pa.Table, name: str) -> np.ndarray:
    """A count of each item; none of what was not counted yet when the model was evaluated."""
    made: np.ndarray = table[name].to_numpy() if name in table.column_names else np.zeros(len(table))
    return made


def _figure(value: np.ndarray, drawn: np.ndarray) -> Figure:
    return Figure(float(value), *interval(drawn)) if np.isfinite(value) else Figure(None)


def _of_classes(table: pa.Table, classes: dict[int, str], names: list[str]) -> np.ndarray:
    """Counts of classes item by item, classes numbered by their names: [items, classes, 3]."""
    number = {name: place for place, name in enumerate(names)}
    lists = [table[name].combine_chunks() for name in ("class_wanted", "class_given")]
    item = lists[0].value_parent_indices().to_numpy(zero_copy_only=False)
    most = max(classes, default=0)
    translated = np.full(most + 2, -1, np.int64)  # the last one is for no class
    for old, name in classes.items():
        translated[old] = number[name]
    wanted, given = (translated[one.flatten().to_numpy(zero_copy_only=False)] for one in lists)
    return counts_by_item(np.stack([item, wanted, given]), len(table), np.arange(len(names)))


def _pairs(left: pa.Table, right: pa.Table, rows: np.ndarray) -> tuple[Pair, ...]:
    some = pa.array(rows[:EXAMPLES])
    columns: list[list[Any]] = [
        table[name].take(some).to_pylist()
        for table, name in (
            (left, "input"),
            (left, "wanted"),
            (left, "given"),
            (right, "given"),
            (left, "loss"),
            (right, "loss"),
        )
    ]
    return tuple(Pair(*values) for values in zip(*columns, strict=True))
