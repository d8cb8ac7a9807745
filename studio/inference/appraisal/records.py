"""The items of an evaluation on disk: one Parquet file, written batch by batch, read column by column.

A file holds texts as a person reads them, what the figures are made of (columns `n_...`), and the choices between
classes as numbers, whose names stand in the file's metadata. Very long texts are cut, and of very many items a part is
kept: those with the least ids, so that two models keep the same ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from studio.inference.appraisal.judge import Decisions, Judged
from studio.runs import atomic

MOST = 200_000
"""Items that are kept."""
_CUT = 2000  # characters of a text that are kept
_MOST_DECISIONS = 256  # of an item
_CLASSES, _SOURCES = b"studio.classes", b"studio.sources"
COUNT = "n_"


def id_of(text: str, wanted: str, again: int = 0) -> int:
    """By which the same item is known again in the evaluation of another model: a signed number of 8 bytes.

    Args:
        again: how often the same item came before.
    """
    whole = f"{text}\x1f{wanted}\x1f{again}".encode()
    return int.from_bytes(hashlib.blake2b(whole, digest_size=8).digest(), "little", signed=True)


def schema(counted: tuple[str, ...]) -> pa.Schema:
    """The columns of the file."""
    columns: list[tuple[str, Any]] = [
        ("number", pa.int32()),
        ("id", pa.int64()),
        ("source", pa.int16()),
        ("document", pa.int64()),
        ("line", pa.int64()),
        ("length", pa.int32()),
        ("input", pa.string()),
        ("wanted", pa.string()),
        ("given", pa.string()),
        ("right", pa.bool_()),
        ("loss", pa.float32()),
        ("confidence", pa.float32()),
        ("class_wanted", pa.list_(pa.int32())),
        ("class_given", pa.list_(pa.int32())),
        *((COUNT + name, pa.float64()) for name in counted),
    ]
    return pa.schema(columns)


class Writer:
    """Writes the items of one evaluation; used in a `with` block, at the end of which the file is there as a whole."""

    def __init__(self, path: Path, counted: tuple[str, ...], items: int, *, few: bool) -> None:
        """Args:
        counted: the names of the items' counts.
        items: how many there will be.
        few: choices that are right are kept as well.
        """
        self._path, self._few = path, few
        self._below = int(min(1.0, MOST / max(items, 1)) * 2.0**64)
        self.kept = 0
        self._schema = schema(counted)
        self._met: dict[int, int] = {}
        self._seen: set[int] = set()
        self.class_name: Callable[[int], str] = str
        self.sources: tuple[str, ...] = ()

    def __enter__(self) -> Writer:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._partial = atomic.temporary_beside(self._path)
        self._file = pq.ParquetWriter(self._partial, self._schema, compression="zstd")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                named = {number: self.class_name(number) for number in sorted(self._seen) if number >= 0}
                metadata = {_CLASSES: json.dumps(named), _SOURCES: json.dumps(self.sources)}
                self._file.add_key_value_metadata(metadata)
            self._file.close()
            if kind is None:
                self._partial.replace(self._path)
        finally:
            self._partial.unlink(missing_ok=True)

    def add(self, judged: Judged, places: dict[str, np.ndarray]) -> None:
        """Write a batch; `places` has number, source, document and line of each item [items]."""
        items = len(judged.inputs)
        wanted, given = self._choices(judged.decisions, items)
        right = [None] * items if judged.right is None else judged.right.tolist()
        columns: dict[str, Any] = {
            **places,
            "id": [self._id(*pair) for pair in zip(judged.inputs, judged.wanted, strict=True)],
            "length": np.array([len(text) for text in judged.inputs], np.int32),
            **{name: [_cut(text) for text in getattr(judged, texts)] for name, texts in _TEXTS.items()},
            "right": right,
            "loss": judged.loss.astype(np.float32),
            "confidence": judged.confidence.astype(np.float32),
            "class_wanted": wanted,
            "class_given": given,
            **{COUNT + name: np.asarray(values, np.float64) for name, values in judged.counts.items()},
        }
        arrays = [
            pa.array(columns[one.name], from_pandas=one.name in ("loss", "confidence")).cast(one.type)
            for one in self._schema
        ]
        table = pa.Table.from_arrays(arrays, schema=self._schema)
        if self._below < 1 << 64:
            kept = np.array(columns["id"], np.int64).view(np.uint64) < np.uint64(self._below)
            table = table.filter(pa.array(kept))
        self.kept += len(table)
        self._file.write_table(table)

    def _id(self, text: str, wanted: str) -> int:
        first = id_of(text, wanted)
        again = self._met.get(first, 0)
        self._met[first] = again + 1
        return id_of(text, wanted, again) if again else first

    def _choices(self, decisions: Decisions, items: int) -> tuple[list[list[int]], list[list[int]]]:
        """The choices of each item; where classes are many, wrong ones alone."""
        kept = np.ones(len(decisions), bool) if self._few else decisions.wanted != decisions.given
        item, wanted, given = (x[kept] for x in (decisions.item, decisions.wanted, decisions.given))
        self._seen.update(np.unique(wanted).tolist(), np.unique(given).tolist())
        bounds = np.searchsorted(item, np.arange(items + 1))
        found: tuple[list[list[int]], list[list[int]]] = [], []
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            kept_part = slice(first, min(last, first + _MOST_DECISIONS))
            found[0].append(wanted[kept_part].tolist())
            found[1].append(given[kept_part].tolist())
        return found


_TEXTS = {"input": "inputs", "wanted": "wanted", "given": "given"}


def _cut(text: str) -> str:
    return text if len(text) <= _CUT else text[:_CUT] + "…"


def read(path: Path, columns: list[str] | None = None) -> tuple[pa.Table, dict[int, str], tuple[str, ...]]:
    """The items, the names of the classes that stand in them, and of the sources.

    Raises:
        OSError, ValueError: if the file cannot be read, or is no such file (pyarrow's errors are of these kinds).
    """
    table = pq.read_table(path, columns=columns, memory_map=True)
    # Of a file, not of its schema: what is added at its end stands beside that.
    metadata = pq.read_metadata(path).metadata or {}
    try:
        classes = {int(number): str(name) for number, name in json.loads(metadata[_CLASSES]).items()}
        sources = tuple(map(str, json.loads(metadata[_SOURCES])))
    except (KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} holds no items of an evaluation") from error
    return table, classes, sources
