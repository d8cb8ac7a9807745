"""Which of very many texts have been met before, known by digests of eight bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from io import FileIO

import numpy as np

from studio.data.room import Room

_SIZE = 8
_HELD = 1 << 20  # digests in memory, where there is a room for more: 8 MB
_BLOCK = 1 << 18


def digest_of(text: str) -> bytes:
    """Eight bytes that two different texts of one data set as good as never share."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()


def digests_of(texts: Iterable[str]) -> np.ndarray:
    """The digests of texts, uint64 [texts]."""
    return np.frombuffer(b"".join(map(digest_of, texts)), np.uint64)


class Digests:
    """A set of digests in sorted runs, each at least twice as long as the next.

    Args:
        room: gets what does not fit into memory, in files; without one all stays there, at eight bytes each. Files are
            read from end to end for every question, so ask of many at a time.
    """

    def __init__(self, room: Room | None = None) -> None:
        self._room = room
        self._runs: list[np.ndarray] = []
        self._files: list[FileIO] = []

    def add(self, digests: np.ndarray) -> None:
        """Take some in, whether they are known or not.

        Raises:
            DataError: if the disk is full.
        """
        if not len(digests):
            return
        self._runs.append(np.sort(digests))
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = np.concatenate([self._runs[-1], last])
            self._runs[-1].sort(kind="stable")  # which makes use of what is sorted already
        if self._room is not None and sum(map(len, self._runs)) >= _HELD:
            self._files.append(self._room.create(f"digests-{len(self._files)}"))
            whole = np.concatenate(self._runs)
            whole.sort()
            self._room.write(self._files[-1], whole.view(np.uint8).data)
            self._runs.clear()

    def fresh(self, digests: np.ndarray) -> np.ndarray:
        """Which of some are met for the first time, bool [digests]; all are known from now on."""
        distinct, first = np.unique(digests, return_index=True)
        new = ~self._known(distinct)
        found = np.zeros(len(digests), bool)
        found[first[new]] = True
        self.add(distinct[new])
        return found

    def _known(self, asked: np.ndarray) -> np.ndarray:
        """Which of some are known; they ascend."""
        found = np.zeros(len(asked), bool)
        for run in self._sorted():
            low, high = np.searchsorted(asked, run[0]), np.searchsorted(asked, run[-1], "right")
            part = asked[low:high]
            found[low:high] |= run[np.searchsorted(run, part)] == part
        return found

    def _sorted(self) -> Iterator[np.ndarray]:
        """What is known, in parts that ascend."""
        yield from self._runs
        for file in self._files:
            file.seek(0)
            while block := file.read(_BLOCK * _SIZE):
                yield np.frombuffer(block, np.uint64)
