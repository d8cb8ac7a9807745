"""Sentences to be typed, and how well what is offered for them fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.dataset import Dataset
from studio.data.tsv import read_pairs
from studio.inference.predictor import PinyinPredictor
from studio.language.syllables import SYLLABLES
from studio.runs.evaluations import Accuracy
from studio.runs.requests import Judge

OFFERED = 10


@dataclass(frozen=True)
class Sentence:
    """A sentence, its syllables, and the name of the source it comes from."""

    text: str
    syllables: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Outcome:
    """What was offered for one sentence: its rank, or -1, and how many of its characters the first one has right.

    Attributes:
        length: characters of the sentence.
        letters: that were typed.
    """

    source: str
    rank: int
    right: int
    length: int
    letters: int


def of_file(path: Path) -> list[Sentence]:
    """The sentences of a file of `pin yin<TAB>汉字`.

    Raises:
        DataError: if the file cannot be read or holds no pair.
    """
    pairs = read_pairs(path)
    return [
        Sentence(text, tuple(SYLLABLES[s] for s in syllables), path.name)
        for text, syllables in zip(pairs.texts, pairs.syllables, strict=True)
    ]


def of_test_split(dataset: Dataset) -> list[Sentence]:
    """The sentences of a data set's test split."""
    return [
        Sentence(
            dataset.test.text_of(i),
            tuple(SYLLABLES[s] for s in dataset.test.syllables_of(i)),
            dataset.sources[int(dataset.test.source[i])].name,
        )
        for i in range(len(dataset.test))
    ]


def chosen(sentences: Sequence[Sentence], limit: int, shortest: int, longest: int) -> list[Sentence]:
    """Those with a fitting number of characters; at most `limit` (0: all), spread evenly over them."""
    fitting = [item for item in sentences if shortest <= len(item.text) <= longest]
    if limit and len(fitting) > limit:
        return [fitting[i] for i in np.linspace(0, len(fitting) - 1, limit).astype(int)]
    return fitting


def outcome(predictor: PinyinPredictor, item: Sentence, typed: str, judge: Judge = "both") -> Outcome:
    """Type a sentence whole and look at what is offered."""
    offered = [c.text for c in predictor.predict(typed, OFFERED, judge=judge).candidates]
    rank = offered.index(item.text) if item.text in offered else -1
    wrong = distance(offered[0], item.text) if offered else len(item.text)
    return Outcome(item.source, rank, max(0, len(item.text) - wrong), len(item.text), len(typed))


def accuracy(outcomes: Sequence[Outcome]) -> Accuracy:
    """Shares over one or more outcomes."""

    def share(most: int) -> float:
        return round(sum(0 <= outcome.rank < most for outcome in outcomes) / len(outcomes), 5)

    characters = sum(outcome.right for outcome in outcomes) / sum(outcome.length for outcome in outcomes)
    return Accuracy(share(1), share(5), share(10), round(characters, 5), len(outcomes))


def distance(first: Sequence[object], second: Sequence[object]) -> int:
    """How many insertions, deletions and replacements lie between two sequences (Levenshtein 1966)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
