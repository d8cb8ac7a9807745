"""Texts corrected: what is wrong in them and what would be right, and figures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.inference.opened import Opened
from studio.inference.windows import windows
from studio.language.text import fold_widths, is_hanzi
from studio.models.corrector import Corrector
from studio.runs.events import Candidate
from studio.tasks import Correction

# As long as anything else than marks stands before them, marks belong to the sentence that they end.
_SENTENCE = re.compile(r"[^。！？!?…\n]*[。！？!?…\n]*[”’」』）)》\"']*")
_ROWS = 64  # sentences in a batch
NO_HANZI = "the text has no hanzi"


@dataclass(frozen=True)
class Edit:
    """One character that is taken for wrong.

    Attributes:
        position: of the character in the text, from 0.
        wrong, right: what stands there, and what belongs there.
        score: how likely that is, 0 to 1.
    """

    position: int
    wrong: str
    right: str
    score: float


@dataclass(frozen=True)
class Corrected:
    """A text with its corrections made; `note` is what a person should know of it, empty if there is nothing."""

    text: str
    edits: tuple[Edit, ...]
    note: str = ""


class Proofreader:
    """Corrects texts with a model that must be in evaluation mode."""

    def __init__(self, model: Corrector, task: Correction) -> None:
        self.model, self.task = model, task

    @property
    def threshold(self) -> float:
        """The least score of a correction that is made."""
        return float(self.model.threshold)

    def correct(self, text: str) -> Corrected:
        """The corrections of a text, which keeps its length."""
        if not any(map(is_hanzi, text)):
            return Corrected(text, (), NO_HANZI)
        edits = sorted(self._edits(text), key=lambda edit: edit.position)
        made = list(text)
        for edit in edits:
            made[edit.position] = edit.right
        return Corrected("".join(made), tuple(edits))

    def _edits(self, text: str) -> list[Edit]:
        # What is only printed wide is read as the ordinary letter; the text itself stays as it is.
        read = "".join(made if len(made := fold_widths(c)) == 1 else c for c in text)
        spans = [
            (found.start() + window.start, found.start() + window.stop, found.start() + window.first,
             found.start() + window.last)
            for found in _SENTENCE.finditer(read)
            for window in windows(found.end() - found.start(), self.task.section.max_length)
        ]  # fmt: skip
        spans.sort(key=lambda span: span[1] - span[0])
        edits: list[Edit] = []
        for start in range(0, len(spans), _ROWS):
            group = spans[start : start + _ROWS]
            points = self.task.points([read[first:last] for first, last, _, _ in group])
            found = self.task.propose(self.model, points)
            for row, place, point, score in zip(
                found.rows.tolist(),
                found.places.tolist(),
                found.points.tolist(),
                found.scores.tolist(),
                strict=True,
            ):
                position = group[row][0] + place
                if score >= self.threshold and group[row][2] <= position < group[row][3]:
                    edits.append(Edit(position, text[position], chr(point), score))
        return edits


def proofreader(opened: Opened) -> Proofreader:
    """The proofreader of an opened model."""
    assert isinstance(opened.model, Corrector)
    return Proofreader(opened.model, opened.task)


def candidates(model: Corrector, task: Correction, text: str, _count: int) -> tuple[Candidate, ...]:
    """A probe as it is corrected, with the score of the least certain correction; 1 where nothing is wrong."""
    found = Proofreader(model, task).correct(text)
    return (Candidate(text=found.text, score=min((edit.score for edit in found.edits), default=1.0)),)
