"""Being asked to stop: by a signal, by whoever started this process going away, by a file."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


class Interrupts:
    """Whether this process has been asked to stop. A second signal raises KeyboardInterrupt."""

    def __init__(self, stop_file: Path | None = None) -> None:
        self._asked = threading.Event()
        self._stop_file = stop_file

    @property
    def asked(self) -> bool:
        """Looks at the file too, which costs a system call."""
        if self._stop_file is not None and self._stop_file.exists():
            self._stop_file.unlink(missing_ok=True)
            self._asked.set()
        return self._asked.is_set()

    @contextmanager
    def listening(self, say: Callable[[str], None], *, attached: bool = False) -> Iterator[None]:
        """Listen while the block runs; for the main thread.

        Args:
            say: is told what happens after a signal.
            attached: also stop when standard input closes: whoever started this process is gone.
        """
        if self._stop_file is not None:
            self._stop_file.unlink(missing_ok=True)

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            if self._asked.is_set():
                raise KeyboardInterrupt
            self._asked.set()
            say("saving, then stopping; once more to end at once")

        before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        if attached:
            threading.Thread(target=self._read_to_end, name="studio-stdin", daemon=True).start()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _read_to_end(self) -> None:
        # Not through sys.stdin: its lock, held by a reading thread, would break the end of the interpreter.
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self._asked.set()
