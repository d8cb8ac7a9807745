"""Keeps the machine from going to sleep while a run trains; its screen may.

Silent where it is impossible (no systemd, a container, a refusal): a run must not fail for that. Whatever child
keeps the machine awake ends by itself with this process, however this process ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

_WHY = "A model is being trained"
_PATIENCE = 2.0  # seconds for the child to go
# SetThreadExecutionState: stay so until told otherwise; the system, not the display.
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001


@contextlib.contextmanager
def awake() -> Iterator[None]:
    """Keep the machine awake inside the `with` block."""
    if sys.platform == "win32":
        with _windows():
            yield
        return
    child = _start(_command())
    try:
        yield
    finally:
        if child is not None:
            _end(child)


def _command() -> list[str] | None:
    """What keeps this system awake until it ends, or until this process does; None if nothing known is there."""
    if sys.platform == "darwin":
        return ["caffeinate", "-i", "-w", str(os.getpid())] if shutil.which("caffeinate") else None
    inhibit = shutil.which("systemd-inhibit")
    if inhibit is None:
        return None
    # `cat` waits for the end of its input, which is the end of this process at the latest: nothing is left behind
    # even by a kill -9, as `sleep infinity` would be.
    return [inhibit, "--what=sleep:idle", "--who=Hanzi Studio", f"--why={_WHY}", "--mode=block", "cat"]


def _start(command: list[str] | None) -> subprocess.Popen[bytes] | None:
    if command is None:
        return None
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C in a terminal is for the run, which ends the child when it has saved.
            start_new_session=True,
        )
    except OSError:
        return None


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        with contextlib.suppress(OSError):
            child.stdin.close()
    if sys.platform == "darwin":
        child.terminate()
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextlib.contextmanager
def _windows() -> Iterator[None]:
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - not there elsewhere, where types are checked
    kernel.SetThreadExecutionState(_CONTINUOUS | _SYSTEM_REQUIRED)
    try:
        yield
    finally:
        kernel.SetThreadExecutionState(_CONTINUOUS)
