"""`started_from.json`: whose weights a run began with, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.runs import atomic
from studio.runs.events import StartedFrom
from studio.runs.folder import RunFolder

FILE = "started_from.json"


def keep(run: RunFolder, started: StartedFrom, sources: list[Any], before: Mapping[str, Any]) -> None:
    """Write it down.

    Args:
        sources: what the model had learnt from, as in a run's environment; empty where its record is gone.
        before: the same of the run whose weights that model had begun with; empty if there is none.
    """
    values = {**asdict(started), "sources": sources, "before": dict(before)}
    atomic.write_text(run.path / FILE, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def read(folder: Path) -> dict[str, Any]:
    """What a run folder says of it; empty if it began with random weights, or if the file is damaged."""
    return RunFolder.read_json(folder / FILE)


def chain(started: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The model that a run began with, the one that that began with, and so on."""
    found: Any = started
    while isinstance(found, Mapping) and found:
        yield found
        found = found.get("before")
