"""A masked language model: which characters stand where they were left out of running text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from studio.data import symbols as vocabularies
from studio.data.batching import epoch_batches
from studio.data.dataset import Dataset, Split
from studio.data.masking import masked, word_starts
from studio.data.symbols import BOUNDARY, MASK, PADDING, Symbols
from studio.models.masked import MaskedLanguageModel as Network
from studio.recipe import Model, Recipe
from studio.recipe.task import MaskedLanguageModel as Section
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.halves import Halves
from studio.tasks.pretrained import Pretrained, kept, network_of, restored

_EVALUATION_BUDGET = 8192  # positions a batch; a seventh of them have scores for all characters
_USUAL_SYMBOLS = 4_800  # the vocabulary of the default data
_SMOOTHING = 0.5  # added to every count, so that no symbol begins with no chance
# What is asked of texts that judge: the same of every run, whatever its seed, so that their figures compare.
FIXED = (20_181_011, 0)


@dataclass
class MaskedLanguageModel:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "masked_language_model"
    known: tuple[str, ...] = ()
    pretrained: Pretrained | None = None
    _symbols: Symbols | None = field(default=None, repr=False)
    _log_prior: np.ndarray | None = field(default=None, repr=False)
    _encoded: tuple[Split, Examples] | None = field(default=None, repr=False)

    @property
    def symbols(self) -> Symbols:
        """Characters by number."""
        if self._symbols is None:
            raise RuntimeError("the task has no vocabulary yet: call prepare() or load()")
        return self._symbols

    @property
    def mask(self) -> int:
        """The symbol of what is to be guessed; those of all characters are greater."""
        return self.symbols.index[MASK]

    def prepare(self, dataset: Dataset) -> MaskedLanguageModel:
        made = MaskedLanguageModel(self.section, self.name, self.known)
        if self.pretrained is not None:
            fitted = self.pretrained.fitted(dataset, self.section.min_count)
            made.pretrained, made._symbols = fitted.for_characters(dataset, mask=True)
        else:
            first = (MASK, *(text for text in self.known if text != MASK))
            made._symbols = vocabularies.characters_of(dataset.train, self.section.min_count, first)
        made._log_prior = log_prior(made.examples(dataset, "train").columns["symbols"], len(made.symbols))
        return made

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        pass

    def build_model(self, recipe: Recipe) -> Network:
        if self._log_prior is None:
            raise RuntimeError("the task has no counts yet: call prepare()")
        return self._model(recipe.model, len(self.symbols), self._log_prior)

    def usual_model(self, recipe: Recipe) -> Network:
        return self._model(recipe.model, _USUAL_SYMBOLS)

    def _model(self, model: Model, symbols: int, prior: np.ndarray | None = None) -> Network:
        prior_of = None if prior is None else torch.from_numpy(prior)
        network = network_of(model, self.pretrained, symbols)
        return Network(network, symbols, prior_of, pairs=self.section.next_sentence)

    def examples(self, dataset: Dataset, split: str) -> Examples:
        return self.encode(dataset.splits()[split])

    def encode(self, split: Split) -> Examples:
        """The symbols of each piece; where its words begin, if they are masked as a whole."""
        if self._encoded is not None and self._encoded[0] is split:
            return self._encoded[1]
        columns: dict[str, np.ndarray] = {
            "symbols": self.symbols.of_points(np.asarray(split.text)),
            "offsets": np.asarray(split.offsets, np.int64),
        }
        if self.section.whole_words:
            starts = [word_starts(split.text_of(number)) for number in range(len(split))]
            columns["starts"] = np.concatenate(starts) if starts else np.zeros(0, np.int32)
        lengths = split.lengths + (2 if self.section.next_sentence else 0)
        made = Examples(columns, split.lengths, {"numbers": np.arange(len(split)), "fed": lengths})
        # The training split is asked for by whoever trains and by whoever masks anew in every epoch.
        self._encoded = split, made
        return made

    def read(self, text: str) -> np.ndarray:
        """The symbols of a text in which `[MASK]` stands for what is to be guessed, int32."""
        parts = text.split(MASK)
        found = [self.symbols.of_points(np.array([ord(c) for c in part], np.int64)) for part in parts]
        blank = np.array([self.mask], np.int32)
        return np.concatenate([x for part in found for x in (blank, part)][1:]).astype(np.int32)

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        """A batch with the masks that judge; see `masked_as`."""
        return self.masked_as(FIXED, examples, chosen, smoothing)

    def masked_as(
        self, key: tuple[int, ...], examples: Examples, chosen: np.ndarray, smoothing: float = 0.0
    ) -> Batch:
        """A batch whose masks are drawn by a key and the examples' own numbers; its positions are those asked for."""
        lengths = examples.lengths[chosen]
        steps = np.arange(max(1, int(lengths.max())))
        valid = steps < lengths[:, None]
        places = np.where(valid, examples.columns["offsets"][chosen][:, None] + steps, 0)
        whole = np.where(valid, examples.columns["symbols"][places], PADDING).astype(np.int64)
        starts = None
        if self.section.whole_words:
            starts = np.where(valid, examples.columns["starts"][places], steps).astype(np.int64)
        numbers = examples.rows["numbers"][chosen]
        follows = None
        if self.section.next_sentence:
            halves = Halves(self._ends(), BOUNDARY)
            whole, starts, lengths, follows = halves.of(examples, whole, starts, lengths, numbers, key)
        fed, targets = masked(
            whole, starts, numbers, key, self.section.mask_rate, self.mask, len(self.symbols)
        )
        inputs: dict[str, Any] = {
            "symbols": torch.from_numpy(fed),
            "lengths": torch.from_numpy(lengths.astype(np.int64)),
            "targets": torch.from_numpy(targets),
            "smoothing": smoothing,
        }
        if follows is not None:
            inputs["follows"] = torch.from_numpy(follows)
        return Batch(inputs, int((targets != PADDING).sum()))

    def _ends(self) -> np.ndarray:
        """The symbols that end a sentence."""
        return np.array([self.symbols.index[c] for c in "。！？\n" if c in self.symbols.index], np.int64)

    @torch.no_grad()
    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a masked character, the share of those guessed, and of pairs told right, if there are any."""
        assert isinstance(model, Network)
        loss, right, asked, told, pairs, done = 0.0, 0, 0, 0, 0, 0
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.rows["fed"], _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                inputs = self.collate(examples, chosen).to(device).inputs
                hidden, follows = model.judged(inputs["symbols"], inputs["lengths"])
                targets = inputs["targets"]
                there = targets != PADDING
                scores = model.scores(hidden[there]).float()
                loss += float(functional.cross_entropy(scores, targets[there], reduction="sum"))
                right += int((scores.argmax(dim=-1) == targets[there]).sum())
                asked += int(there.sum())
                if "follows" in inputs:
                    known = inputs["follows"] >= 0
                    told += int((follows.argmax(dim=-1) == inputs["follows"])[known].sum())
                    pairs += int(known.sum())
        finally:
            model.train(was_training)
        found: Metrics = {
            "loss": loss / asked if asked else None,
            "mask_accuracy": right / asked if asked else None,
        }
        if self.section.next_sentence:
            found["next_sentence_accuracy"] = told / pairs if pairs else None
        return found

    def save_vocabulary(self, folder: Path) -> None:
        more = {"task": self.section.model_dump(mode="json"), **kept(self.pretrained, folder)}
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)

    def load(self, folder: Path, section: Model) -> Network:
        self._symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        if not self._symbols.texts or self._symbols.texts[0] != MASK:
            raise ValueError(f"its first symbol is not {MASK}")
        self.section = Section.model_validate(more["task"])
        self.pretrained = restored(folder, section, more)
        return self._model(section, len(self._symbols))


def log_prior(symbols: np.ndarray, size: int) -> np.ndarray:
    """Logarithms of how frequent symbols are: float32 [size]."""
    counts = np.bincount(symbols, minlength=size).astype(np.float64) + _SMOOTHING
    made: np.ndarray = np.log(counts / counts.sum()).astype(np.float32)
    return made
