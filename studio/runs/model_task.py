"""Which task a model was trained for, told without loading it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

USUAL = "pinyin_to_hanzi"


def task_at(path: Path) -> str:
    """The task of a run, a checkpoint or an exported folder; the usual one where nothing says."""
    try:
        if (path / "config.json").is_file():
            return _name(json.loads((path / "config.json").read_text(encoding="utf-8")).get("task"))
        return _name(tomllib.loads((path / "recipe.toml").read_text(encoding="utf-8")).get("task"))
    except (OSError, ValueError, AttributeError, RecursionError):
        return USUAL


def _name(found: Any) -> str:
    name = found.get("name") if isinstance(found, dict) else found
    return name if isinstance(name, str) else USUAL
