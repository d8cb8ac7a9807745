"""Words, parts of speech and names in texts, and figures."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch

from studio.data.batching import epoch_batches
from studio.data.symbols import PADDING
from studio.data.tagged import cut
from studio.inference.opened import Opened
from studio.language.text import fold_widths
from studio.models.sequence_tagger import SequenceTagger
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
    line = line_of(text, Labeller(model, task).spans(text), words=task.section.what == "words")
    return (Candidate(text=line, score=1.0),)


def line_of(text: str, spans: list[Span], *, words: bool) -> str:
    """A text with what is marked in it, as a line of words with their labels; `words` alone have none."""
    line, end = "", 0
    for span in spans:
        between = text[end : span.start]
        label = "" if words else f"/{span.label}"
        gap = " " if line and not line[-1].isspace() and not between[:1].isspace() else ""
        line += (gap + between if between else "") + (" " if line or between else "")
        line = line.lstrip() + text[span.start : span.end] + label
        end = span.end
    if text[end:]:
        line += (" " if line else "") + text[end:]
    return line
