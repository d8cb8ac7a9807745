"""The same data and the same model for every contestant, the way each would hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset as TorchDataset

from studio import tasks
from studio.data.prepare import prepare
from studio.engine.order import TrainingOrder
from studio.recipe import Recipe
from studio.tasks import PinyinToHanzi
from studio.tasks.base import Examples

IGNORED = -1


class Material:
    """A recipe's data and task, and a fresh model from the recipe's seed."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.dataset = prepare(recipe.data)
        self.task: PinyinToHanzi = tasks.create(recipe.task.name).prepare(self.dataset)
        batches = TrainingOrder(self.dataset, recipe).epoch(0)
        self._numbers = np.concatenate(batches)
        self._batches = len(batches)
        self.examples = self.task.examples(self.dataset, "train")

    @property
    def rows(self) -> int:
        """Examples a batch that hold, on average, as many real positions as the recipe's budgeted batches do."""
        return max(1, round(len(self._numbers) / self._batches))

    def model(self) -> nn.Module:
        """The recipe's model with the weights that the engine begins with."""
        torch.manual_seed(self.recipe.training.seed)
        return self.task.build_model(self.recipe)

    def training_set(self) -> TrainingSet:
        """What the engine sees in its first epoch, text and drawn words, one example at a time."""
        return TrainingSet(self.examples, self._numbers)

    def validation(self) -> Examples:
        """The recipe's validation sample."""
        examples = self.task.examples(self.dataset, "validation")
        limit = self.recipe.training.evaluation_examples or len(examples)
        chosen = np.linspace(0, len(examples) - 1, min(limit, len(examples))).astype(np.int64)
        return examples.select(chosen)

    def loss(self, model: nn.Module, device: torch.device) -> float:
        """Nats a character of a model on the validation sample."""
        found = self.task.evaluate(model, self.validation(), device)["loss"]
        return float("nan") if found is None else found


class TrainingSet(TorchDataset[dict[str, Tensor]]):
    """Examples as a map-style data set: symbols and units [length] each."""

    def __init__(self, examples: Examples, numbers: np.ndarray) -> None:
        self._symbols = torch.from_numpy(examples.columns["symbols"].astype(np.int64))
        self._units = torch.from_numpy(examples.columns["units"].astype(np.int64))
        self._offsets = examples.columns["offsets"]
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: int) -> dict[str, Tensor]:
        number = self._numbers[place]
        start, stop = int(self._offsets[number]), int(self._offsets[number + 1])
        return {"symbols": self._symbols[start:stop], "units": self._units[start:stop]}


def pad_to_longest(items: list[dict[str, Tensor]]) -> dict[str, Any]:
    """The usual collator: rows padded to the longest of the batch."""
    return {
        "symbols": pad_sequence([item["symbols"] for item in items], batch_first=True),
        "lengths": torch.tensor([len(item["symbols"]) for item in items]),
        "units": pad_sequence([item["units"] for item in items], batch_first=True, padding_value=IGNORED),
    }
