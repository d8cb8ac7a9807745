"""Cleaned copies of text files: what the doctor found is mended by steps, and the originals stay as they are."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import TypeAdapter

from studio.data.doctor.reading import opened
from studio.data.errors import DataError
from studio.data.sources import documents, locate
from studio.data.steps.pipeline import Pipeline
from studio.data.steps.stage import Tally
from studio.recipe import FileSource
from studio.recipe.steps import AnyStep, Step
from studio.runs import atomic
from studio.runs.doctor_requests import DoctorReport

STEPS_FILE = "steps.toml"
_PACKED = (".gz", ".bz2", ".xz")
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
    """A cleaned copy: from where, to where, documents before and after."""

    original: str
    path: str
    documents: int
    kept: int


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
    sources: Sequence[FileSource], steps: Sequence[dict[str, Any]], folder: Path, *, overwrite: bool = False
) -> Fixed:
    """Write a copy of each file, as the steps leave it, as UTF-8; and the steps as a part of a recipe.

    Args:
        sources: files of text.
        steps: values of steps, in order.
        folder: for the copies; made if it is not there.
        overwrite: replace copies that were written earlier. An original is never replaced.

    Raises:
        DataError: if a file cannot be read, or a copy would replace something.
        OSError: if the folder cannot be written.
    """
    targets = _targets(sources, folder, overwrite)
    pipeline = Pipeline(_steps.validate_python(list(steps)))
    folder.mkdir(parents=True, exist_ok=True)
    copies: list[Copy] = []
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        records = list(opened(source, number, documents).records)
        kept = [record.text for record in pipeline.run(iter(records))]
        gap = "\n" if source.document == "line" else "\n\n"
        atomic.write_text(target, "".join(itertools.chain(_between(kept, gap), "\n" if kept else "")))
        copies.append(Copy(str(locate(source).files[0]), str(target), len(records), len(kept)))
    steps_file = folder / STEPS_FILE
    atomic.write_text(steps_file, tomli_w.dumps({"data": {"steps": list(steps)}}) + "\n")
    return Fixed(tuple(copies), str(steps_file), pipeline.tallies)


def _targets(sources: Sequence[FileSource], folder: Path, overwrite: bool) -> list[Path]:
    originals = {locate(source).files[0].resolve() for source in sources}
    targets: list[Path] = []
    for source in sources:
        path = locate(source).files[0]
        stem = Path(path.stem).stem if path.suffix.lower() in _PACKED else path.stem
        names = itertools.chain([f"{stem}.txt"], (f"{stem}-{n}.txt" for n in itertools.count(2)))
        target = next(folder / name for name in names if folder / name not in targets)
        if target.resolve() in originals:
            raise DataError(
                f"{target} is one of the originals, which stay as they are", "choose another folder"
            )
        targets.append(target)
    there = [path for path in (*targets, folder / STEPS_FILE) if path.exists()]
    if there and not overwrite:
        raise DataError(f"{there[0]} is there already", "choose another folder, or overwrite earlier copies")
    return targets


def _between(texts: Iterable[str], gap: str) -> Iterable[str]:
    for place, text in enumerate(texts):
        if place:
            yield gap
        yield text
