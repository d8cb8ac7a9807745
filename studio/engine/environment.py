"""`environment.json`: what a run was made with."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from studio import __version__
from studio.data.dataset import Dataset
from studio.data.errors import DataError
from studio.data.sources import locate
from studio.recipe import BuiltinSource, Recipe
from studio.runs import atomic
from studio.runs.folder import FORMAT, RunFolder

_PACKAGES = ("torch", "transformers", "accelerate", "safetensors", "numpy", "jieba", "pypinyin")


def write_environment(
    run: RunFolder, recipe: Recipe, dataset: Dataset, device: torch.device, threads: int, precision: str
) -> None:
    """Record versions, device, commit and data, so that the run can be repeated and explained."""
    values: dict[str, Any] = {
        "format": FORMAT,
        "studio": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "device": device_name(device),
        "threads": threads,
        "precision": precision,
        "data": {
            "fingerprint": dataset.fingerprint,
            "examples": {name: len(split) for name, split in dataset.splits().items()},
            "sources": [
                {
                    "name": source.name,
                    "title": source.title,
                    "licence": source.licence,
                    "documents": source.documents,
                    "characters": source.characters,
                    "entries": source.entries,
                }
                for source in dataset.sources
            ],
            "notes": list(dataset.notes),
            "files": _files(recipe),
        },
    }
    if recipe.privacy.record_hostname:
        values["host"] = platform.node()
    atomic.write_text(run.environment, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def recorded_fingerprint(run: RunFolder) -> str | None:
    """The fingerprint of the data that a run began with, if it says."""
    data = run.read_json(run.environment).get("data")
    found = data.get("fingerprint") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def changed_data(run: RunFolder, recipe: Recipe) -> DataError:
    """What is to be said when a run is taken up again and its data are others by now: which files, if it is known."""
    recorded = run.read_json(run.environment).get("data")
    before = recorded.get("files") if isinstance(recorded, dict) else None
    now = _files(recipe)
    changed = [path for path, stamp in (before or {}).items() if now.get(path) != stamp]
    what = ", ".join(changed) or "a text, or the version of a package that reads it,"
    return DataError(
        f"the data are no longer those that the run began with: {what} has changed since; it cannot go on",
        "put the files back as they were and resume, or start a new run",
    )


def _files(recipe: Recipe) -> dict[str, list[int]]:
    """Size and time of change of each file of the recipe's own: what tells later which one changed."""
    found = {}
    for source in recipe.data.sources:
        if isinstance(source, BuiltinSource):
            continue
        with contextlib.suppress(OSError, DataError):
            for path in locate(source).files:
                state = path.stat()
                found[str(path)] = [state.st_size, state.st_mtime_ns]
    return found


def device_name(device: torch.device) -> str:
    """A device in words, such as "CPU" or "NVIDIA H100 (cuda:0)"."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({device})"
    return device.type.upper()


def _commit() -> str | None:
    """The commit the studio runs from, if it runs from a checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        command = ["git", "-C", str(root), "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
