"""The files behind a source's path: one file, those of a folder, or those of an archive."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import IO

from studio.data.errors import DataError
from studio.data.reading import open_bytes
from studio.data.tables import packing
from studio.data.tables.packing import Member

SUFFIXES = {
    ".txt": "text",
    ".text": "text",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
"""Formats by the end of a name."""

_FILES = 20_000
_ARCHIVES = (".tar", ".tgz", ".tbz2", ".txz", ".7z", ".rar")
# What a saved data set keeps beside its rows.
_DATASET_FILES = frozenset({"dataset_info.json", "state.json", "dataset_dict.json"})
_HEAD = 16


@dataclass(frozen=True)
class Part:
    """One file of a source.

    Attributes:
        path: where it, or its archive, lies.
        name: for people and messages.
        relative: its name within the source, with `/`; empty for a source that is one file.
        packed: as `packing.packing` names it.
        size: bytes on the disk.
        member: which file of the archive.
    """

    path: Path
    name: str
    relative: str
    packed: str
    size: int
    member: Member | None = None

    @property
    def suffix(self) -> str:
        """The end of the name that tells the format, in lower case."""
        if self.member is not None:
            return PurePosixPath(self.member.title).suffix.lower()
        return _suffix(self.path.name)

    def open(self) -> io.BufferedReader:
        """The content as a stream of bytes.

        Raises:
            DataError: if it cannot be opened; when it is read, if it is damaged.
        """
        if self.member is not None:
            return packing.open_member(self.path, self.member)
        file = open_bytes(self.path)
        if self.packed:
            return packing.unpacked(file, self.packed, self.name, self.size)
        return file

    @contextmanager
    def seekable(self) -> Iterator[IO[bytes]]:
        """The content as a file that can be read at any place: packed ones are unpacked into a temporary one."""
        with self.open() as stream:
            if not self.packed and self.member is None:
                yield stream
                return
            with tempfile.TemporaryFile() as whole:
                shutil.copyfileobj(stream, whole, 1 << 20)
                whole.seek(0)
                yield whole


def parts(path: Path, *, named: bool = False) -> tuple[list[Part], list[str]]:
    """The files of a source, in the order of their names, and notes about what is passed over.

    Args:
        path: a file, a folder or an archive.
        named: the format was given, so that in a folder names do not matter.

    Raises:
        DataError: if there is none that could be read.
    """
    notes: list[str] = []
    found = _of_folder(path, notes, named) if is_folder(path) else _of_file(path, str(path), "", notes)
    if not found:
        known = ", ".join(sorted(SUFFIXES))
        raise DataError(f"{path} holds no file of a known format", f"known are {known}, packed or not")
    return found, notes


def is_folder(path: Path) -> bool:
    """Whether there is a folder; false for paths that no system could have, of which reading says what is wrong."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def files_of(path: Path) -> list[Path]:
    """The files on the disk that a source is read from, in the order of their names."""
    if not is_folder(path):
        return [path]
    return [path / name for name in _names(path)]


def _of_file(path: Path, name: str, relative: str, notes: list[str]) -> list[Part]:
    lower = path.name.lower()
    if lower.endswith(_ARCHIVES) or ".tar." in lower:
        raise DataError(f"{name} is an archive of a kind that is not read", "unpack it, or make a zip of it")
    with open_bytes(path) as file:
        head = file.read(_HEAD)
        size = path.stat().st_size
    kind = packing.packing(head)
    if kind != "zip":
        return [Part(path, name, relative, kind, size)]
    inside = packing.members(path)
    if any(member.name == "xl/workbook.xml" for member in inside):
        return [Part(path, name, relative, "", size)]
    found = []
    for member in inside:
        part = Part(
            path,
            f"{name}!{member.title}",
            f"{relative}!{member.title}",
            "zip",
            member.packed,
            member,
        )
        if part.suffix in SUFFIXES:
            found.append(part)
        else:
            notes.append(f"{part.name} is not read: its format is not known")
    return sorted(found, key=lambda part: part.relative)


def _of_folder(folder: Path, notes: list[str], named: bool) -> list[Part]:
    found: list[Part] = []
    skipped = 0
    for name in _names(folder):
        path = folder / name
        if named or is_known(name):
            found += _of_file(path, str(path), name, notes)
        else:
            skipped += 1
    if skipped:
        notes.append(f"{folder}: {skipped:,} files of other kinds are not read")
    return found


def is_known(name: str) -> bool:
    """Whether a file of a folder is read, by its name."""
    return _suffix(name) in (*SUFFIXES, ".zip") and PurePath(name).name not in _DATASET_FILES


def _suffix(name: str) -> str:
    """The end of a name that tells the format, in lower case: of `a.csv.gz` `.csv`."""
    plain = PurePath(name)
    if plain.suffix.lower() in packing.PACKED_SUFFIXES:
        plain = plain.with_suffix("")
    return plain.suffix.lower()


def _names(folder: Path) -> list[str]:
    """The files below a folder as names with `/`, sorted; hidden ones and links that lead nowhere left out."""
    names: list[str] = []
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or relative.name in _DATASET_FILES:
            continue
        if path.is_file():
            names.append(relative.as_posix())
            if len(names) > _FILES:
                raise DataError(f"{folder} holds more than {_FILES:,} files", "choose a folder below it")
    return sorted(names)
