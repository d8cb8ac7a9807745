"""The items of a split judged one by one: what they amount to, with intervals, and the items in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.batching import epoch_batches
from studio.data.dataset import Split
from studio.data.errors import DataError
from studio.inference.appraisal.bootstrap import LEVEL, REPLICATES, grouped, interval, resampled
from studio.inference.appraisal.calibration import Reliability
from studio.inference.appraisal.classes import ClassCounts, listed
from studio.inference.appraisal.judge import Judge
from studio.inference.appraisal.records import Writer
from studio.inference.appraisal.scores import SCORINGS, Scoring
from studio.runs.appraisals import Appraisal, Figure

Tick = Callable[[int, int], object]
"""Called with examples done and in all; what it raises calls the work off."""


def no_tick(_done: int, _total: int) -> None:
    """Let the work go on."""


@dataclass(frozen=True)
class Judgement:
    """All items judged: what is known of each, and what was counted.

    Attributes:
        counts: [items, counts], as `Scoring.counted` names them.
        example, source, document: of each item [items]; documents -1 where they are not known.
        kept: items that were written.
    """

    counts: np.ndarray
    example: np.ndarray
    source: np.ndarray
    document: np.ndarray
    classes: ClassCounts
    reliability: Reliability
    class_name: Callable[[int], str]
    kept: int

    @property
    def units(self) -> np.ndarray | None:
        """What the items are drawn by: documents, where all are known and there are several; else examples."""
        if len(self.document) and (self.document >= 0).all():
            units = self.source.astype(np.int64) << 40 | self.document
            if len(np.unique(units)) > 1:
                return units
        return self.example if len(np.unique(self.example)) < len(self.example) else None

    @property
    def by_document(self) -> bool:
        """Whether the items are drawn by documents."""
        units = self.units
        return units is not None and units is not self.example


def judge(
    judge_: Judge,
    scoring: Scoring,
    split: Split,
    limit: int = 0,
    tick: Tick = no_tick,
    path: Path | None = None,
    sources: tuple[str, ...] = (),
) -> Judgement:
    """Judge the items of a split, and write them where a path is given.

    Args:
        limit: at most so many examples, spread evenly; 0 takes all.
        sources: the names of the split's sources, to be written.

    Raises:
        DataError: if there is nothing to judge.
        OSError: if the file cannot be written.
    """
    size = len(split)
    if not size:
        raise DataError("there is nothing to evaluate", "choose another split or file")
    picked = np.arange(size)
    if 0 < limit < size:
        picked = np.linspace(0, size - 1, limit).round().astype(np.int64)
    found: list[tuple[np.ndarray, ...]] = []
    classes, reliability = ClassCounts(few=scoring.few), Reliability()
    writer = Writer(path, scoring.counted, len(picked), few=scoring.few) if path is not None else None
    with writer or nullcontext():
        done = 0
        for batch in epoch_batches(judge_.lengths[picked], judge_.budget, seed=0, epoch=0):
            tick(done, len(picked))
            done += len(batch)
            judged = judge_.judge(picked[batch])
            places = _places(split, judged.example, len(judged.inputs) // len(batch))
            if writer is not None:
                writer.add(judged, places)
            classes.add(judged.decisions, len(judged.inputs))
            reliability.add(judged.sure, judged.hit)
            counts = np.stack([judged.counts[name] for name in scoring.counted], axis=1)
            found.append((counts.astype(np.float64), judged.example, places["source"], places["document"]))
        tick(done, len(picked))
        if writer is not None:
            writer.class_name, writer.sources = judge_.class_name, sources
    columns = [np.concatenate(part) for part in zip(*found, strict=True)]
    kept = writer.kept if writer is not None else 0
    counts, example, source, document = columns
    return Judgement(counts, example, source, document, classes, reliability, judge_.class_name, kept)


def summed(
    task: str, step: int, judged: Judgement, split: str, limit: int = 0, sources: tuple[str, ...] = ()
) -> Appraisal:
    """What judgements amount to.

    Args:
        task: its name.
        step: of the weights.
        split: its name, or that of a file.
        sources: their names.
    """
    scoring = SCORINGS[task]
    units = judged.units
    figures = with_intervals(scoring, judged.counts, units)
    classes, means, every = listed(judged.classes, units, judged.class_name)
    if scoring.few:
        figures |= means
    return Appraisal(
        task=task,
        step=step,
        split=split,
        limit=limit,
        items=len(judged.counts),
        kept=judged.kept,
        documents=len(np.unique(units)) if units is not None and judged.by_document else 0,
        figures=figures,
        sources={
            name: plain(scoring, judged.counts[judged.source == number])
            for number, name in enumerate(sources)
            if (judged.source == number).any()
        },
        class_kind=scoring.kind,
        classes=classes,
        every_class=every,
        confusion=judged.classes.confused(judged.class_name),
        calibration=judged.reliability.found(),
        level=LEVEL,
        replicates=REPLICATES,
        data="",
    )


def plain(scoring: Scoring, counts: np.ndarray) -> dict[str, float | None]:
    """The figures of some items [items, counts], without intervals."""
    return {
        name: number(value) for name, value in scoring.figures(_named(scoring, counts.sum(axis=0))).items()
    }


def with_intervals(scoring: Scoring, counts: np.ndarray, units: np.ndarray | None) -> dict[str, Figure]:
    """The figures of some items [items, counts] with their intervals."""
    drawn = scoring.figures(_named(scoring, resampled(grouped(counts, units))))
    return {
        name: Figure(value, *(interval(drawn[name]) if value is not None else (None, None)))
        for name, value in plain(scoring, counts).items()
    }


def number(value: np.ndarray) -> float | None:
    """A figure as a plain number; None for what is none."""
    return float(value) if np.isfinite(value) else None


def _named(scoring: Scoring, sums: np.ndarray) -> Mapping[str, np.ndarray]:
    return {name: sums[..., place] for place, name in enumerate(scoring.counted)}


def _places(split: Split, example: np.ndarray, each: int) -> dict[str, np.ndarray]:
    """Where items come from; of an example that makes several, each has a number of its own."""
    again = np.zeros(len(example), np.int64)
    if each > 1:
        order = np.argsort(example, kind="stable")
        again[order] = np.arange(len(example)) % each
    documents, lines = np.asarray(split.document), np.asarray(split.line)
    known = len(documents) == len(split)
    nothing = np.zeros(len(example), np.int64)
    return {
        "number": example * max(each, 1) + again,
        "source": np.asarray(split.source)[example].astype(np.int64),
        "document": documents[example].astype(np.int64) if known else nothing - 1,
        "line": lines[example].astype(np.int64) if known else nothing,
    }
