"""Who writes a run folder: a process of this machine by id and start time, one of another by its sign of life."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

BEAT = 5.0  # seconds between two signs of life
SILENCE = 60.0  # seconds; clocks of machines that share a disk may differ, and a disk may be slow


@functools.cache
def this_machine() -> str:
    """A name for this machine that tells nobody what it is called: a folder may be passed on."""
    try:
        serial = Path("/etc/machine-id").read_text(encoding="ascii")
    except (OSError, ValueError):
        serial = ""
    return hashlib.sha256(f"hanzi-studio {platform.node()} {serial}".encode()).hexdigest()[:16]


def myself() -> dict[str, Any]:
    """What a process leaves behind of itself, for `living` to look at."""
    return {"pid": os.getpid(), "started": psutil.Process().create_time(), "host": this_machine()}


def is_here(owner: Mapping[str, Any]) -> bool:
    """Whether a process is one of this machine; those who do not say are."""
    return owner.get("host") in (None, this_machine())


def living(owner: Mapping[str, Any], beat: float = 0.0) -> int | None:
    """The id in `{"pid": ..., "started": ..., "host": ...}` if that process still lives, or None.

    A process id alone could have been given to another process since, so its start time must agree. Processes of
    other machines cannot be asked for: they live while they gave a sign of life not long ago.

    Args:
        beat: when the last sign of life was given, in seconds since the epoch.
    """
    try:
        pid = int(owner["pid"])
        if not is_here(owner):
            return pid if time.time() - beat < SILENCE else None
        process = psutil.Process(pid)
        alive = (
            abs(process.create_time() - float(owner["started"])) < 1
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except (KeyError, ValueError, TypeError, OverflowError, psutil.Error):
        return None
    return pid if alive else None


@contextmanager
def beating(file: Path, is_ours: Callable[[], bool]) -> Iterator[None]:
    """Give signs of life while the block runs: the time of a file, which other machines can see.

    Args:
        is_ours: asked before each; a machine that was asleep may have been taken for dead.
    """
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT):
            with contextlib.suppress(OSError):
                if is_ours():
                    os.utime(file)

    thread = threading.Thread(target=beat, name="studio-sign-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def last_beat(file: Path) -> float:
    """When a file was last touched, in seconds since the epoch; 0 if it is not there."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
