"""Pinyin to hanzi: which character each toneless syllable of a clause is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from studio.data import vocabulary
from studio.data.batching import epoch_batches
from studio.data.dataset import Dataset, Split
from studio.data.vocabulary import PinyinCounts, PinyinVocabulary
from studio.models.backoff import BackoffModel
from studio.models.tagger import PADDING, SyllableTagger, encoder_of
from studio.recipe import Model, Recipe
from studio.runs import atomic
from studio.tasks import pinyin_ngrams
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick

_USUAL_UNITS, _USUAL_SYLLABLES = 9_700, 420  # the vocabulary of the default data
_EVALUATION_BUDGET = 8192  # positions a batch; evaluation keeps no gradients


@dataclass
class PinyinToHanzi:
    """The task of an input method. Ready for use after `prepare` or `load`."""

    name: str = "pinyin_to_hanzi"
    _vocabulary: PinyinVocabulary | None = None
    _counts: PinyinCounts | None = field(default=None, repr=False)
    _ngrams: Path | None = field(default=None, repr=False)

    @property
    def vocabulary(self) -> PinyinVocabulary:
        """Syllables and their candidates."""
        if self._vocabulary is None:
            raise RuntimeError("the task has no vocabulary yet: call prepare() or load()")
        return self._vocabulary

    @property
    def ngrams_file(self) -> Path | None:
        """The file with the n-grams that belong to the model, if it has any."""
        return self._ngrams

    def ngrams(self) -> BackoffModel | None:
        """The n-grams that belong to the model, if it has any.

        Raises:
            ValueError, OSError: if their file is damaged or gone.
        """
        return pinyin_ngrams.read(self._ngrams) if self._ngrams else None

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        self._ngrams = pinyin_ngrams.learnt(dataset, self.vocabulary, tick)

    def prepare(self, dataset: Dataset) -> PinyinToHanzi:
        return PinyinToHanzi(self.name, *vocabulary.build(dataset))

    def build_model(self, recipe: Recipe) -> SyllableTagger:
        if self._counts is None:
            raise RuntimeError("the task has no counts yet: call prepare()")
        return SyllableTagger(
            encoder_of(recipe.model),
            torch.from_numpy(self.vocabulary.starts),
            torch.from_numpy(self._counts.log_prior),
            torch.from_numpy(self._counts.transitions),
        )

    def usual_model(self, recipe: Recipe) -> SyllableTagger:
        # All that counts is how many units and symbols there are.
        starts = torch.zeros(_USUAL_SYLLABLES + 1, dtype=torch.int64, device="cpu")
        starts[-1] = _USUAL_UNITS
        transitions = torch.zeros(_USUAL_SYLLABLES + 1, _USUAL_SYLLABLES + 1)
        return SyllableTagger(encoder_of(recipe.model), starts, torch.zeros(_USUAL_UNITS), transitions)

    def examples(self, dataset: Dataset, split: str) -> Examples:
        parts = [dataset.splits()[split]]
        if split == "train":
            parts.append(dataset.lexicon)
        return self.encode(parts)

    def encode(self, parts: list[Split]) -> Examples:
        """The columns of one or more splits, end to end."""
        text = np.concatenate([part.text for part in parts])
        syllables = np.concatenate([part.syllables for part in parts])
        lengths = np.concatenate([part.lengths for part in parts])
        columns = {
            "symbols": syllables.astype(np.int32) + 1,
            "units": self.vocabulary.units(text, syllables),
            "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        }
        return Examples(columns, lengths)

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        lengths = examples.lengths[chosen]
        steps = np.arange(int(lengths.max()))
        valid = steps < lengths[:, None]
        places = np.where(valid, examples.columns["offsets"][chosen][:, None] + steps, 0)
        symbols = np.where(valid, examples.columns["symbols"][places], PADDING)
        units = np.where(valid, examples.columns["units"][places], -1)
        inputs: dict[str, Any] = {
            "symbols": torch.from_numpy(symbols.astype(np.int64)),
            "lengths": torch.from_numpy(lengths.astype(np.int64)),
            "units": torch.from_numpy(units.astype(np.int64)),
            "smoothing": smoothing,
        }
        return Batch(inputs, int((units >= 0).sum()))

    @torch.no_grad()
    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a character and the shares of characters and of whole examples that come out right.

        A character that its syllable does not have as a candidate counts as wrong and is left out of the
        loss. A model in training mode is put back into it.
        """
        if not len(examples):
            return {"loss": None, "character_accuracy": None, "sentence_accuracy": None}
        assert isinstance(model, SyllableTagger)
        was_training = model.training
        model.eval()
        right, loss, known = np.zeros(len(examples), np.int64), 0.0, 0
        try:
            done = 0
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                batch = self.collate(examples, chosen).to(device)
                symbols, units = batch.inputs["symbols"], batch.inputs["units"]
                valid = symbols != PADDING
                found, logs = model.candidates(symbols, batch.inputs["lengths"])
                targets = units[valid]
                hit = found.eq(targets[:, None]) & (targets >= 0)[:, None]
                loss -= float(torch.where(hit, logs, 0.0).sum())
                known += int((targets >= 0).sum())
                best = found.gather(1, logs.argmax(dim=1, keepdim=True))[:, 0]
                good = torch.zeros_like(units)
                good[valid] = (best.eq(targets) & (targets >= 0)).long()
                right[chosen] = good.sum(dim=1).cpu().numpy()
        finally:
            model.train(was_training)
        return {
            "loss": loss / known if known else None,
            "character_accuracy": float(right.sum() / examples.lengths.sum()),
            "sentence_accuracy": float((right == examples.lengths).mean()),
        }

    def save_vocabulary(self, folder: Path) -> None:
        self.vocabulary.save(folder / VOCABULARY_FILE)
        if self._ngrams:
            atomic.lay(self._ngrams, folder / pinyin_ngrams.FILE)

    def load(self, folder: Path, section: Model) -> SyllableTagger:
        self._vocabulary = PinyinVocabulary.load(folder / VOCABULARY_FILE)
        file = folder / pinyin_ngrams.FILE
        self._ngrams = file if file.is_file() else None
        starts = torch.from_numpy(self.vocabulary.starts)
        size = len(self.vocabulary.syllables) + 1
        return SyllableTagger(
            encoder_of(section), starts, torch.zeros(int(starts[-1])), torch.zeros(size, size)
        )
