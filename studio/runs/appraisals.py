"""What an evaluation of a model found, item by item and in all: kept in the run folder, in `evaluation/`.

`evaluation/step-000350-test.json` holds the figures, and names the Parquet file beside it that holds the items. The
items are written first; who reads the figures finds whole items.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from studio.runs import atomic

FOLDER = "evaluation"
FORMAT = 1
_KEPT = 12  # evaluations of one run
_MOST_BYTES = 64 << 20  # of a file with figures; a larger one is none of ours

ClassKind = Literal["label", "character", "reading", "symbol"]
"""What the classes of a task are: labels of texts or spans, characters, a character's readings, symbols."""


@dataclass(frozen=True)
class Figure:
    """A figure with the bounds of its confidence interval; None where there is nothing to judge."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ClassFigures:
    """Figures of one class.

    Attributes:
        wanted, given: how often it was right, and how often it was said.
    """

    name: str
    wanted: int
    given: int
    precision: Figure
    recall: Figure
    f1: Figure


@dataclass(frozen=True)
class Confused:
    """How often one class was taken for another; an empty name stands for none."""

    wanted: str
    given: str
    count: int


@dataclass(frozen=True)
class Bin:
    """Decisions whose confidence lies from `low` to `high`: their mean confidence, and the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far confidences are from the shares that come out right, over `count` decisions."""

    error: float
    count: int
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Appraisal:
    """Figures of one model on one split.

    Attributes:
        task: the name of the task.
        step: the training step of the weights; -1 if they carry none.
        split: "validation", "test", or the name of a file.
        limit: at most so many examples were asked for, spread evenly; 0 for all.
        items: what was judged.
        kept: items that are in the file; fewer than all where there are very many.
        documents: what the intervals were resampled by; 0 where every item stands alone.
        figures: by name, in the order in which they are shown.
        sources: the same for each source that has items, without intervals.
        classes: the figures of single classes, the most frequent first; at most some hundred.
        every_class: how many classes occur.
        confusion: pairs of classes, the most frequent first, right ones too where the classes are few.
        level: of the confidence intervals.
        replicates: how often the items were drawn anew.
        data: the fingerprint of the data set.
        data_changed: the texts are no longer those that the run began with.
        records: the name of the file with the items; empty if there is none.
        at: seconds since the epoch.
    """

    task: str
    step: int
    split: str
    limit: int
    items: int
    kept: int
    documents: int
    figures: dict[str, Figure]
    sources: dict[str, dict[str, float | None]]
    class_kind: ClassKind
    classes: tuple[ClassFigures, ...]
    every_class: int
    confusion: tuple[Confused, ...]
    calibration: Calibration | None
    level: float
    replicates: int
    data: str
    data_changed: bool = False
    records: str = ""
    at: float = field(default_factory=time.time)


@cache
def _appraisals() -> TypeAdapter[Appraisal]:
    """Checks what is read; built when it is first needed, not while the window starts."""
    return TypeAdapter(Appraisal)


def stem(step: int, split: str) -> str:
    """The name of an evaluation's files, without what they end in."""
    return f"step-{max(step, 0):06d}-{split}"


def read(folder: Path) -> list[Appraisal]:
    """The evaluations of a run, newest first; what cannot be read is left out."""
    found = [made for path in (folder / FOLDER).glob("step-*.json") if (made := read_file(path)) is not None]
    return sorted(found, key=lambda one: -one.at)


def read_file(path: Path) -> Appraisal | None:
    """One evaluation; None if it cannot be read or its items are gone."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            return None
        made = _appraisals().validate_python(values)
    except (OSError, ValueError, RecursionError, ValidationError):
        return None
    name = Path(made.records).name
    return made if name == made.records and (not name or (path.parent / name).is_file()) else None


def keep(folder: Path, made: Appraisal) -> None:
    """Put an evaluation into a run's folder, whose items are there already; the oldest ones go.

    Raises:
        OSError: if the folder cannot be written.
    """
    home = folder / FOLDER
    values = {"format": FORMAT, **asdict(made)}
    before = read_file(home / f"{stem(made.step, made.split)}.json")
    atomic.write_text(
        home / f"{stem(made.step, made.split)}.json", json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    )
    if before is not None and before.records not in ("", made.records):
        (home / before.records).unlink(missing_ok=True)
    for old in read(folder)[_KEPT:]:
        (home / f"{stem(old.step, old.split)}.json").unlink(missing_ok=True)
        if old.records:
            (home / old.records).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        atomic.sweep(home)


def records_of(folder: Path, made: Appraisal) -> Path:
    """Where the items of an evaluation are."""
    return folder / FOLDER / made.records
