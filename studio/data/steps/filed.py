"""Signatures and letters of very many texts: the last ones in memory, those before them in files."""

from __future__ import annotations

from collections.abc import Iterator
from io import FileIO

import numpy as np

from studio.data.room import Room
from studio.data.steps.minhash import PLACES

_HELD = 1 << 20  # bytes in memory, of each
_ROW = 2 * PLACES
_BLOCK = 4096  # signatures that are read at once: 1 MB


class _Bytes:
    """Bytes one after the other. A file that is shortened is shortened for good."""

    def __init__(self, room: Room, name: str) -> None:
        self._room, self._name = room, name
        self._file: FileIO | None = None
        self._filed = 0
        self._last = bytearray()

    def __len__(self) -> int:
        return self._filed + len(self._last)

    def append(self, values: bytes) -> None:
        self._last += values
        if len(self._last) >= _HELD:
            if self._file is None:
                self._file = self._room.create(self._name)
            self._file.seek(self._filed)
            self._room.write(self._file, self._last)
            self._filed += len(self._last)
            self._last = bytearray()

    def read(self, start: int, size: int) -> bytes:
        found = b""
        if start < self._filed:
            assert self._file is not None
            self._file.seek(start)
            found = self._file.read(min(size, self._filed - start))
            start, size = self._filed, size - len(found)
        return found + bytes(self._last[start - self._filed : start - self._filed + size])

    def put(self, start: int, values: bytes | bytearray) -> None:
        """Write over what is there."""
        inside = max(0, min(len(values), self._filed - start))
        if inside:
            assert self._file is not None
            self._file.seek(start)
            self._room.write(self._file, values[:inside])
        at = start + inside - self._filed
        self._last[at : at + len(values) - inside] = values[inside:]

    def shorten(self, size: int) -> None:
        del self._last[max(0, size - self._filed) :]
        if size < self._filed and self._file is not None:
            self._file.truncate(size)
            self._filed = size


class FiledSignatures:
    """Signatures in the order in which they came, see `studio.data.steps.minhash.Signatures`.

    Args:
        room: gets a file of those that do not fit into memory.
    """

    def __init__(self, room: Room, name: str) -> None:
        self._bytes = _Bytes(room, name)

    def append(self, signature: np.ndarray) -> None:
        """Keep one more.

        Raises:
            DataError: if the disk is full.
        """
        self._bytes.append(signature.tobytes())

    def __len__(self) -> int:
        return len(self._bytes) // _ROW

    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        rows = b"".join([self._bytes.read(place * _ROW, _ROW) for place in places.tolist()])
        return np.frombuffer(rows, np.uint16).reshape(-1, PLACES)

    def blocks(self) -> Iterator[np.ndarray]:
        for start in range(0, len(self), _BLOCK):
            block = self._bytes.read(start * _ROW, _BLOCK * _ROW)
            yield np.frombuffer(block, np.uint16).reshape(-1, PLACES)

    def keep(self, wanted: np.ndarray) -> None:
        """Forget the others. `wanted` is bool [signatures]."""
        start = kept = 0
        for block in self.blocks():
            stay = block[wanted[start : start + len(block)]]
            self._bytes.put(kept * _ROW, stay.tobytes())
            start, kept = start + len(block), kept + len(stay)
        self._bytes.shorten(kept * _ROW)


class FiledLetters:
    """Texts in the order in which they came, of which 8 bytes each stay in memory. Args as of `FiledSignatures`."""

    def __init__(self, room: Room, name: str) -> None:
        self._bytes = _Bytes(room, name)
        self._ends = np.zeros(1024, np.int64)
        self._size = 0

    def append(self, text: str) -> None:
        """Keep one more.

        Raises:
            DataError: if the disk is full.
        """
        self._bytes.append(text.encode("utf-8", "surrogatepass"))
        if self._size == len(self._ends):
            self._ends = np.concatenate([self._ends, np.zeros(self._size // 4, np.int64)])
        self._ends[self._size] = len(self._bytes)
        self._size += 1

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: int) -> str:
        start, end = (int(self._ends[place - 1]) if place else 0), int(self._ends[place])
        return self._bytes.read(start, end - start).decode("utf-8", "surrogatepass")

    def keep(self, wanted: np.ndarray, longest: int) -> None:
        """Forget the others, and empty what is longer. `wanted` is bool [texts]."""
        stay = np.flatnonzero(wanted)
        ends = np.zeros(max(1024, len(stay)), np.int64)
        end, some = 0, bytearray()
        for kept, place in enumerate(stay.tolist()):
            text = self[place]
            if len(text) <= longest:
                some += text.encode("utf-8", "surrogatepass")
            ends[kept] = end + len(some)
            if len(some) >= _HELD:
                self._bytes.put(end, some)
                end, some = end + len(some), bytearray()
        self._bytes.put(end, some)
        self._bytes.shorten(end + len(some))
        self._ends, self._size = ends, len(stay)
