"""Sequence labelling: where words or names begin and end in a text, and what they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from studio.data import symbols as vocabularies
from studio.data.batching import epoch_batches
from studio.data.dataset import Dataset, Split
from studio.data.spans import OUTSIDE
from studio.data.symbols import PADDING, Symbols
from studio.models.crf import LinearChain
from studio.models.known_words import keys_of
from studio.models.sequence_tagger import SequenceTagger
from studio.recipe import Model, Recipe, is_lexicon
from studio.recipe.tagging import SequenceLabelling as Section
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.pretrained import Pretrained, kept, network_of, restored
from studio.tasks.schemes import Scheme, agreement, scores

_EVALUATION_BUDGET = 8192  # positions a batch; each has a score for every tag
_USUAL_SYMBOLS = 4_700
_USUAL_WORDS = 90_000
_USUAL_LABELS = {"words": 1, "parts_of_speech": 43, "entities": 3}
_NONE = -1


@dataclass
class SequenceLabelling:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "sequence_labelling"
    labels: tuple[str, ...] = ()
    outside: bool = False
    pretrained: Pretrained | None = None
    _symbols: Symbols | None = field(default=None, repr=False)
    _words: Tensor | None = field(default=None, repr=False)  # numbers of the words of lexicons

    @property
    def symbols(self) -> Symbols:
        """Characters by number."""
        if self._symbols is None:
            raise RuntimeError("the task has no vocabulary yet: call prepare() or load()")
        return self._symbols

    @property
    def scheme(self) -> Scheme:
        """The tags that the model gives characters."""
        return Scheme(self.section.scheme, self.labels, self.outside)

    def prepare(self, dataset: Dataset) -> SequenceLabelling:
        texts = (dataset.train, dataset.validation, dataset.test)
        outside = any(bool((np.asarray(split.tags) == OUTSIDE).any()) for split in texts)
        made = SequenceLabelling(self.section, self.name, dataset.tag_names, outside)
        if self.pretrained is not None:
            fitted = self.pretrained.fitted(dataset, self.section.min_count)
            made.pretrained, made._symbols = fitted.for_characters(dataset)
        else:
            made._symbols = vocabularies.characters_of(dataset.train, self.section.min_count)
        if len(dataset.lexicon):
            points = made._symbols.of_points(np.asarray(dataset.lexicon.text))
            made._words = keys_of(np.split(points, dataset.lexicon.offsets[1:-1]))
        return made

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        pass

    def build_model(self, recipe: Recipe) -> SequenceTagger:
        return self._model(recipe.model, len(self.symbols), self.scheme, self._words)

    def usual_model(self, recipe: Recipe) -> SequenceTagger:
        labels = self.labels or tuple(map(str, range(_USUAL_LABELS[self.section.what])))
        scheme = Scheme(self.section.scheme, labels, self.section.what == "entities")
        words = torch.zeros(_USUAL_WORDS) if any(map(is_lexicon, recipe.data.sources)) else None
        return self._model(recipe.model, _USUAL_SYMBOLS, scheme, words)

    def _model(self, section: Model, symbols: int, scheme: Scheme, words: Tensor | None) -> SequenceTagger:
        allowed = (torch.tensor(one) for one in (scheme.follows, scheme.begins, scheme.ends))
        chain = LinearChain(*allowed, learnt=self.section.crf)
        network = network_of(section, self.pretrained, symbols)
        made = SequenceTagger(network, symbols, chain, 0 if words is None else len(words))
        if made.words is not None and words is not None:
            made.words.keys.copy_(words)
        return made

    def examples(self, dataset: Dataset, split: str) -> Examples:
        return self.encode(dataset.splits()[split])

    def encode(self, split: Split) -> Examples:
        """The symbols of each sentence, and the tag of each character."""
        columns = {
            "symbols": self.symbols.of_points(np.asarray(split.text)),
            "tags": self.scheme.encode(split.tags),
            "offsets": np.asarray(split.offsets, np.int64),
        }
        return Examples(columns, split.lengths)

    def read(self, text: str) -> np.ndarray:
        """The symbols of a text, int32 [characters]."""
        return self.symbols.of_points(np.array([ord(character) for character in text], np.int64))

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        """A batch of the examples with these numbers; a position of its loss is a character."""
        lengths = examples.lengths[chosen]
        steps = np.arange(int(lengths.max()))
        valid = steps < lengths[:, None]
        places = np.where(valid, examples.columns["offsets"][chosen][:, None] + steps, 0)

        def filled(name: str, empty: int) -> torch.Tensor:
            return torch.from_numpy(np.where(valid, examples.columns[name][places], empty).astype(np.int64))

        inputs: dict[str, Any] = {
            "symbols": filled("symbols", PADDING),
            "lengths": torch.from_numpy(lengths.astype(np.int64)),
            "tags": filled("tags", _NONE),
            "smoothing": smoothing,
        }
        return Batch(inputs, int(lengths.sum()))

    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a character, F1, precision and recall of whole spans, and the share of right tags."""
        loss, right, counts = self._judged(model, examples, device, tick)
        return _figures(loss, right, counts)

    @torch.no_grad()
    def _judged(
        self, model: nn.Module, examples: Examples, device: torch.device, tick: Tick
    ) -> tuple[float | None, float | None, np.ndarray]:
        """Mean loss, share of right tags, and how many spans of each label there are, were found, and rightly."""
        assert isinstance(model, SequenceTagger)
        scheme, loss, right, positions, done = self.scheme, 0.0, 0, 0, 0
        counts = np.zeros((len(self.labels), 3), np.int64)
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                batch = self.collate(examples, chosen)
                inputs = batch.to(device).inputs
                given = model.scores(inputs["symbols"], inputs["lengths"])
                loss += float(model.loss(given, inputs["lengths"], inputs["tags"]))
                found = model.best(given, inputs["lengths"]).cpu().numpy()
                gold = batch.inputs["tags"].numpy()
                valid = gold != _NONE
                found, gold = found[valid], gold[valid]
                right += int((found == gold).sum())
                positions += len(gold)
                counts += agreement(scheme.spans(gold), scheme.spans(found), len(self.labels))
        finally:
            model.train(was_training)
        if not positions:
            return None, None, counts
        return loss / positions, right / positions, counts

    def save_vocabulary(self, folder: Path) -> None:
        more = {
            "task": self.section.model_dump(mode="json"),
            "labels": list(self.labels),
            "outside": self.outside,
            "words": 0 if self._words is None else len(self._words),
            **kept(self.pretrained, folder),
        }
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)

    def load(self, folder: Path, section: Model) -> SequenceTagger:
        self._symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        self.section = Section.model_validate(more["task"])
        self.labels = tuple(map(str, more["labels"]))
        self.outside = bool(more["outside"])
        self.pretrained = restored(folder, section, more)
        # Their numbers are among the weights.
        words = int(more.get("words", 0))
        self._words = torch.zeros(words, dtype=torch.int64) if words else None
        return self._model(section, len(self._symbols), self.scheme, self._words)


def _figures(loss: float | None, right: float | None, counts: np.ndarray) -> Metrics:
    return {"loss": loss, **scores(counts), "accuracy": right}
