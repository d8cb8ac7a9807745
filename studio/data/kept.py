"""Documents that were read, kept until they are wanted again: the last ones in memory, all others on the disk."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from dataclasses import fields
from io import FileIO
from typing import Any, Generic

import numpy as np

from studio.data.room import Room
from studio.data.steps.stage import T

_HELD = 1 << 20  # characters of those in memory
_MOST = 1 << 14  # and so many of them


class KeptDocuments(Generic[T]):
    """Documents in the order in which they came: dataclasses of text, numbers and tuples of these.

    Args:
        room: gets a file of those that do not fit into memory; without one all stay there.
        name: of that file.
    """

    def __init__(self, room: Room | None = None, name: str = "documents") -> None:
        self._room, self._name = room, name
        self._file: FileIO | None = None
        self._blocks: list[tuple[int, int]] = []  # documents and bytes of each in the file
        self._last: list[T] = []
        self._characters = 0
        self._filed = 0

    def append(self, document: T) -> None:
        """Keep one more.

        Raises:
            DataError: if the disk is full.
        """
        self._last.append(document)
        self._characters += len(document.text) + len(getattr(document, "target", ""))
        if self._room is not None and (self._characters >= _HELD or len(self._last) >= _MOST):
            self._write(self._room)

    def __len__(self) -> int:
        return self._filed + len(self._last)

    def __iter__(self) -> Iterator[T]:
        for _, document in self.chosen():
            yield document

    def chosen(self, wanted: np.ndarray | None = None) -> Iterator[tuple[int, T]]:
        """Some of them with their places, in order.

        Args:
            wanted: of which, bool [documents]; None for all.
        """
        first = at = 0
        for count, size in self._blocks:
            places = (
                range(count) if wanted is None else np.flatnonzero(wanted[first : first + count]).tolist()
            )
            if places:
                assert self._file is not None
                self._file.seek(at)
                rows = marshal.loads(self._file.read(size))
                yield from ((first + place, _restored(*rows[place])) for place in places)
            first, at = first + count, at + size
        for place, document in enumerate(self._last, first):
            if wanted is None or wanted[place]:
                yield place, document

    def clear(self) -> None:
        """Forget all, and give back what they took on the disk."""
        if self._file is not None:
            self._file.truncate(0)
        self._blocks.clear()
        self._last, self._characters, self._filed = [], 0, 0

    def _write(self, room: Room) -> None:
        if self._file is None:
            self._file = room.create(self._name)
        # Our own file, which nobody else has written, and which is gone once the data set is made.
        block = marshal.dumps([(_number(type(one)), _values(one)) for one in self._last])
        self._file.seek(0, 2)
        room.write(self._file, block)
        self._blocks.append((len(self._last), len(block)))
        self._filed += len(self._last)
        self._last, self._characters = [], 0


_KINDS: dict[type[Any], tuple[str, ...]] = {}  # the fields of each kind that was met


def _number(kind: type[Any]) -> int:
    if kind not in _KINDS:
        _KINDS[kind] = tuple(field.name for field in fields(kind))
    return list(_KINDS).index(kind)


def _values(document: Any) -> tuple[Any, ...]:
    return tuple(getattr(document, name) for name in _KINDS[type(document)])


def _restored(number: int, values: tuple[Any, ...]) -> Any:
    kind, names = list(_KINDS.items())[number]
    return kind(**dict(zip(names, values, strict=True)))
