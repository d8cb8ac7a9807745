"""What the engine asks of a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from studio.data.dataset import Dataset
from studio.recipe import Recipe

VOCABULARY_FILE = "vocabulary.json"
Metrics = dict[str, float | None]
Tick = Callable[[int, int], None]
"""Called with what is done and how much there is; may raise to break off."""


def no_tick(_done: int, _total: int) -> None:
    """Let the work go on."""


@dataclass(frozen=True)
class Batch:
    """Arguments for one forward pass of the task's model; `positions` counts what its loss is summed over."""

    inputs: dict[str, Any]
    positions: int

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        moved = {
            name: value.to(device, non_blocking=True) if isinstance(value, Tensor) else value
            for name, value in self.inputs.items()
        }
        return Batch(moved, self.positions)


@dataclass(frozen=True)
class Examples:
    """The examples of one split, end to end.

    Attributes:
        columns: arrays [positions], and "offsets" [examples + 1] that says where each example lies in them.
        lengths: of each example [examples].
        rows: arrays [examples], for what is said of an example as a whole.
    """

    columns: dict[str, np.ndarray]
    lengths: np.ndarray
    rows: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lengths)

    def select(self, chosen: np.ndarray) -> Examples:
        """The examples with these numbers, numbered anew. Columns are by position, "offsets" aside."""
        starts = self.columns["offsets"][chosen]
        lengths = self.lengths[chosen]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        places = np.repeat(starts - offsets[:-1], lengths) + np.arange(int(offsets[-1]))
        columns = {name: column[places] for name, column in self.columns.items() if name != "offsets"}
        rows = {name: row[chosen] for name, row in self.rows.items()}
        return Examples({**columns, "offsets": offsets}, lengths, rows)


class Task(Protocol):
    """One thing that can be learnt.

    The model that `build_model` makes is called with a batch's inputs and returns the loss, summed over the
    batch's positions, in nats.
    """

    @property
    def name(self) -> str:
        """As the recipe calls it."""
        ...

    def prepare(self, dataset: Dataset) -> Task:
        """The task with the vocabulary of a data set."""
        ...

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        """Learn what is counted rather than trained. May take a while; the result is kept for the next time.

        `tick` is called with stages done and in all, and may raise.
        """
        ...

    def build_model(self, recipe: Recipe) -> nn.Module:
        """A fresh model with random weights."""
        ...

    def usual_model(self, recipe: Recipe) -> nn.Module:
        """A fresh model for a vocabulary of the usual size, for counting what it takes before there is one."""
        ...

    def examples(self, dataset: Dataset, split: str) -> Examples:
        """The examples of "train", "validation" or "test"; those of "train" end with the lexicons' words."""
        ...

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        """A batch of the examples with these numbers."""
        ...

    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Figures of a model on examples; `tick` is called with examples done and in all, and may raise."""
        ...

    def save_vocabulary(self, folder: Path) -> None:
        """Write what `load` needs besides weights and configuration."""
        ...

    def load(self, folder: Path, section: Any) -> nn.Module:
        """A model of a checkpoint folder's shape, its weights still to be filled in."""
        ...
