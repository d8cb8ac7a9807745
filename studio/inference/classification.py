"""Labels for texts: predictions, what they rest on, and figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from studio.data.labelled import cleaned, shortened
from studio.data.symbols import PADDING, UNKNOWN
from studio.inference.opened import Opened
from studio.models.classifier import TextClassifier
from studio.recipe import Cleaning
from studio.runs.events import Candidate
from studio.tasks import TextClassification

# Texts in a batch while places are left out one after another; that many copies of a long text are made at once.
_ROWS = 64
_SURE = 1e-9  # log-odds are of probabilities that lie this far from 0 and 1
_MASK = "\ufffd"  # what stands for a character that was lost; no text is learnt with it


@dataclass(frozen=True)
class Classified:
    """What a model makes of a text.

    Attributes:
        read: the text as the model read it: cleaned, and cut if it was too long.
        scores: labels with their probabilities, the likeliest first; none if there was nothing to read.
        note: what a person should know of the answer; empty if there is nothing.
    """

    read: str
    scores: tuple[Candidate, ...]
    note: str = ""

    @property
    def label(self) -> str | None:
        """The likeliest label; None if there was nothing to read."""
        return self.scores[0].text if self.scores else None


class Classifier:
    """Classifies texts with a model that must be in evaluation mode."""

    def __init__(
        self, model: TextClassifier, task: TextClassification, cleaning: Cleaning | None = None
    ) -> None:
        self.model, self.task = model, task
        self._cleaning = cleaning or Cleaning()

    def classify(self, text: str) -> Classified:
        """The labels of a text."""
        whole = cleaned(text, self._cleaning)
        read = shortened(whole, self.task.section.max_length)
        if not read:
            return Classified(read, (), "the text is empty")
        symbols = self.task.read(read)
        if (symbols == UNKNOWN).all():
            return Classified(read, (), "the model knows nothing of what is in the text")
        chances = self._chances([symbols])[0]
        order = np.argsort(-chances, kind="stable")
        scores = tuple(Candidate(text=self.task.labels[i], score=float(chances[i])) for i in order)
        note = ""
        if len(whole) > len(read):
            note = f"of {len(whole):,} characters, {len(read):,} at the beginning and the end were read"
        return Classified(read, scores, note)

    def importance(self, read: str, label: str) -> list[float]:
        """How much each character speaks for a label: by how much its log-odds fall without it.

        Not its probability, which hardly moves where a model is sure.

        Occlusion (Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901): the character and its neighbours on
        both sides, one after another, are made unknown, and each character gets the mean of where it took part.

        Args:
            read: as `Classified.read`.

        Returns:
            one number a character in nats, negative where it speaks against the label.
        """
        number = self.task.labels.index(label)
        texts = [read, *(_without(read, place) for place in range(-1, len(read) + 1))]
        chances = np.concatenate(
            [
                self._chances([self.task.read(text) for text in texts[start : start + _ROWS]])[:, number]
                for start in range(0, len(texts), _ROWS)
            ]
        )
        kept = np.clip(chances, _SURE, 1 - _SURE)
        odds = np.log(kept) - np.log1p(-kept)
        falls = odds[0] - odds[1:]
        return [float(falls[place : place + 3].mean()) for place in range(len(read))]

    @torch.no_grad()
    def _chances(self, texts: list[np.ndarray]) -> np.ndarray:
        """Probabilities [texts, labels]."""
        lengths = np.array([len(text) for text in texts])
        symbols = np.full((len(texts), int(lengths.max())), PADDING, np.int64)
        for row, text in zip(symbols, texts, strict=True):
            row[: len(text)] = text
        device = self.model.head.weight.device
        logits = self.model.scores(torch.from_numpy(symbols).to(device), torch.from_numpy(lengths).to(device))
        return logits.double().softmax(dim=-1).cpu().numpy()


def _without(text: str, place: int) -> str:
    """The text with a character and its two neighbours made unknown."""
    first, last = max(0, place - 1), min(len(text), place + 2)
    return text[:first] + _MASK * (last - first) + text[last:]


def classifier(opened: Opened) -> Classifier:
    """The classifier of an opened model."""
    assert isinstance(opened.model, TextClassifier)
    return Classifier(opened.model, opened.task)


def candidates(
    model: TextClassifier, task: TextClassification, text: str, count: int
) -> tuple[Candidate, ...]:
    """The likeliest labels of a probe."""
    return Classifier(model, task).classify(text).scores[:count]
