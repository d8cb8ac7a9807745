"""How much memory and disk a run could still have."""

from __future__ import annotations

import contextlib
import shutil
import sys
from pathlib import Path

import psutil

_ENDLESS = 1 << 60  # version 1 of cgroups writes "no limit" as a huge number


def memory_free() -> int:
    """Main memory that a new process could take, in bytes: the system's, or a container's if that is less."""
    free = psutil.virtual_memory().available
    limits = [limit - used for limit, used in _limits()]
    return max(0, min([free, *limits]))


def peak_memory() -> int:
    """The most main memory that this process has ever had in use, in bytes."""
    with contextlib.suppress(OSError):
        # What getrusage says includes the memory of the process that this one was started from.
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def forget_peak() -> None:
    """Let `peak_memory` begin anew, where the system can do that: Linux."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def own_bytes(folder: Path) -> int:
    """Bytes of the files in a folder, those left out that lie elsewhere under another name: they take no room."""
    found = [file.stat() for file in folder.iterdir() if file.is_file()]
    return sum(status.st_size for status in found if status.st_nlink == 1)


def disk_free(path: Path) -> int:
    """Free bytes on the disk that holds a path, or would hold it: it need not exist yet."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def _limits(
    root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> list[tuple[int, int]]:
    """Limit and use of memory, in bytes, of every control group around this process that has a limit."""
    found = []
    for folder in _groups(root, own):
        for limit_file, used_file in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            limit, used = _number(folder / limit_file), _number(folder / used_file)
            if limit is not None and used is not None and limit < _ENDLESS:
                # Pages of files are given up when memory runs short, so they are no use of it.
                found.append((limit, max(0, used - _file_pages(folder / "memory.stat"))))
    return found


def _groups(root: Path, own: Path) -> list[Path]:
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    folders = []
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers in ("", "memory"):
            top = root / controllers
            here = top / path.lstrip("/")
            # Inside a container the path may be the host's: then the top is all there is to see.
            folders += [folder for folder in (here, *here.parents) if folder == top or top in folder.parents]
    return folders


def _number(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _file_pages(path: Path) -> int:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    values = dict(line.split(" ", 1) for line in lines if " " in line)
    return int(values.get("inactive_file") or values.get("total_inactive_file") or 0)
