"""Lines of JSON on standard input and output, claimed so that nothing else can write between them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO


class Channel:
    """The process's own standard streams as a channel of lines.

    From here on file descriptor 1 is standard error: whatever a library prints, also from C, cannot break
    the protocol.
    """

    def __init__(self) -> None:
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        self._in: BinaryIO = os.fdopen(os.dup(0), "rb")
        os.dup2(2, 1)
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        sys.stdout = sys.stderr
        self._lock = threading.Lock()

    def send(self, line: str) -> bool:
        """Write one line whole; false if nobody listens any more."""
        data = line.encode("utf-8") + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[self._out.write(data) :]
            except (BrokenPipeError, ValueError, OSError):
                return False
        return True

    def lines(self) -> Iterator[bytes]:
        """Lines as they come in, until the other side closes."""
        yield from iter(self._in.readline, b"")

    def read_in_background(
        self, handle: Callable[[bytes], None], closed: Callable[[], None]
    ) -> threading.Thread:
        """Give each line to `handle` in a thread, then call `closed`."""

        def run() -> None:
            for line in self.lines():
                if line.strip():
                    handle(line)
            closed()

        thread = threading.Thread(target=run, name="studio-stdin", daemon=True)
        thread.start()
        return thread
