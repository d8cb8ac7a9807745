"""How spans of text are written as a tag for each character, and read back.

The data set has spans as numbers (`studio.data.spans`): 0 outside, 1 + 2 n where one of label n begins, 2 + 2 n where
it goes on. A scheme makes of them what a model learns, label by label: B and I, or B, M, E and S; then O, where there
is anything outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

Kind = Literal["bmes", "bio"]
_LETTERS: dict[Kind, str] = {"bmes": "BMES", "bio": "BI"}


@dataclass(frozen=True)
class Spans:
    """Spans end to end, in order: int64 [spans] each. `end` is the position behind the last one."""

    start: np.ndarray
    end: np.ndarray
    label: np.ndarray

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Scheme:
    """The tags of some labels.

    Attributes:
        outside: whether there is a tag for what is part of nothing.
    """

    kind: Kind
    labels: tuple[str, ...]
    outside: bool

    @property
    def letters(self) -> str:
        """The kinds of tags that each label has."""
        return _LETTERS[self.kind]

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Every tag by its number, such as B-PER."""
        named = [f"{letter}-{label}" for label in self.labels for letter in self.letters]
        return (*named, "O") if self.outside else tuple(named)

    def encode(self, stored: np.ndarray) -> np.ndarray:
        """The tags of a data set's numbers, int32 of the same length; examples lie end to end."""
        stored = np.asarray(stored, np.int64)
        inside = (stored > 0) & (stored % 2 == 0)
        label = np.maximum(stored - 1, 0) // 2
        if self.kind == "bio":
            made = 2 * label + inside
        else:
            goes_on = np.append(inside[1:], False)
            # B 0, M 1, E 2, S 3.
            made = 4 * label + np.where(inside, np.where(goes_on, 1, 2), np.where(goes_on, 0, 3))
        return np.where(stored == 0, len(self.tags) - 1, made).astype(np.int32)

    def spans(self, tags: np.ndarray) -> Spans:
        """The spans of valid sequences of tags that lie end to end."""
        tags = np.asarray(tags, np.int64)
        size = len(self.letters)
        label, letter = tags // size, tags % size
        named = label < len(self.labels)
        if self.kind == "bio":
            begins = named & (letter == 0)
            goes_on = np.append((named & (letter == 1))[1:], False)
            ends = named & ~goes_on
        else:
            begins = named & ((letter == 0) | (letter == 3))
            ends = named & (letter >= 2)
        start, end = np.flatnonzero(begins), np.flatnonzero(ends) + 1
        return Spans(start, end, label[start])

    @cached_property
    def follows(self) -> np.ndarray:
        """Which tag (column) may stand behind which (row), bool [tags, tags]."""
        size, count = len(self.letters), len(self.tags)
        label, letter = np.divmod(np.arange(count), size)
        same = label[:, None] == label[None, :]
        if self.kind == "bio":
            # I continues the B or I of its label; B and O may stand anywhere.
            free = np.broadcast_to((letter == 0) | (label == len(self.labels)), (count, count))
            return free | same
        open_ = (letter < 2) & (label < len(self.labels))  # B and M: the span goes on
        continues = ((letter == 1) | (letter == 2)) & (label < len(self.labels))
        return np.where(open_[:, None], same & continues[None, :], ~continues[None, :])

    @cached_property
    def begins(self) -> np.ndarray:
        """Which tags may stand first, bool [tags]."""
        letter = np.arange(len(self.tags)) % len(self.letters)
        outside = np.array([tag == "O" for tag in self.tags])
        return outside | ((letter == 0) if self.kind == "bio" else (letter == 0) | (letter == 3))

    @cached_property
    def ends(self) -> np.ndarray:
        """Which tags may stand last, bool [tags]."""
        letter = np.arange(len(self.tags)) % len(self.letters)
        outside = np.array([tag == "O" for tag in self.tags])
        return outside | (np.ones(len(self.tags), bool) if self.kind == "bio" else letter >= 2)


def agreement(gold: Spans, found: Spans, labels: int) -> np.ndarray:
    """How many spans of each label there are, were found, and were found rightly: int64 [labels, 3].

    Right is a span with the same beginning, end and label, as seqeval counts.
    """
    reach = int(max(gold.end.max(initial=0), found.end.max(initial=0))) + 1

    def keys(spans: Spans) -> np.ndarray:
        return (spans.start * reach + spans.end) * labels + spans.label

    right = np.isin(keys(found), keys(gold))
    counted = (gold.label, found.label, found.label[right])
    return np.stack([np.bincount(one, minlength=labels) for one in counted], axis=1)


def scores(counts: np.ndarray) -> dict[str, float | None]:
    """Precision, recall and F1 of all spans together; None where there is nothing to judge.

    Args:
        counts: as of `agreement`, summed as one likes: [3] or [labels, 3].
    """
    gold, found, right = (int(one) for one in np.reshape(counts, (-1, 3)).sum(axis=0))
    if not gold and not found:
        return {"f1": None, "precision": None, "recall": None}
    return {
        "f1": 2 * right / (gold + found),
        "precision": right / found if found else 0.0,
        "recall": right / gold if gold else 0.0,
    }
