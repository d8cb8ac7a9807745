"""What a task has to know so that its models can be judged item by item.

A task is judged by a module of its own that has a `Judge`, named in `judges.py`, and by an entry in `scores.py` that
makes figures of the counts. All else (intervals, calibration, classes, records, comparison, the window) follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from torch import nn

from studio.data.dataset import Split
from studio.inference.opened import Opened

NONE = -1
"""The number of no class: what was missed is given as this, what is too much is wanted as this."""


@dataclass(frozen=True)
class Decisions:
    """Choices between classes: of one label for a text, of one for each span, of a character at each place.

    Attributes:
        item: which of the batch's items each belongs to, in order [decisions].
        wanted, given: numbers of classes, `NONE` for none [decisions].
    """

    item: np.ndarray
    wanted: np.ndarray
    given: np.ndarray

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True)
class Judged:
    """Some items, judged.

    Attributes:
        example: the number of the example each comes from, in the split [items]; one may make several items.
        inputs, wanted, given: texts, as a person reads them.
        right: whether the item is right as a whole [items]; None where nothing is right or wrong as a whole.
        loss: mean, in nats [items]; not a number where there is none.
        confidence: of the answer as a whole [items]; not a number where there is none.
        counts: by name, what the figures are made of [items] each.
        decisions: between the classes of the task.
        sure, hit: the confidences that are to be calibrated, and whether what they stand for is right [any].
    """

    example: np.ndarray
    inputs: list[str]
    wanted: list[str]
    given: list[str]
    right: np.ndarray | None
    loss: np.ndarray
    confidence: np.ndarray
    counts: dict[str, np.ndarray]
    decisions: Decisions
    sure: np.ndarray
    hit: np.ndarray


class Judge(Protocol):
    """Judges the examples of one split with one model, which must be in evaluation mode."""

    @property
    def lengths(self) -> np.ndarray:
        """How long each example is to the network, for batches of similar lengths [examples]."""
        ...

    @property
    def budget(self) -> int:
        """Positions a batch."""
        ...

    def class_name(self, number: int, /) -> str:
        """What a class is called."""
        ...

    def judge(self, chosen: np.ndarray, /) -> Judged:
        """The examples with these numbers, judged."""
        ...


ModelT = TypeVar("ModelT", bound=nn.Module)
TaskT = TypeVar("TaskT")


class SplitJudge(Generic[ModelT, TaskT]):
    """What a judge has of its model and its split; `network` is the class of the task's models."""

    network: type[nn.Module]

    def __init__(self, opened: Opened, split: Split) -> None:
        assert isinstance(opened.model, self.network)
        model: Any = opened.model
        self._model: ModelT = model
        self._task: TaskT = opened.task
        self._device, self._split = opened.device, split
        self._examples = self._encoded(opened.task, split)

    @property
    def lengths(self) -> np.ndarray:
        return np.asarray(self._examples.lengths)

    def _encoded(self, task: Any, split: Split) -> Any:
        return task.encode(split)

    def _texts(self, chosen: np.ndarray) -> list[str]:
        """The examples with these numbers as they stand in the split."""
        return [self._split.text_of(int(number)) for number in chosen]


def by_item(item: np.ndarray, items: int, **values: np.ndarray | None) -> dict[str, np.ndarray]:
    """Sums item by item, each [items]; of None how many there are.

    Args:
        item: what each value belongs to [values].
        items: how many there are.
        values: [values] each.
    """
    return {name: np.bincount(item, each, minlength=items) for name, each in values.items()}


def product_by_item(item: np.ndarray, chances: np.ndarray, items: int) -> np.ndarray:
    """The product of chances item by item; 1 for an item without any [items]."""
    logs = np.log(np.maximum(chances.astype(np.float64), 1e-300))
    return np.exp(np.bincount(item, logs, minlength=items))


def mean_by_item(item: np.ndarray, values: np.ndarray, items: int) -> np.ndarray:
    """The mean of values item by item; not a number for an item without any [items]."""
    counts = np.bincount(item, minlength=items)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(item, values, minlength=items) / np.where(counts, counts, np.nan))
