"""One process at a time, also after a process was killed: the system gives its locks back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.runs import atomic
from studio.runs.folder import RunError, RunFolder
from studio.runs.owner import living, myself

_BRIEFLY = 10.0  # seconds; changing a small file takes no time


@contextmanager
def changing(file: Path) -> Iterator[None]:
    """Keep other processes from changing a file meanwhile.

    Raises:
        RunError: if another process does not let go of it.
    """
    import filelock  # here: the window's start does not wait for it

    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(_beside(file), timeout=_BRIEFLY):
            yield
    except filelock.Timeout:
        raise RunError(f"another process holds {file}; try again") from None


@contextmanager
def only_one(folder: Path, what: str) -> Iterator[None]:
    """Be the only process that runs what `folder` holds, and say so in `runner.json`.

    Raises:
        RunError: if another process does; it is named.
    """
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "runner.json"
    lock = filelock.FileLock(_beside(file), timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout:
        pid = runner_of(folder)
        who = "another process" if pid is None else f"process {pid}"
        raise RunError(f"{who} runs {what} already; stop it first") from None
    try:
        atomic.write_text(file, json.dumps(myself()))
        try:
            yield
        finally:
            file.unlink(missing_ok=True)
    finally:
        lock.release()


def runner_of(folder: Path) -> int | None:
    """The living process that runs what a folder holds, or None."""
    return living(RunFolder.read_json(folder / "runner.json"))


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.lock")
