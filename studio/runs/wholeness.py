"""Whether a checkpoint is whole, told from names, sizes and headers: no tensor is read, and torch is not needed."""

from __future__ import annotations

import functools
import json
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MODEL = ("config.json", "model.safetensors")
STATE = ("training_state.json", "training_state.safetensors")
_LONGEST_HEADER = 100_000_000  # bytes; safetensors takes no longer one


@dataclass(frozen=True)
class Damage:
    """What is wrong with a checkpoint: the first of its files that is missing or not what was written."""

    file: str
    missing: bool

    def __str__(self) -> str:
        return f"{self.file} is {'missing' if self.missing else 'damaged'}"


@dataclass(frozen=True)
class LostCheckpoint:
    """A checkpoint that was saved once and cannot be used any more."""

    step: int
    damage: Damage


def file_sizes(folder: Path) -> dict[str, int]:
    """The files of a checkpoint with their sizes in bytes, to be compared with later."""
    return {file.name: file.stat().st_size for file in sorted(folder.iterdir()) if file.is_file()}


def model_damage(folder: Path, sizes: Mapping[str, int]) -> Damage | None:
    """What keeps a checkpoint from being loaded for prediction, or None.

    Args:
        sizes: what its files had when it was saved; those not named are only looked into.
    """
    if not folder.is_dir():
        return Damage(folder.name, missing=True)
    return _first_damage(folder, [*MODEL, *(name for name in sizes if name not in STATE)], sizes)


def state_damage(folder: Path, sizes: Mapping[str, int]) -> Damage | None:
    """What keeps a run from going on exactly from a checkpoint whose model is whole, or None."""
    return _first_damage(folder, STATE, sizes)


def _first_damage(folder: Path, names: Iterable[str], sizes: Mapping[str, int]) -> Damage | None:
    for name in dict.fromkeys(names):
        # Names may come out of an index that anyone has written: nothing outside the folder is looked at.
        path = folder / Path(name).name
        try:
            status = path.stat()
        except OSError:
            return Damage(path.name, missing=True)
        sound = stat.S_ISREG(status.st_mode) and status.st_size == sizes.get(name, status.st_size)
        try:
            sound = sound and _is_sound(path, status.st_size, status.st_mtime_ns)
        except OSError:
            sound = False
        if not sound:
            return Damage(path.name, missing=False)
    return None


@functools.lru_cache(4096)
def _is_sound(path: Path, size: int, _changed: int) -> bool:
    """Whether a file is JSON, or as long as its safetensors header says. Looked into once while it stays the same."""
    try:
        if path.name in (MODEL[0], STATE[0]):
            return isinstance(json.loads(path.read_bytes()), dict)
        if path.suffix == ".safetensors":
            return _promised_size(path) == size
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return False
    return True


def _promised_size(path: Path) -> int:
    """The size in bytes that the header of a safetensors file speaks of."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > _LONGEST_HEADER:
            return -1
        header = json.loads(file.read(length))
    ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
    return 8 + length + max(ends, default=0)
