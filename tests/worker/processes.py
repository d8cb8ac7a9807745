"""A worker as a child process, talked to as the window does."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

PATIENCE = 60.0  # seconds until a worker that says nothing has failed its test


class Worker:
    """`python -m studio.worker ...` with its lines."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        self.lines: list[bytes] = []
        self.errors = b""
        self._new: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._readers = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self._new.put(line)
        self._new.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as output:
            self.errors = output.read()

    def say(self, line: str | bytes) -> None:
        """Write one line to the worker."""
        assert self.process.stdin is not None
        self.process.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")
        self.process.stdin.flush()

    def hang_up(self) -> None:
        """Close the worker's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def until(self, wanted: Callable[[bytes], bool]) -> bytes:
        """The first line from now on that is wanted."""
        end = time.monotonic() + PATIENCE
        while True:
            line = self._new.get(timeout=max(0.01, end - time.monotonic()))
            assert line is not None, f"the worker ended: {self.errors.decode()}"
            self.lines.append(line)
            if wanted(line):
                return line

    def close(self) -> int:
        """Wait for the end, with all lines read; the exit status."""
        status = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        while not self._new.empty():
            line = self._new.get()
            if line is not None:
                self.lines.append(line)
        return status


def trainer(folder: Path, **environment: str) -> Worker:
    """A training worker on a run folder."""
    return Worker("train", "--folder", str(folder), environment={"OMP_NUM_THREADS": "1", **environment})
