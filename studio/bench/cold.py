"""Cold starts without a reboot: files are dropped from the system's cache one by one, which needs no rights."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

import psutil


def loaded_files(pid: int) -> list[str]:
    """The files mapped by a process and by the processes it started: its libraries, fonts and data."""
    found: set[str] = set()
    with suppress(psutil.Error, AttributeError):  # not every system tells
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                found.update(part.path for part in process.memory_maps() if Path(part.path).is_file())
    return sorted(found)


def forget_files(paths: Iterable[str]) -> int:
    """Drop files, and the compiled forms of Python files, from the system's cache; how many were.

    Files that another process has mapped stay, so that this is a mild kind of cold. 0 where the system offers no
    way to do it.
    """
    if not hasattr(os, "posix_fadvise"):
        return 0
    count = 0
    for path in {one for given in paths for one in _forms(given)}:
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                count += 1
            finally:
                os.close(handle)
    return count


def _forms(path: str) -> list[str]:
    return [path, cache_from_source(path)] if path.endswith(".py") else [path]
