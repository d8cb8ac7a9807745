"""Words, parts of speech and names in texts, and figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.data.batching import epoch_batches
from studio.data.dataset import Split, SplitBuilder
from studio.data.errors import DataError
from studio.data.spans import OUTSIDE, SpanItems
from studio.data.symbols import PADDING
from studio.data.tagged import cut
from studio.inference.evaluation import about_test_split, own_data
from studio.inference.opened import Opened
from studio.language.text import fold_widths
from studio.models.sequence_tagger import SequenceTagger
from studio.recipe import Cleaning, FileSource
from studio.runs.events import Candidate
from studio.tasks import SequenceLabelling

_BUDGET = 8192  # positions a batch
_SOLID = re.compile(r"\S+")


@dataclass(frozen=True)
class Span:
    """A part of a text, from `start` to before `end`, and what it is."""

    start: int
    end: int
    label: str


class Labeller:
    """Labels texts with a model that must be in evaluation mode."""

    def __init__(self, model: SequenceTagger, task: SequenceLabelling) -> None:
        self.model, self.task = model, task

    def spans(self, text: str) -> list[Span]:
        """The labelled parts of a text in order; blanks are part of none."""
        folded = "".join(one if len(one := fold_widths(given)) == 1 else given for given in text)
        most = self.task.section.max_length
        pieces = [
            (solid.start() + start, solid.start() + end)
            for solid in _SOLID.finditer(folded)
            for start, end in cut(solid[0], most)
        ]
        if not pieces:
            return []
        bounds = np.array(pieces, np.int64)
        lengths = bounds[:, 1] - bounds[:, 0]
        symbols = self.task.read(folded)
        tags = np.zeros(len(text), np.int64)
        for chosen in epoch_batches(lengths, _BUDGET, seed=0, epoch=0):
            places = bounds[chosen, :1] + np.arange(int(lengths[chosen].max()))
            valid = places < bounds[chosen, 1:]
            found = self._tags(np.where(valid, symbols[np.where(valid, places, 0)], PADDING), lengths[chosen])
            tags[places[valid]] = found[valid]
        scheme, labels = self.task.scheme, self.task.labels
        made: list[Span] = []
        for start, end in pieces:  # piece by piece: tags of blanks between say nothing
            inside = scheme.spans(tags[start:end])
            made += [
                Span(start + first, start + last, labels[label])
                for first, last, label in zip(
                    inside.start.tolist(), inside.end.tolist(), inside.label.tolist(), strict=True
                )
            ]
        return made

    def _tags(self, symbols: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        device = self.model.head.weight.device
        given = (torch.from_numpy(one.astype(np.int64)).to(device) for one in (symbols, lengths))
        return self.model.tags(*given).cpu().numpy()


def labeller(opened: Opened) -> Labeller:
    """The labeller of an opened model."""
    assert isinstance(opened.model, SequenceTagger)
    return Labeller(opened.model, opened.task)


def candidates(
    model: SequenceTagger, task: SequenceLabelling, text: str, _count: int
) -> tuple[Candidate, ...]:
    """A probe with what is marked in it, as a line of words with their labels."""
    line, end = "", 0
    for span in Labeller(model, task).spans(text):
        between = text[end : span.start]
        label = "" if task.section.what == "words" else f"/{span.label}"
        gap = " " if line and not line[-1].isspace() and not between[:1].isspace() else ""
        line += (gap + between if between else "") + (" " if line or between else "")
        line = line.lstrip() + text[span.start : span.end] + label
        end = span.end
    if text[end:]:
        line += (" " if line else "") + text[end:]
    return (Candidate(text=line, score=1.0),)


def evaluate_test_split(opened: Opened) -> dict[str, Any]:
    """Figures on the test split of the run that a model comes from, in all and label by label.

    Raises:
        DataError: if the run's recipe is not beside the model, or its data are no longer there.
    """
    dataset, run = own_data(opened)
    if dataset.tag_names != opened.task.labels:
        raise DataError("the data have other labels than the model", "give a file to evaluate on with --data")
    return {
        **_report(opened, dataset.test),
        **about_test_split(dataset, run),
    }


def evaluate_file(opened: Opened, path: Path) -> dict[str, Any]:
    """Figures on a file of word/tag tokens, of words with blanks between, or of a character and its mark on each line.

    Sentences with labels that the model does not know are counted and left out.

    Raises:
        DataError: if the file cannot be read or marks nothing.
    """
    cleaning = Cleaning()
    items = SpanItems(opened.task.section, cleaning, opened.task.labels)
    builder, strange = SplitBuilder(), 0
    for document in items.documents(FileSource(kind="file", path=str(path), document="line"), 0):
        for text, tags in items.tagged(document):
            if OUTSIDE in tags and not opened.task.outside:
                strange += 1
                continue
            builder.add(text, (), 0, tags=tags)
    split = builder.build()
    if not len(split):
        raise DataError(f"{path} holds no sentence with labels of the model", "choose another file")
    return {**_report(opened, split), "data": str(path), "unknown_labels": items.strange + strange}


def _report(opened: Opened, split: Split) -> dict[str, Any]:
    return {
        "task": opened.config.task,
        "step": opened.config.step,
        "examples": len(split),
        "characters": split.positions,
        **opened.task.report(opened.model, opened.task.encode(split), opened.device),
    }
