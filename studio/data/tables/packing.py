"""Files as streams of bytes: plain, packed, or inside an archive. Nothing is ever written where an archive says.

A packed file may hold a thousand times its size, so what comes out is counted and bounded; a damaged one is
told wherever the damage is met, not only at its beginning.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from studio.data.errors import DataError

# Chinese text shrinks to a half or a tenth; a bomb's ratio is a thousand and more.
MOST_RATIO = 300
FREE_BELOW = 64 << 20  # bytes that may come out of anything, however small
MOST_UNPACKED = 256 << 30
_MEMBERS = 100_000
_ENCRYPTED = 0x1

PACKED_SUFFIXES = (".gz", ".bz2", ".xz")
_OPENERS: dict[str, Callable[[IO[bytes]], Any]] = {
    "gzip": lambda file: gzip.GzipFile(fileobj=file, mode="rb"),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}
STREAMS = frozenset(_OPENERS)
"""Packings that hold one file."""

_MAGIC = ((b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"))
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    KeyError,
    IndexError,
    OverflowError,
    struct.error,
    lzma.LZMAError,
    zlib.error,
    zipfile.BadZipFile,
)


def packing(head: bytes) -> str:
    """How a file that begins so is packed: gzip, bzip2, xz, zip, or "" for not at all."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            # "BZh" may begin a text, too; a bzip2 file goes on with its level and a fixed number.
            return name if name != "bzip2" or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90") else ""
    return "zip" if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else ""


class Unpacked(io.RawIOBase):
    """A stream of unpacked bytes that watches over how much comes out, and names the file in its errors."""

    def __init__(self, inner: IO[bytes], name: str, packed_size: int, resources: ExitStack) -> None:
        super().__init__()
        self._inner = inner
        self._name = name
        self._most = min(MOST_UNPACKED, max(FREE_BELOW, packed_size * MOST_RATIO))
        self._size = packed_size
        self._given = 0
        self._resources = resources

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            data = self._inner.read(len(view))
        except DataError:
            raise
        except _DAMAGE as error:
            raise damaged(self._name, error) from error
        self._given += len(data)
        if self._given > self._most:
            raise DataError(
                f"{self._name} unpacks to more than {self._most / 1e6:,.0f} MB from {self._size / 1e6:,.1f} MB: "
                "that is no ordinary text",
                "unpack it yourself if you know what it holds",
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._resources.close()
        super().close()


def damaged(name: str, error: BaseException) -> DataError:
    """What is said of a file that cannot be unpacked."""
    reason = (str(error) or type(error).__name__).strip()
    return DataError(f"{name} is damaged: {reason}", "unpack it yourself, or copy it again")


def unpacked(file: IO[bytes], kind: str, name: str, size: int) -> io.BufferedReader:
    """The content of an open packed file; closing it closes the file.

    Args:
        file: at its beginning.
        kind: as `packing` names it; zip archives hold files and are not opened here.
        size: bytes of the file.

    Raises:
        DataError: when what it holds is read, if it is damaged or a bomb.
    """
    resources = ExitStack()
    resources.callback(file.close)
    try:
        inner = resources.enter_context(_OPENERS[kind](file))
    except _DAMAGE as error:
        resources.close()
        raise damaged(name, error) from error
    return io.BufferedReader(Unpacked(inner, name, size, resources), 1 << 18)


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name there, its name for people, and its size there and unpacked."""

    name: str
    title: str
    packed: int
    size: int


def members(path: Path) -> list[Member]:
    """The files of a zip archive, in its order; hidden ones and those of macOS' own left out.

    Raises:
        DataError: if it is damaged, encrypted, a bomb, or has names that lead out of it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except _DAMAGE as error:
        raise damaged(str(path), error) from error
    if len(found) > _MEMBERS:
        raise DataError(f"{path} holds {len(found):,} files; {_MEMBERS:,} is the most", "unpack it yourself")
    chosen: list[Member] = []
    whole = 0
    for info in found:
        title = _title(info)
        _refuse_tricks(path, title)
        parts = PurePosixPath(title).parts
        if info.is_dir() or not parts or any(part.startswith((".", "__MACOSX")) for part in parts):
            continue
        if info.flag_bits & _ENCRYPTED:
            raise DataError(f"{path}: {title} is encrypted", "unpack it yourself with its password")
        whole += info.file_size
        most = min(MOST_UNPACKED, max(FREE_BELOW, info.compress_size * MOST_RATIO))
        if info.file_size > most or whole > MOST_UNPACKED:
            raise DataError(
                f"{path}: {title} says that it unpacks from {info.compress_size / 1e6:,.1f} MB to "
                f"{info.file_size / 1e6:,.0f} MB: that is no ordinary text",
                "unpack it yourself if you know what it holds",
            )
        chosen.append(Member(info.filename, title, info.compress_size, info.file_size))
    return chosen


def open_member(path: Path, member: Member) -> io.BufferedReader:
    """Open a file in an archive for reading.

    Raises:
        DataError: if it cannot be opened; later, when it is read, if it is damaged.
    """
    resources = ExitStack()
    name = f"{path}!{member.title}"
    try:
        archive = resources.enter_context(zipfile.ZipFile(path))
        inner = resources.enter_context(archive.open(member.name))
    except _DAMAGE as error:
        resources.close()
        raise damaged(name, error) from error
    return io.BufferedReader(Unpacked(inner, name, member.packed, resources), 1 << 18)


def _title(info: zipfile.ZipInfo) -> str:
    """A name as it was meant: Chinese systems write theirs in GBK, which zip's own rule reads as CP437."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode("gb18030")
        except UnicodeError:
            pass
    return info.filename


def _refuse_tricks(path: Path, title: str) -> None:
    plain = title.replace("\\", "/")
    outside = plain.startswith("/") or ".." in plain.split("/") or plain[1:2] == ":"
    if outside or not title.isprintable():
        raise DataError(
            f"{path} holds a file named {title!a}, which leads out of the archive",
            "do not trust this archive; unpack what you need of it yourself",
        )
