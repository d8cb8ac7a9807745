"""A folder in which a data set is being made: files that grow, and what is wrong with the disk told to people."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from studio import paths
from studio.data.errors import DataError


class Room:
    """Files that are written piece by piece.

    Args:
        home: the folder, which exists.

    Attributes:
        written: bytes so far.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.written = 0
        self._files: list[FileIO] = []
        self._numbered = 0

    def create(self, name: str) -> FileIO:
        """A new file, to be written and read; see to it with `write` that a full disk is told.

        Raises:
            DataError: if the folder may not be written.
        """
        with self.told():
            file = (self.home / name).open("w+b", buffering=0)
        self._files.append(file)
        return file

    def unused(self, name: str) -> str:
        """A name like this one that no other file here is given."""
        self._numbered += 1
        return f"{name}-{self._numbered}"

    def write(self, file: FileIO, values: bytes | bytearray | memoryview) -> None:
        """Write where a file stands.

        Raises:
            DataError: if the disk is full, or may not be written.
        """
        self.written += len(values)
        with self.told():
            if shutil.disk_usage(self.home).free < len(values):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            rest = memoryview(values)
            while rest:
                rest = rest[file.write(rest) :]
            os.utime(self.home)  # a young folder is not taken for one that was abandoned

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say of an error of the disk what people can do about it."""
        try:
            yield
        except OSError as error:
            raise unwritable(self.home.parent, self.written, error) from error

    def close(self) -> None:
        """Close what is open."""
        _close(self._files)


class PassingRoom(Room):
    """A room whose files go with it, or with a process that is killed: without a name, in the studio's cache."""

    def __init__(self) -> None:
        super().__init__(paths.cache_home() / "passing")
        weakref.finalize(self, _close, self._files)

    def create(self, name: str) -> FileIO:
        with self.told():
            self.home.mkdir(parents=True, exist_ok=True)
            file = tempfile.TemporaryFile(prefix=name, dir=self.home, buffering=0)  # noqa: SIM115 (for later)
        self._files.append(file)
        return file


def _close(files: list[FileIO]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.close()


def unwritable(home: Path, written: int, error: OSError) -> DataError:
    """What to tell people of an error of the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        try:
            free = f"{shutil.disk_usage(home).free / 1e6:,.1f} MB are free"
        except OSError:
            free = "too little is free"
        return DataError(
            f"the disk is full: the prepared data needs more than {written / 1e6:,.1f} MB in {home}, {free}",
            "make room, or set STUDIO_HOME to a folder on another disk",
        )
    reason = error.strerror or str(error)
    return DataError(
        f"{home} cannot be written: {reason}", "make it writable, or set STUDIO_HOME to another folder"
    )
