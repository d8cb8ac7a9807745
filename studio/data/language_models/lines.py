"""Lines of text files, packed or not, one after the other; what is wrong with some of them is counted."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TextIO

from studio.data.errors import DataError
from studio.data.reading import open_bytes
from studio.data.tables import packing

Tick = Callable[[int, int], None]
"""Called now and then with bytes read and bytes in all; may raise to call it off."""

POLL = 1 << 15  # lines between two calls of a tick
LONGEST = 1 << 20
"""Characters of a line with its end: no entry comes near it, and no file can make the memory grow with one line."""

_PROBE = 1 << 16
_SHOWN = 5
_UNREAD = {b"(\xb5/\xfd": "zstd -d", b"PK\x03\x04": "unzip"}


@dataclass
class Problems:
    """Lines that could not be used."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, line: int, reason: str) -> None:
        """Note one; only the first few are kept in words."""
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(f"line {line}: {reason}")


@dataclass(frozen=True)
class Source:
    """An open file: its lines, and how far it has been read."""

    path: Path
    lines: TextIO
    raw: IO[bytes]
    size: int

    def numbered(self, tick: Tick) -> Iterator[tuple[int, str]]:
        """The lines with their numbers, counted from 1.

        Raises:
            DataError: if one is longer than `LONGEST`.
        """
        for number, line in enumerate(iter(partial(self.lines.readline, LONGEST + 1), ""), start=1):
            if len(line) > LONGEST:
                raise DataError(
                    f"line {number:,} of {self.path} is longer than {LONGEST:,} characters",
                    "choose a word list or an ARPA file, which have an entry on each line",
                )
            if number % POLL == 0:
                tick(self.raw.tell(), self.size)
            yield number, line


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a text file that may be packed with gzip, xz or bzip2, as UTF-8 or else as GB18030.

    Raises:
        DataError: if it cannot be read, is packed otherwise, or is damaged; also while its lines are read.
    """
    with open_bytes(path) as raw:
        head = raw.read(16)
        raw.seek(0)
        if not head:
            raise DataError(f"{path} is empty", "choose a word list or an ARPA file")
        unread = next((tool for magic, tool in _UNREAD.items() if head.startswith(magic)), None)
        if unread is not None:
            raise DataError(f"{path} is packed in a way that is not read here", f"unpack it with {unread}")
        kind, size = packing.packing(head), path.stat().st_size
        try:
            if kind in packing.STREAMS:
                with packing.unpacked(open_bytes(path), kind, str(path), size) as beginning:
                    probe = beginning.read(_PROBE)
                stream = packing.unpacked(raw, kind, str(path), size)
            else:
                probe = raw.read(_PROBE)
                raw.seek(0)
                stream = raw
            lines = io.TextIOWrapper(stream, encoding=_encoding(path, probe), errors="replace")
            yield Source(path, lines, raw, size)
        except OSError as error:
            reason = error.strerror or str(error)
            raise DataError(f"{path} cannot be read: {reason}", "copy or load it again") from error


def _encoding(path: Path, probe: bytes) -> str:
    if probe.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in probe:
        raise DataError(
            f"{path} is no text: byte {probe.index(0)} is NUL", "choose a word list or an ARPA file"
        )
    bad = probe.decode("utf-8", "replace").count("\ufffd")
    # A few damaged bytes are a few damaged lines; GB18030 read as UTF-8 is bad nearly everywhere.
    high = len(probe) - len(probe.translate(None, bytes(range(128, 256))))
    return "utf-8-sig" if bad <= max(1, high // 20) else "gb18030"
