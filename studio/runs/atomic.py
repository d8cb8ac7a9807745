"""Files and folders that are either whole or not there: written under a temporary name, then renamed."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

TEMPORARY = ".partial-"
_REPLACED = ".replaced-"  # a whole folder on its way out, until its successor stands in its place


def temporary_beside(path: Path, prefix: str = TEMPORARY) -> Path:
    """A fresh name in the same folder, so that the rename stays within one file system."""
    return path.with_name(f"{prefix}{path.name}-{uuid.uuid4().hex[:8]}")


def write_text(path: Path, text: str) -> None:
    """Replace a text file as a whole; the old one stays if anything goes wrong."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file as a whole; the old one stays if anything goes wrong."""
    with _replacing(path, "wb") as file:
        file.write(content)


@contextmanager
def new_text(path: Path) -> Iterator[TextIO]:
    """Replace a text file as a whole by what is written piece by piece, as UTF-8, once the block ends well."""
    with _replacing(path, "w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def _replacing(path: Path, mode: str, **how: str) -> Iterator[Any]:
    """A file beside another that takes its place once the block ends well and the disk has it."""
    temporary = temporary_beside(path)
    try:
        with temporary.open(mode, **how) as file:  # type: ignore[call-overload]
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(path: Path, *, replace: bool = False, durable: bool = True) -> Iterator[Path]:
    """Fill a temporary folder that takes its final name when the block ends well.

    Args:
        path: the final name.
        replace: put it in the place of an existing folder; otherwise an existing one is an error.
        durable: wait until the disk has it; not worth it for what is soon replaced.

    Raises:
        FileExistsError: if `path` exists and `replace` is false.
    """
    if path.exists() and not replace:
        raise FileExistsError(f"{path} exists already")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    temporary.mkdir()
    try:
        yield temporary
        if durable:
            sync(temporary)
        if path.exists():
            old = temporary_beside(path, _REPLACED)
            path.replace(old)
            try:
                temporary.replace(path)
            except BaseException:
                old.replace(path)
                raise
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.replace(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def remove_folder(path: Path) -> None:
    """Remove a folder so that it is never seen half there; what cannot be removed now is swept later."""
    leaving = temporary_beside(path)
    try:
        path.replace(leaving)
    except OSError:
        leaving = path
    shutil.rmtree(leaving, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what an interrupted writer left behind in a folder, and put back what it was about to replace."""
    for old in folder.glob(f"{_REPLACED}*") if folder.is_dir() else ():
        name = old.name.removeprefix(_REPLACED).rpartition("-")[0]
        if name and not (folder / name).exists():
            old.replace(folder / name)
        else:
            shutil.rmtree(old, ignore_errors=True)
    for leftover in folder.glob(f"{TEMPORARY}*") if folder.is_dir() else ():
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Wait until the disk has all files of a folder."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())


def lay(source: Path, target: Path) -> None:
    """Put a finished file into a folder as well: as another name of the same file where the disk allows it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
