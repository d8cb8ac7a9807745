"""A language model: which character comes next in running text."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from studio.data import symbols as vocabularies
from studio.data.batching import epoch_batches
from studio.data.dataset import Dataset, Split
from studio.data.running import BEGINS, ENDS
from studio.data.symbols import BOUNDARY, PADDING, Symbols
from studio.models.causal import CausalLanguageModel
from studio.models.causal import Section as Network
from studio.recipe import Model, Recipe
from studio.recipe.task import LanguageModel as Section
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick

_EVALUATION_BUDGET = 4096  # positions a batch; each has scores for all characters
_USUAL_SYMBOLS = 4_800  # the vocabulary of the default data
_SMOOTHING = 0.5  # added to every count, so that no symbol begins with no chance


@dataclass
class LanguageModel:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "language_model"
    _symbols: Symbols | None = field(default=None, repr=False)
    _log_prior: np.ndarray | None = field(default=None, repr=False)

    @property
    def symbols(self) -> Symbols:
        """Characters by number."""
        if self._symbols is None:
            raise RuntimeError("the task has no vocabulary yet: call prepare() or load()")
        return self._symbols

    def prepare(self, dataset: Dataset) -> LanguageModel:
        made = LanguageModel(self.section, self.name)
        made._symbols = vocabularies.characters_of(dataset.train, self.section.min_count)
        counts = np.bincount(
            made.examples(dataset, "train").columns["targets"], minlength=len(made.symbols)
        ).astype(np.float64)
        made._log_prior = np.log((counts + _SMOOTHING) / (counts + _SMOOTHING).sum()).astype(np.float32)
        return made

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        pass

    def build_model(self, recipe: Recipe) -> CausalLanguageModel:
        if self._log_prior is None:
            raise RuntimeError("the task has no counts yet: call prepare()")
        prior = torch.from_numpy(self._log_prior)
        return CausalLanguageModel(_network(recipe.model), len(self.symbols), prior)

    def usual_model(self, recipe: Recipe) -> CausalLanguageModel:
        return CausalLanguageModel(_network(recipe.model), _USUAL_SYMBOLS)

    def examples(self, dataset: Dataset, split: str) -> Examples:
        return self.encode(dataset.splits()[split])

    def encode(self, split: Split) -> Examples:
        """What is read and what is asked at each position.

        A text begins and ends with a boundary. A piece that does not begin a text is asked from its second
        character on: nobody knows what stood before its first.
        """
        label = np.asarray(split.label)
        begins, ends = (label & BEGINS) > 0, (label & ENDS) > 0
        symbols = self.symbols.of_points(np.asarray(split.text))
        # Every piece with a boundary on both sides, of which those that are none are then taken off.
        starts = np.asarray(split.offsets[:-1], np.int64) + 2 * np.arange(len(split))
        padded = np.full(len(symbols) + 2 * len(split), BOUNDARY, np.int32)
        inside = np.ones(len(padded), bool)
        stops = starts + split.lengths + 1
        inside[starts] = inside[stops] = False
        padded[inside] = symbols
        # Position p is read, and position p + 1 asked.
        read = np.ones(len(padded), bool)
        read[stops] = False
        read[starts[~begins]] = False
        read[stops[~ends] - 1] = False
        places = np.flatnonzero(read)
        lengths = split.lengths - 1 + begins + ends
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns: dict[str, np.ndarray] = {
            "symbols": padded[places],
            "targets": padded[places + 1],
            "offsets": offsets,
        }
        return Examples(columns, lengths)

    def read(self, text: str) -> np.ndarray:
        """The symbols of a beginning, int32; of one longer than a piece, its end alone."""
        symbols = self.symbols.of_points(np.array([ord(c) for c in text], np.int64))
        if len(symbols) >= self.section.context:
            return symbols[len(symbols) - self.section.context :]
        return np.concatenate([[BOUNDARY], symbols]).astype(np.int32)

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        lengths = examples.lengths[chosen]
        steps = np.arange(max(1, int(lengths.max())))
        valid = steps < lengths[:, None]
        places = np.where(valid, examples.columns["offsets"][chosen][:, None] + steps, 0)
        inputs: dict[str, Any] = {
            name: torch.from_numpy(np.where(valid, examples.columns[name][places], PADDING).astype(np.int64))
            for name in ("symbols", "targets")
        }
        return Batch({**inputs, "smoothing": smoothing}, int(lengths.sum()))

    @torch.no_grad()
    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a character, and the same as perplexity and in bits; ends of texts count as characters."""
        assert isinstance(model, CausalLanguageModel)
        loss, positions, done = 0.0, 0, 0
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                batch = self.collate(examples, chosen)
                loss += float(model(**batch.to(device).inputs))
                positions += batch.positions
        finally:
            model.train(was_training)
        return figures(loss / positions if positions else None)

    def save_vocabulary(self, folder: Path) -> None:
        more = {"task": self.section.model_dump(mode="json")}
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)

    def load(self, folder: Path, section: Model) -> CausalLanguageModel:
        self._symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        self.section = Section.model_validate(more["task"])
        return CausalLanguageModel(_network(section), len(self._symbols))


def figures(loss: float | None) -> Metrics:
    """A loss in nats a character and what follows from it."""
    if loss is None:
        return {"loss": None, "perplexity": None, "bits_per_character": None}
    # What no float can hold is no figure.
    perplexity = math.exp(loss) if loss < 700 else None
    return {"loss": loss, "perplexity": perplexity, "bits_per_character": loss / math.log(2)}


def _network(section: Model) -> Network:
    if not isinstance(section, Network):
        raise ValueError(f"a network of the family {section.family} sees what comes next")
    return section
