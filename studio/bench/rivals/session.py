"""A rival's process, from its start to its end, whatever it does in between."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from studio.bench import children
from studio.bench.rivals.rival import READY, Answer, Rival, RivalError, parsed
from studio.runs.processes import group_options, kill_tree, worker_environment

_START = 300.0  # seconds; rime may have to make its dictionaries first
_SENTENCE = 30.0
_DEATHS = 5  # after so many the rest counts as unanswered


class Session:
    """A rival that answers letters. Entered as a context; a process that dies or hangs is replaced a few times.

    Raises on entry:
        NotInstalledError: if the rival is not on this machine.
        RivalError: if it is and cannot be started.
    """

    def __init__(self, rival: Rival) -> None:
        self._rival = rival
        self._deaths = 0
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Session:
        self._scratch = tempfile.TemporaryDirectory(prefix=f"studio-{self._rival.name}-")
        self._complaints = tempfile.TemporaryFile()
        try:
            self._command = self._rival.command(Path(self._scratch.name))
            if not self._started():
                why = children.tail(self._complaints) or "it did not say that it is ready"
                raise RivalError(f"{self._rival.name} could not be started: {why}")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._complaints.close()
        self._scratch.cleanup()

    def ask(self, letters: str) -> Answer | None:
        """What is offered for letters; None if the rival fails on them."""
        if self._child is None and (self._deaths >= _DEATHS or not self._started()):
            return None
        line = self._line(f"{letters}\n", _SENTENCE)
        with suppress(ValueError):
            if line and (answer := parsed(line)).candidates:
                return answer
        if not line:
            self._deaths += 1
            self._end()
        return None

    def _started(self) -> bool:
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=worker_environment(),
            **group_options(),  # type: ignore[call-overload]
        )
        if self._line("", _START).strip() == READY:
            return True
        self._deaths += 1
        self._end()
        return False

    def _line(self, said: str, limit: float) -> str:
        """Say something and read a line; empty if the child ends, or is ended after `limit` seconds."""
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None
        timer = threading.Timer(limit, kill_tree, (child.pid,))
        timer.start()
        try:
            child.stdin.write(said.encode())
            child.stdin.flush()
            return child.stdout.readline().decode("utf-8", "replace")
        except OSError:
            return ""
        finally:
            timer.cancel()
            timer.join()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(OSError):
            assert child.stdin is not None
            child.stdin.close()
        children.end(child)
