"""Prepared data sets on the disk: a folder each, whole or not there."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from studio import paths
from studio.data.dataset import COLUMNS, Dataset, SourceInfo, Split
from studio.data.errors import DataError
from studio.runs import atomic

_FORMAT = 1
_META = "meta.json"
_SPLITS = ("train", "lexicon", "validation", "test")
_TYPES = {
    "text": "<u4",
    "syllables": "<u2",
    "offsets": "<i8",
    "source": "|u1",
    "weight": "<f4",
    "label": "<u2",
    "tags": "<u2",
    "target": "<u4",
    "target_offsets": "<i8",
    "document": "<u4",
    "line": "<u4",
}
_OPTIONAL = (
    "label",
    "tags",
    "target",
    "target_offsets",
    "document",
    "line",
)  # columns that older data sets, or those of other tasks, do not have
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


def _open_split(home: Path, name: str, files: dict[str, Any], check: bool) -> Split:
    columns: dict[str, np.ndarray] = {}
    for column in COLUMNS:
        path = home / f"{name}.{column}.npy"
        if column in _OPTIONAL and path.name not in files:
            continue
        entry = files[path.name]
        if path.stat().st_size != entry["bytes"]:
            raise ValueError(f"{path} has changed its size")
        array: np.ndarray = np.load(path, mmap_mode="r" if entry["length"] else None, allow_pickle=False)
        if array.dtype != np.dtype(_TYPES[column]) or array.shape != (entry["length"],):
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


def store(dataset: Dataset) -> Dataset:
    """Write a data set and open it from where it was written.

    Raises:
        DataError: if the disk is full or may not be written; nothing of it stays.
    """
    home = folder() / dataset.fingerprint
    needed = sum(getattr(split, column).nbytes for split in dataset.splits().values() for column in COLUMNS)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        _sweep(home.parent)
        free = shutil.disk_usage(home.parent).free
        if free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with atomic.new_folder(home, replace=True) as partial:
            _write(dataset, partial)
    except OSError as error:
        # Another process may have prepared the same meanwhile, and its folder is as good as ours.
        stored = load(dataset.fingerprint)
        if stored is not None:
            return stored
        raise _unwritable(home.parent, needed, error) from error
    _forget_oldest(home)
    stored = load(dataset.fingerprint)
    if stored is None:
        raise DataError(
            f"{home} cannot be read back after writing", "check the disk, or set STUDIO_HOME elsewhere"
        )
    return stored


def _write(dataset: Dataset, home: Path) -> None:
    files: dict[str, Any] = {}
    for name, split in dataset.splits().items():
        for column in COLUMNS:
            array = np.ascontiguousarray(getattr(split, column), _TYPES[column])
            if column in _OPTIONAL[1:] and not len(array):
                continue
            path = home / f"{name}.{column}.npy"
            write_array(path, array)
            files[path.name] = {
                "bytes": path.stat().st_size,
                "length": len(array),
                "crc32": zlib.crc32(array.view(np.uint8).data),
            }
    meta = {
        "format": _FORMAT,
        "fingerprint": dataset.fingerprint,
        "sources": [asdict(source) for source in dataset.sources],
        "notes": list(dataset.notes),
        "labels": list(dataset.labels),
        **({"tag_names": list(dataset.tag_names)} if dataset.tag_names else {}),
        "files": files,
    }
    (home / _META).write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")


def write_array(path: Path, array: np.ndarray) -> None:
    """Write one column."""
    np.save(path, array, allow_pickle=False)


def _unwritable(home: Path, needed: int, error: OSError) -> DataError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        try:
            free = f"{shutil.disk_usage(home).free / 1e6:,.1f} MB are free"
        except OSError:
            free = "too little is free"
        return DataError(
            f"the disk is full: the prepared data needs {needed / 1e6:,.1f} MB in {home}, {free}",
            "make room, or set STUDIO_HOME to a folder on another disk",
        )
    reason = error.strerror or str(error)
    return DataError(
        f"{home} cannot be written: {reason}", "make it writable, or set STUDIO_HOME to another folder"
    )


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
