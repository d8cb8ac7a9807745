"""A masked language model: which characters stand where they were left out of running text."""

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
from studio.data.masking import masked, word_starts
from studio.data.symbols import BOUNDARY, MASK, PADDING, Symbols
from studio.models.masked import MaskedLanguageModel as Network
from studio.recipe import Model, Recipe
from studio.recipe.task import MaskedLanguageModel as Section
from studio.tasks import text_counts
from studio.tasks.around import NOTHING, Place, likely, support
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.halves import Halves
from studio.tasks.pretrained import Pretrained, kept, network_of, restored
from studio.tasks.text_counts import TextCounts

_EVALUATION_BUDGET = 8192  # positions a batch; a seventh of them have scores for all characters
_COUNTED_BUDGET = 1024  # the same where counts are asked as well, which takes some ms a place
_AMONG = 24  # symbols that the network finds likeliest, and as many that counts do, are compared
WEIGHTS = (
    0.0,
    0.25,
    0.5,
    0.75,
    1.0,
)  # of counts beside the network: the best on the validation split is taken
_USUAL_SYMBOLS = 4_800  # the vocabulary of the default data
_SMOOTHING = 0.5  # added to every count, so that no symbol begins with no chance
# What is asked of texts that judge: the same of every run, whatever its seed, so that their figures compare.
FIXED = (20_181_011, 0)


@dataclass(frozen=True)
class Guesses:
    """What may stand at some places.

    Attributes:
        network: log-probabilities [places, candidates].
        numbers: which symbols these are; None where they are all symbols in their order.
        support: what counts say of them, log-probabilities of the text around them; None where nothing is counted.
    """

    network: np.ndarray
    numbers: np.ndarray | None = None
    support: np.ndarray | None = None

    def best(self, weight: float, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """The likeliest symbols and their chances [places, count], counts having that weight."""
        logs = self.network
        if self.support is not None:
            both = logs + weight * np.where(np.isfinite(self.support), self.support, 0.0)
            both[~np.isfinite(self.support)] = -np.inf
            # What is no candidate keeps the share that the network gives it.
            inside = np.logaddexp.reduce(np.where(np.isfinite(both), logs, -np.inf), axis=1, keepdims=True)
            logs = both - np.logaddexp.reduce(both, axis=1, keepdims=True) + inside
        count = min(count, logs.shape[1])
        order = np.argpartition(-logs, count - 1, axis=1)[:, :count]
        order = np.take_along_axis(
            order, np.argsort(-np.take_along_axis(logs, order, axis=1), axis=1), axis=1
        )
        numbers = order if self.numbers is None else np.take_along_axis(self.numbers, order, axis=1)
        return numbers, np.exp(np.take_along_axis(logs, order, axis=1))


@dataclass
class MaskedLanguageModel:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "masked_language_model"
    known: tuple[str, ...] = ()
    pretrained: Pretrained | None = None
    counts: TextCounts | None = field(default=None, repr=False)
    """N-grams that are asked besides the network; None where that is alone."""
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
        if self.section.counted > 1:
            tick(0, 1)

            def texts() -> text_counts.Texts:
                columns = self.examples(dataset, "train").columns
                return columns["symbols"].astype(np.int64), columns["offsets"]

            identity = repr((self.name, dataset.fingerprint, self.symbols.texts))
            self.counts = text_counts.learnt(len(self.symbols), self.section.counted, identity, texts)

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
        made = self.encode(dataset.splits()[split])
        if split == "validation":
            # How much counts weigh is found on these.
            made.rows["choosing"] = np.ones(len(made), bool)
        return made

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
        """Loss in nats a masked character, the share of those guessed, and of pairs told right, if there are any.

        The loss is the network's alone; characters are guessed with the counts, if there are any, whose weight is
        chosen first on the validation split.
        """
        assert isinstance(model, Network)
        loss, asked, told, pairs, done = 0.0, 0, 0, 0, 0
        weights = [float(model.counts_weight)]
        if self.counts is not None and "choosing" in examples.rows:
            weights = [*WEIGHTS]
        right = np.zeros(len(weights), np.int64)
        was_training = model.training
        model.eval()
        try:
            budget = _EVALUATION_BUDGET if self.counts is None else _COUNTED_BUDGET
            for chosen in epoch_batches(examples.rows["fed"], budget, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                inputs = self.collate(examples, chosen).to(device).inputs
                hidden, follows = model.judged(inputs["symbols"], inputs["lengths"])
                targets = inputs["targets"]
                there = targets != PADDING
                logs = model.scores(hidden[there]).float().log_softmax(dim=-1)
                wanted = targets[there]
                loss -= float(logs.gather(1, wanted[:, None]).sum())
                guesses = self.guesses(logs, inputs["symbols"], inputs["lengths"], there.nonzero())
                for place, weight in enumerate(weights):
                    right[place] += np.count_nonzero(guesses.best(weight)[0][:, 0] == wanted.cpu().numpy())
                asked += len(wanted)
                if "follows" in inputs:
                    known = inputs["follows"] >= 0
                    told += int((follows.argmax(dim=-1) == inputs["follows"])[known].sum())
                    pairs += int(known.sum())
        finally:
            model.train(was_training)
        if len(weights) > 1 and asked:
            model.counts_weight.fill_(weights[int(right.argmax())])
        found: Metrics = {
            "loss": loss / asked if asked else None,
            "mask_accuracy": float(right.max() / asked) if asked else None,
        }
        if self.section.next_sentence:
            found["next_sentence_accuracy"] = told / pairs if pairs else None
        return found

    def guesses(self, logs: Tensor, symbols: Tensor, lengths: Tensor, at: Tensor) -> Guesses:
        """What may stand at some places.

        Args:
            logs: the network's log-probabilities there [places, symbols].
            symbols: as they were read [rows, length], of which `lengths` [rows] stand there.
            at: row and column of each place [places, 2].
        """
        if self.counts is None:
            return Guesses(logs.double().cpu().numpy())
        rows, places = at.cpu().numpy().T
        there = Place.of(
            self.counts.ngrams, symbols.cpu().numpy(), lengths.cpu().numpy(), rows, places, self.mask
        )
        first = self.mask + 1
        counted = likely(self.counts.ngrams, there, first, min(_AMONG, logs.shape[1] - first))
        own = logs[:, first:].topk(min(_AMONG, logs.shape[1] - first)).indices.cpu().numpy() + first
        counted[(counted[:, :, None] == own[:, None, :]).any(axis=2)] = NOTHING
        numbers = np.concatenate([own, counted], axis=1)
        network = logs.double().cpu().gather(1, torch.from_numpy(np.maximum(numbers, 0))).numpy()
        return Guesses(network, numbers, support(self.counts.ngrams, there, numbers))

    def save_vocabulary(self, folder: Path) -> None:
        more = {"task": self.section.model_dump(mode="json"), **kept(self.pretrained, folder)}
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)
        if self.counts is not None:
            self.counts.lay(folder)

    def load(self, folder: Path, section: Model) -> Network:
        self._symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        if not self._symbols.texts or self._symbols.texts[0] != MASK:
            raise ValueError(f"its first symbol is not {MASK}")
        self.section = Section.model_validate(more["task"])
        self.pretrained = restored(folder, section, more)
        self.counts = text_counts.beside(folder)
        return self._model(section, len(self._symbols))


def log_prior(symbols: np.ndarray, size: int) -> np.ndarray:
    """Logarithms of how frequent symbols are: float32 [size]."""
    counts = np.bincount(symbols, minlength=size).astype(np.float64) + _SMOOTHING
    made: np.ndarray = np.log(counts / counts.sum()).astype(np.float32)
    return made
