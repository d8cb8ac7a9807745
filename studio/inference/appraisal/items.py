"""The items of an evaluation, chosen, sorted and paged without a model."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studio.data.errors import DataError
from studio.inference.appraisal import records
from studio.inference.appraisal.judge import NONE
from studio.runs import atomic
from studio.runs.appraisal_requests import Item, Wanted

_AT_ONCE = 2000  # items turned into Python's own at a time
_TEXTS = ("input", "wanted", "given")


class Items:
    """The items of one file.

    Raises:
        DataError: if it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._table, self._classes, self._sources = records.read(path)
        except (OSError, ValueError) as error:
            raise DataError(
                f"the items in {path} cannot be read: {error}", "evaluate the model again"
            ) from error
        self._columns = {
            name: self._table[name].to_numpy() for name in ("number", "length", "loss", "confidence")
        }
        self._right = self._table["right"].to_numpy(zero_copy_only=False)
        self._last: tuple[Wanted, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self._table)

    def page(self, wanted: Wanted, offset: int, count: int) -> tuple[tuple[Item, ...], int]:
        """Some of the items that are wanted, in the order that is wanted, and how many there are of them."""
        chosen = self.chosen(wanted)
        return tuple(self._items(chosen[offset : offset + count])), len(chosen)

    def chosen(self, wanted: Wanted) -> np.ndarray:
        """The rows that are wanted, in order."""
        if self._last is None or self._last[0] != wanted:
            self._last = wanted, self._ordered(np.flatnonzero(self._fits(wanted)), wanted)
        return self._last[1]

    def every(self, wanted: Wanted) -> Iterator[Item]:
        """All items that are wanted."""
        chosen = self.chosen(wanted)
        for start in range(0, len(chosen), _AT_ONCE):
            yield from self._items(chosen[start : start + _AT_ONCE])

    # --- inside --------------------------------------------------------------------------------------

    def _fits(self, wanted: Wanted) -> np.ndarray:
        fits = np.ones(len(self._table), bool)
        if wanted.outcome != "all":
            fits &= self._right == (wanted.outcome == "right")
        if wanted.shortest:
            fits &= self._columns["length"] >= wanted.shortest
        if wanted.longest:
            fits &= self._columns["length"] <= wanted.longest
        if wanted.class_wanted is not None or wanted.class_given is not None:
            fits &= self._of_classes(wanted.class_wanted, wanted.class_given)
        if wanted.text:
            holds = np.zeros(len(fits), bool)
            for name in _TEXTS:
                found = pc.match_substring(self._table[name], wanted.text, ignore_case=True)
                holds |= found.to_numpy(zero_copy_only=False)
            fits &= holds
        return fits

    def _of_classes(self, wanted: str | None, given: str | None) -> np.ndarray:
        """Which items have a choice between these classes."""
        fits = np.zeros(len(self._table), bool)
        lists = [self._table[name].combine_chunks() for name in ("class_wanted", "class_given")]
        rows = pc.list_parent_indices(lists[0]).to_numpy(zero_copy_only=False)
        found = np.ones(len(rows), bool)
        for one, name in zip(lists, (wanted, given), strict=True):
            if name is not None:
                numbers = [NONE] if not name else [n for n, known in self._classes.items() if known == name]
                found &= np.isin(one.flatten().to_numpy(zero_copy_only=False), numbers)
        fits[rows[found]] = True
        return fits

    def _ordered(self, rows: np.ndarray, wanted: Wanted) -> np.ndarray:
        number = self._columns["number"][rows]
        if wanted.order == "number":
            return rows[np.argsort(number, kind="stable")]
        key = self._columns[wanted.order][rows].astype(np.float64)
        return rows[np.lexsort((number, -np.nan_to_num(key, nan=-np.inf)))]

    def _items(self, rows: np.ndarray) -> Iterator[Item]:
        part = self._table.take(pa.array(rows)) if len(rows) else self._table.slice(0, 0)
        for row in part.to_pylist():
            source = row["source"]
            yield Item(
                number=row["number"],
                **{name: row[name] for name in _TEXTS},
                right=row["right"],
                loss=row["loss"],
                confidence=row["confidence"],
                source=self._sources[source] if 0 <= source < len(self._sources) else "",
                document=row["document"] + 1,
                line=row["line"],
            )


def export(items: Items, wanted: Wanted, target: Path) -> int:
    """Write items to a file: CSV, or JSON lines where its name ends in .jsonl or .json. How many they are.

    Raises:
        DataError: if the name ends in something else.
        OSError: if it cannot be written; what was there before stays.
    """
    writers: dict[str, Callable[[IO[str], Iterator[Item]], int]] = {
        ".csv": _csv,
        ".jsonl": _json_lines,
        ".json": _json_lines,
    }
    write = writers.get(target.suffix.lower())
    if write is None:
        raise DataError(f"{target} ends in neither .csv nor .jsonl", "give the file one of these names")
    partial = atomic.temporary_beside(target)
    try:
        # The mark says to spreadsheets that a table is UTF-8; JSON must not have it.
        encoding = "utf-8-sig" if write is _csv else "utf-8"
        with partial.open("w", encoding=encoding, newline="") as file:
            count = write(file, items.every(wanted))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _csv(file: IO[str], items: Iterator[Item]) -> int:
    rows = csv.writer(file)
    rows.writerow(Item.__dataclass_fields__)
    count = 0
    for item in items:
        count += 1
        rows.writerow(["" if value is None else _safe(value) for value in asdict(item).values()])
    return count


def _safe(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _json_lines(file: IO[str], items: Iterator[Item]) -> int:
    count = 0
    for item in items:
        count += 1
        file.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")
    return count
