"""Pasted text, kept as a file below the data home, so that a recipe can name it."""

from __future__ import annotations

import time
from pathlib import Path

from studio import paths
from studio.runs import atomic


def folder() -> Path:
    """Where pasted texts are kept."""
    return paths.data_home() / "pasted"


def keep(text: str) -> Path:
    """Write a text to a new file; raises OSError."""
    folder().mkdir(parents=True, exist_ok=True)
    stem = time.strftime("%Y-%m-%d %H-%M-%S")
    path = folder() / f"{stem}.txt"
    number = 2
    while path.exists():
        path = folder() / f"{stem} {number}.txt"
        number += 1
    whole = text.encode("utf-8", "replace")  # a clipboard may hold halves of characters
    atomic.write_bytes(path, whole if whole.endswith(b"\n") else whole + b"\n")
    return path
