"""Prepared data sets on the disk: a folder each, whole or not there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from studio import paths
from studio.data.columns import OPTIONAL, TYPES, ColumnFiles
from studio.data.dataset import COLUMNS, Dataset, SourceInfo, Split, SplitBuilder
from studio.data.errors import DataError
from studio.data.room import Room, unwritable
from studio.runs import atomic

_FORMAT = 1
_META = "meta.json"
_SPLITS = ("train", "lexicon", "validation", "test")
_KEPT = 12
_ABANDONED = 6 * 3600.0
# Below this the whole content is checked at opening (some 10 ms); above it sizes have to do.
_CHECKED_BELOW = 256 << 20


def folder() -> Path:
    """Where prepared data sets live."""
    return paths.cache_home() / "datasets"


def load(fingerprint: str) -> Dataset | None:
    """Open a prepared data set, memory-mapped; None if there is none, or if it is damaged."""
    home = folder() / fingerprint
    try:
        meta = json.loads((home / _META).read_text(encoding="utf-8"))
        if meta["format"] != _FORMAT or meta["fingerprint"] != fingerprint:
            return None
        check = sum(entry["bytes"] for entry in meta["files"].values()) < _CHECKED_BELOW
        splits = {name: _open_split(home, name, meta["files"], check) for name in _SPLITS}
        sources = tuple(SourceInfo(**source) for source in meta["sources"])
        dataset = Dataset(
            **splits,
            sources=sources,
            fingerprint=fingerprint,
            notes=tuple(meta["notes"]),
            labels=tuple(meta.get("labels", ())),
            tag_names=tuple(meta.get("tag_names", ())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None
    with contextlib.suppress(OSError):
        os.utime(home / _META)  # marks it as used, for _forget_oldest
    return dataset


def prepared(fingerprint: str) -> Dataset:
    """Open a data set that has just been made.

    Raises:
        DataError: if that is not possible.
    """
    found = load(fingerprint)
    if found is None:
        raise DataError(
            f"{folder() / fingerprint} cannot be read back after writing",
            "check the disk, or set STUDIO_HOME elsewhere",
        )
    return found


def _open_split(home: Path, name: str, files: dict[str, Any], check: bool) -> Split:
    columns: dict[str, np.ndarray] = {}
    for column in COLUMNS:
        path = home / f"{name}.{column}.npy"
        if column in OPTIONAL and path.name not in files:
            continue
        entry = files[path.name]
        if path.stat().st_size != entry["bytes"]:
            raise ValueError(f"{path} has changed its size")
        array: np.ndarray = np.load(path, mmap_mode="r" if entry["length"] else None, allow_pickle=False)
        if array.dtype != np.dtype(TYPES[column]) or array.shape != (entry["length"],):
            raise ValueError(f"{path} holds something else")
        if check and zlib.crc32(array.view(np.uint8).data) != entry["crc32"]:
            raise ValueError(f"{path} has changed")
        columns[column] = array
    split = Split(**columns)
    if len(split.target_offsets) and split.target_offsets[-1] != len(split.target):
        raise ValueError(f"{home / name} does not fit together")
    if {len(split.document), len(split.line)} - {0, len(split)}:
        raise ValueError(f"{home / name} does not fit together")
    if split.offsets[-1] != len(split.text) or len(split.offsets) != len(split) + 1:
        raise ValueError(f"{home / name} does not fit together")
    return split


class Draft:
    """A data set on its way into the cache.

    Attributes:
        room: its folder, in which what is needed on the way may lie as well.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self._files: dict[str, dict[str, int]] = {}

    @contextmanager
    def split(self, name: str) -> Iterator[SplitBuilder]:
        """Write a split piece by piece, which is complete where the block ends well.

        Raises:
            DataError: if the disk is full, or may not be written.
        """
        columns = ColumnFiles(self.room, name)
        builder = SplitBuilder(columns)
        yield builder
        builder.finish()
        self._files |= columns.close()

    def put(self, name: str, split: Split) -> None:
        """Write a split that is in memory."""
        columns = ColumnFiles(self.room, name)
        for column in COLUMNS:
            columns.append(column, getattr(split, column))
        self._files |= columns.close()

    def finish(
        self,
        fingerprint: str,
        sources: Iterable[SourceInfo],
        notes: Iterable[str],
        labels: Iterable[str],
        tag_names: Sequence[str],
    ) -> None:
        """Write what is said of the data set as a whole, and remove whatever is no part of it."""
        self.room.close()
        with self.room.told():
            for path in self.room.home.iterdir():
                if path.name not in self._files:
                    path.unlink()
        files = {
            file: self._files[file]
            for name in _SPLITS
            for column in COLUMNS
            if (file := f"{name}.{column}.npy") in self._files
        }
        meta = {
            "format": _FORMAT,
            "fingerprint": fingerprint,
            "sources": [asdict(source) for source in sources],
            "notes": list(notes),
            "labels": list(labels),
            **({"tag_names": list(tag_names)} if tag_names else {}),
            "files": files,
        }
        with self.room.told():
            (self.room.home / _META).write_text(json.dumps(meta, ensure_ascii=False, indent=1), "utf-8")


@contextmanager
def draft(fingerprint: str) -> Iterator[Draft]:
    """Make a data set, which is in the cache once the block ends well; otherwise nothing of it stays.

    Raises:
        DataError: if the disk is full or may not be written.
    """
    home = folder() / fingerprint
    made: Draft | None = None
    working = False
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        _sweep(home.parent)
        with atomic.new_folder(home, replace=True) as partial:
            made, working = Draft(Room(partial)), True
            try:
                yield made
            finally:
                made.room.close()
            working = False
    except OSError as error:
        if working:
            raise  # the cache is not to blame
        # Another process may have prepared the same meanwhile, and its folder is as good as ours.
        if made is None or load(fingerprint) is None:
            raise unwritable(home.parent, made.room.written if made else 0, error) from error
    _forget_oldest(home)


def _sweep(home: Path) -> None:
    """Remove what killed processes left half done; a younger one may be another process's work in progress."""
    for leftover in home.glob(f"{atomic.TEMPORARY}*"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _ABANDONED:
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def _forget_oldest(newest: Path) -> None:
    """Keep the data sets used last; older ones can be made again."""
    with contextlib.suppress(OSError):
        kept = sorted(
            newest.parent.glob(f"[!.]*/{_META}"), key=lambda meta: meta.stat().st_mtime, reverse=True
        )
        for meta in kept[_KEPT:]:
            if meta.parent != newest:
                shutil.rmtree(meta.parent, ignore_errors=True)
