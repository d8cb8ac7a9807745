"""Cleaned copies of texts and tables: what the doctor found is mended by steps, and the originals stay as they are."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import TypeAdapter

from studio.data.doctor.originals import Original, originals_of
from studio.data.errors import DataError
from studio.data.steps.pipeline import Pipeline
from studio.data.steps.stage import Tally
from studio.recipe import FileSource, TableSource
from studio.recipe.steps import AnyStep, Step
from studio.runs import atomic
from studio.runs.doctor_requests import DoctorReport

STEPS_FILE = "steps.toml"
# What was read wrongly first, since all else looks at what stands there; what drops documents last.
_ORDER = (
    "repair_encoding",
    "remove_controls",
    "remove_markup",
    "normalise_widths",
    "convert_script",
    "mask_personal",
    "filter_pattern",
    "filter_hanzi",
    "drop_repeats",
    "drop_near_repeats",
)
_steps: TypeAdapter[list[AnyStep]] = TypeAdapter(list[Step])


@dataclass(frozen=True)
class Copy:
    """A cleaned copy: from where, to where, documents or rows before and after, and lines that made no row."""

    original: str
    path: str
    documents: int
    kept: int
    set_aside: int = 0


@dataclass(frozen=True)
class Fixed:
    """What was done: the copies, the file with the steps, and what each step did."""

    copies: tuple[Copy, ...]
    steps_file: str
    tallies: tuple[Tally, ...]


def steps_for(report: DoctorReport, only: Collection[str] = ()) -> list[dict[str, Any]]:
    """The steps that mend a report's findings, each once, in the order in which they work best together.

    Args:
        only: ids of the findings to mend; empty for all.
    """
    found: list[dict[str, Any]] = []
    for finding in report.findings:
        if finding.fix is not None and finding.fix.step and (not only or finding.id in only):
            step = {**finding.fix.step}
            if step not in found:
                found.append(step)
    # Of one kind, what looks at documents comes before what looks at lines.
    return sorted(found, key=lambda step: (_ORDER.index(step["kind"]), step.get("part", "") == "line"))


def write_fixed(
    sources: Sequence[FileSource | TableSource],
    steps: Sequence[dict[str, Any]],
    folder: Path,
    *,
    overwrite: bool = False,
) -> Fixed:
    """Write a copy of each file, as the steps leave it, as UTF-8; and the steps as a part of a recipe.

    Texts are written as texts. Of tables the text column is mended and rows are dropped; CSV and Excel are written as
    CSV, the others as an object a line, with cells as texts and the columns as they are called in `data inspect`.

    Args:
        sources: texts, tables, and folders and archives of these.
        steps: values of steps, in order.
        folder: for the copies; made if it is not there.
        overwrite: replace copies that were written earlier. An original is never replaced.

    Raises:
        DataError: if a file cannot be read, or a copy would replace something.
        OSError: if the folder cannot be written.
    """
    originals = [original for source in sources for original in originals_of(source)]
    targets = _targets(originals, folder, overwrite)
    pipeline = Pipeline(_steps.validate_python(list(steps)))
    folder.mkdir(parents=True, exist_ok=True)
    copies: list[Copy] = []
    for original, target in zip(originals, targets, strict=True):
        rows = original.rows()
        with atomic.new_text(target) as file:
            kept = original.write(pipeline.run(rows), file)
        copies.append(Copy(original.name, str(target), rows.count, kept, original.set_aside))
    steps_file = folder / STEPS_FILE
    atomic.write_text(steps_file, tomli_w.dumps({"data": {"steps": list(steps)}}) + "\n")
    return Fixed(tuple(copies), str(steps_file), pipeline.tallies)


def _targets(originals: Sequence[Original], folder: Path, overwrite: bool) -> list[Path]:
    files = {original.path.resolve() for original in originals}
    targets: list[Path] = []
    for original in originals:
        stem, ending = original.stem, original.ending
        names = itertools.chain([f"{stem}{ending}"], (f"{stem}-{n}{ending}" for n in itertools.count(2)))
        target = next(folder / name for name in names if folder / name not in targets)
        if target.resolve() in files:
            raise DataError(
                f"{target} is one of the originals, which stay as they are", "choose another folder"
            )
        targets.append(target)
    there = [path for path in (*targets, folder / STEPS_FILE) if path.exists()]
    if there and not overwrite:
        raise DataError(f"{there[0]} is there already", "choose another folder, or overwrite earlier copies")
    return targets
