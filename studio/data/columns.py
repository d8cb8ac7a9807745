"""Columns of a data set written piece by piece, as NumPy would write each at once."""

from __future__ import annotations

import io
import zlib
from io import FileIO
from typing import Any

import numpy as np

from studio.data.room import Room

TYPES = {
    "text": "<u4",
    "syllables": "<u2",
    "offsets": "<i8",
    "source": "|u1",
    "weight": "<f4",
    "label": "<u2",
    "tags": "<u2",
    "target": "<u4",
    "target_offsets": "<i8",
    "document": "<u4",
    "line": "<u4",
}

OPTIONAL = ("label", "tags", "target", "target_offsets", "document", "line")
"""Columns that older data sets, or those of other tasks, do not have."""

_LATER = OPTIONAL[1:]  # without anything in them these have no file


class ColumnFiles:
    """The columns of one split.

    Args:
        room: where the files lie.
        name: of the split.
    """

    def __init__(self, room: Room, name: str) -> None:
        self._room, self._name = room, name
        self._columns: dict[str, _Column] = {}

    def append(self, column: str, values: np.ndarray) -> None:
        """Write more of a column.

        Raises:
            DataError: if the disk is full, or may not be written.
        """
        if len(values) or column not in _LATER:
            self._of(column).append(values)

    def close(self) -> dict[str, dict[str, int]]:
        """Complete all files: what the index of the data set says of each, by its name."""
        made: dict[str, dict[str, int]] = {}
        for column in TYPES:
            if column in self._columns or column not in _LATER:
                made[f"{self._name}.{column}.npy"] = self._of(column).close()
        return made

    def _of(self, column: str) -> _Column:
        if column not in self._columns:
            file = self._room.create(f"{self._name}.{column}.npy")
            self._columns[column] = _Column(self._room, file, TYPES[column])
        return self._columns[column]


class _Column:
    """One file. Its head says how long the column is and has room for any length, so it is written anew at the end."""

    def __init__(self, room: Room, file: FileIO, dtype: str) -> None:
        self._room, self._file, self._dtype = room, file, dtype
        self._length = self._sum = 0
        room.write(file, self._head())

    def append(self, values: np.ndarray) -> None:
        block = np.ascontiguousarray(values, self._dtype).tobytes()
        self._room.write(self._file, block)
        self._sum = zlib.crc32(block, self._sum)
        self._length += len(values)

    def close(self) -> dict[str, int]:
        size = self._file.tell()
        self._file.seek(0)
        self._room.write(self._file, self._head())
        self._file.close()
        return {"bytes": size, "length": self._length, "crc32": self._sum}

    def _head(self) -> bytes:
        head = io.BytesIO()
        said: dict[str, Any] = {"descr": self._dtype, "fortran_order": False, "shape": (self._length,)}
        np.lib.format.write_array_header_1_0(head, said)
        return head.getvalue()
