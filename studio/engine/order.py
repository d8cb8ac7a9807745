"""In which order a run sees its examples: a pure function of the seed and the epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from studio.data.balancing import classes_of, resampled
from studio.data.batching import draw_lexicon, epoch_batches
from studio.data.dataset import Dataset
from studio.recipe import Recipe
from studio.recipe.splits import epoch_counts
from studio.recipe.tagging import SequenceLabelling

B = TypeVar("B")


@dataclass(frozen=True)
class Position:
    """The next batch of a run: which epoch, and which batch of it."""

    epoch: int = 0
    batch: int = 0

    @property
    def epoch_before(self) -> int:
        """The epoch of the batch before it."""
        return self.epoch if self.batch else self.epoch - 1


class TrainingOrder:
    """The batches of a run, as numbers of examples: running text first, then the lexicons' words.

    Args:
        lengths: symbols of each example as it is fed, by which batches are filled; without them characters are.
    """

    def __init__(self, dataset: Dataset, recipe: Recipe, lengths: np.ndarray | None = None) -> None:
        self._text = dataset.train.costs if lengths is None else lengths[: len(dataset.train)]
        self._words = dataset.lexicon
        self._budget = recipe.training.token_budget
        self._seed = recipe.training.seed
        # Of lexicons' words nothing is known but that they are some: they are no examples of where words end.
        words = len(dataset.lexicon) and not isinstance(recipe.task, SequenceLabelling)
        self._share = recipe.data.lexicon_share if words else 0.0
        self._classes = classes_of(dataset, recipe.data.balance)
        self._wanted: tuple[int, ...] = ()
        if self._classes is not None:
            self._wanted = epoch_counts(np.bincount(self._classes).tolist(), recipe.data.balance)

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """All batches of an epoch."""
        numbers, lengths = np.arange(len(self._text)), self._text
        if self._classes is not None:
            numbers = resampled(self._classes, self._wanted, self._seed, epoch)
            lengths = self._text[numbers]
        word_positions = int(lengths.sum() * self._share / (1 - self._share))
        if word_positions:
            words = draw_lexicon(self._words, word_positions, self._seed, epoch)
            numbers = np.concatenate([numbers, words + len(self._text)])
            lengths = np.concatenate([lengths, self._words.lengths[words]])
        return [numbers[chosen] for chosen in epoch_batches(lengths, self._budget, self._seed, epoch)]

    def follow(self, start: Position) -> Iterator[tuple[np.ndarray, Position, float]]:
        """Batches without end from a position: numbers, the position after them, and epochs seen by then."""
        epoch, first = start.epoch, start.batch
        while True:
            batches = self.epoch(epoch)
            for place in range(first, len(batches)):
                last = place + 1 == len(batches)
                after = Position(epoch + 1, 0) if last else Position(epoch, place + 1)
                yield batches[place], after, epoch + (place + 1) / len(batches)
            epoch, first = epoch + 1, 0


def shared(
    batches: Iterator[tuple[B, Position, float]], rank: int, size: int
) -> Iterator[tuple[B, Position, float]]:
    """One process's batches: of each `size` consecutive ones, that of its rank, with the position after them all.

    So the batches of a step are the same ones as those of a single process that accumulates `size` times as many.
    """
    while True:
        group = [next(batches) for _ in range(size)]
        yield group[rank][0], group[-1][1], group[-1][2]
