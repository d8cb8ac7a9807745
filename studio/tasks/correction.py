"""Correction: which characters of a sentence are wrong, and what stands there by rights."""

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
from studio.data.masking import masked
from studio.data.misspelling import are_hanzi, misspelt, mistaken_for
from studio.data.symbols import MASK, PADDING, UNKNOWN, Symbols
from studio.models.corrector import Corrector
from studio.recipe import Model, Recipe
from studio.recipe.task import Correction as Section
from studio.tasks import text_counts
from studio.tasks.around import NOTHING, Place, support
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.edits import Proposals, Review, Weighed
from studio.tasks.masked_language_model import FIXED, WEIGHTS, log_prior
from studio.tasks.pretrained import Pretrained, kept, network_of, restored
from studio.tasks.text_counts import TextCounts

_EVALUATION_BUDGET = 8192  # positions a batch
_USUAL_SYMBOLS = 4_800  # the vocabulary of the default data
_FLOOR = 0.03  # chance of being wrong below which nobody asks what would be right
_GAIN = 1.0  # nats that counts find another character better by before they ask by themselves


@dataclass
class Correction:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "correction"
    known: tuple[str, ...] = ()
    pretrained: Pretrained | None = None
    counts: TextCounts | None = field(default=None, repr=False)
    """N-grams that are asked besides the network; None where that is alone."""
    _symbols: Symbols | None = field(default=None, repr=False)
    _log_prior: np.ndarray | None = field(default=None, repr=False)
    _usable: np.ndarray | None = field(default=None, repr=False)
    _confused: np.ndarray | None = field(default=None, repr=False)

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

    def prepare(self, dataset: Dataset) -> Correction:
        made = Correction(self.section, self.name, self.known)
        if self.pretrained is not None:
            fitted = self.pretrained.fitted(dataset, self.section.min_count)
            made.pretrained, made._symbols = fitted.for_characters(dataset, mask=True)
        else:
            first = (MASK, *(text for text in self.known if text != MASK))
            made._symbols = vocabularies.characters_of(dataset.train, self.section.min_count, first)
        read = made._symbols.of_points(np.asarray(dataset.train.text))
        made._log_prior = log_prior(read, len(made.symbols))
        return made

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        if self.section.counted > 1:
            tick(0, 1)

            def texts() -> text_counts.Texts:
                train = dataset.train
                return self.symbols.of_points(np.asarray(train.text)).astype(np.int64), np.asarray(
                    train.offsets
                )

            identity = repr((self.name, dataset.fingerprint, self.symbols.texts))
            self.counts = text_counts.learnt(len(self.symbols), self.section.counted, identity, texts)

    def build_model(self, recipe: Recipe) -> Corrector:
        if self._log_prior is None:
            raise RuntimeError("the task has no counts yet: call prepare()")
        prior = torch.from_numpy(self._log_prior)
        return Corrector(
            network_of(recipe.model, self.pretrained, len(self.symbols)), len(self.symbols), prior
        )

    def usual_model(self, recipe: Recipe) -> Corrector:
        return Corrector(network_of(recipe.model, self.pretrained, _USUAL_SYMBOLS), _USUAL_SYMBOLS)

    def examples(self, dataset: Dataset, split: str) -> Examples:
        made = self.encode(dataset.splits()[split])
        if split == "validation":
            # From which score on corrections are made is found on these.
            made.rows["choosing"] = np.ones(len(made), bool)
        return made

    def encode(self, split: Split) -> Examples:
        """The characters of each sentence as they should be."""
        columns = {"points": np.asarray(split.text), "offsets": np.asarray(split.offsets, np.int64)}
        return Examples(columns, split.lengths, {"numbers": np.arange(len(split))})

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        """A batch with the errors that judge: at least one in each sentence."""
        right = self.right(examples, chosen)
        wrong = self.wrong(FIXED, right, examples.rows["numbers"][chosen])
        return self.batch(wrong, right, examples.lengths[chosen], smoothing)

    def mistyped(
        self, key: tuple[int, ...], examples: Examples, chosen: np.ndarray, smoothing: float = 0.0
    ) -> Batch:
        """A batch to learn from: some sentences stay right, and some characters are asked for that are right."""
        right, numbers = self.right(examples, chosen), examples.rows["numbers"][chosen]
        wrong = self.wrong(key, right, numbers, self.section.clean)
        made = self.batch(wrong, right, examples.lengths[chosen], smoothing)
        if not self.section.mask_rate:
            return made
        inputs = made.inputs
        read, targets = inputs["symbols"].numpy(), inputs["targets"].numpy()
        fed, asked = masked(
            read, None, numbers, (*key, 9), self.section.mask_rate, self.mask, len(self.symbols)
        )
        # Wrong ones stay as they are: what they are taken for is to be learnt from them.
        there = (asked > 0) & (inputs["wrong"].numpy() == 0)
        told = {
            "symbols": np.where(there, fed, read),
            "targets": np.where(there, asked, targets),
            "wrong": np.where(there, -1, inputs["wrong"].numpy()),
        }
        positions = int((told["wrong"] >= 0).sum())
        return Batch({**inputs, **{name: torch.from_numpy(x) for name, x in told.items()}}, positions)

    def right(self, examples: Examples, chosen: np.ndarray) -> np.ndarray:
        """Code points of sentences [rows, length], 0 beyond their ends."""
        lengths = examples.lengths[chosen]
        steps = np.arange(max(1, int(lengths.max())))
        valid = steps < lengths[:, None]
        places = np.where(valid, examples.columns["offsets"][chosen][:, None] + steps, 0)
        return np.where(valid, examples.columns["points"][places], 0).astype(np.int64)

    def wrong(
        self, key: tuple[int, ...], right: np.ndarray, numbers: np.ndarray, clean: float = 0.0
    ) -> np.ndarray:
        """Sentences with errors put into them by a key and their numbers, code points like `right`."""
        section = self.section
        return misspelt(right, numbers, key, rate=section.error_rate, sounds=section.sounds, clean=clean)

    def batch(
        self, read: np.ndarray, right: np.ndarray, lengths: np.ndarray, smoothing: float = 0.0
    ) -> Batch:
        """A batch of sentences as they are read and as they should be, code points [rows, length]."""
        hanzi, differs = are_hanzi(right), read != right
        wanted = self.symbols.of_points(right)
        inputs: dict[str, Any] = {
            "symbols": torch.from_numpy(self.read(read)),
            "lengths": torch.from_numpy(lengths.astype(np.int64)),
            "wrong": torch.from_numpy(np.where(hanzi, differs, -1).astype(np.int64)),
            "targets": torch.from_numpy(np.where(differs & (wanted != UNKNOWN), wanted, 0).astype(np.int64)),
            "smoothing": smoothing,
        }
        return Batch(inputs, int(hanzi.sum()))

    def read(self, points: np.ndarray) -> np.ndarray:
        """The symbols of code points, of which 0 is none: int64 of the same shape."""
        return np.where(points > 0, self.symbols.of_points(points), PADDING).astype(np.int64)

    @torch.no_grad()
    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a hanzi, and the figures of `Review`; on the validation split the threshold is chosen first.

        Each sentence is read twice, once with errors and once as it is. The weight of the counts, if there are any, is
        chosen with the threshold.
        """
        assert isinstance(model, Corrector)
        loss, positions, done = 0.0, 0, 0
        choosing = "choosing" in examples.rows
        weights = [*WEIGHTS] if choosing and self.counts is not None else [float(model.counts_weight)]
        reviews = [Review() for _ in weights]
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                right = self.right(examples, chosen)
                wrong = self.wrong(FIXED, right, examples.rows["numbers"][chosen])
                batch = self.batch(wrong, right, examples.lengths[chosen], 0.0)
                inputs = batch.to(device).inputs
                hidden = model.encode(inputs["symbols"], inputs["lengths"])
                loss += float(model.loss_of(hidden, inputs["symbols"], inputs["wrong"], inputs["targets"]))
                positions += batch.positions
                as_they_are = self.read(right)
                for read, weighed in (
                    (wrong, self.weighed(model, hidden, inputs["symbols"], wrong)),
                    (right, self.weighed(model, *self._encoded(model, as_they_are, right), right)),
                ):
                    for weight, review in zip(weights, reviews, strict=True):
                        review.add(read, right, weighed.proposals(weight))
        finally:
            model.train(was_training)
        best = reviews[0]
        if choosing and positions:
            thresholds = [review.threshold(self.section.most_false_alarms) for review in reviews]
            f1 = [
                review.figures(threshold)["correction_f1"] or 0.0
                for review, threshold in zip(reviews, thresholds, strict=True)
            ]
            place = f1.index(max(f1))
            best = reviews[place]
            model.counts_weight.fill_(weights[place])
            model.threshold.fill_(thresholds[place])
        found = best.figures(float(model.threshold))
        return {"loss": loss / positions if positions else None, **found}

    def review(self, model: Corrector, pairs: list[tuple[str, str]]) -> Metrics:
        """Figures on sentences as they were written and as they should be, each pair of one length."""
        review = Review()
        lengths = np.array([len(read) for read, _ in pairs])
        for chosen in epoch_batches(lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
            read, right = (self.points([pairs[number][side] for number in chosen]) for side in (0, 1))
            review.add(read, right, self.propose(model, read))
        return review.figures(float(model.threshold))

    def points(self, texts: list[str]) -> np.ndarray:
        """Code points [texts, length], 0 beyond the end of each."""
        made = np.zeros((len(texts), max([1, *map(len, texts)])), np.int64)
        for row, text in zip(made, texts, strict=True):
            row[: len(text)] = [ord(character) for character in text]
        return made

    @torch.no_grad()
    def propose(self, model: Corrector, points: np.ndarray) -> Proposals:
        """Whatever could be corrected in sentences, code points [rows, length], with how likely it is right."""
        return self.proposed(model, *self._encoded(model, self.read(points), points), points)

    def proposed(self, model: Corrector, hidden: Tensor, symbols: Tensor, points: np.ndarray) -> Proposals:
        """The same as `propose` of sentences that are encoded already, `hidden` [rows, length, width]."""
        return self.weighed(model, hidden, symbols, points).proposals(float(model.counts_weight))

    def _encoded(self, model: Corrector, read: np.ndarray, points: np.ndarray) -> tuple[Tensor, Tensor]:
        symbols = torch.from_numpy(read).to(model.bias.device)
        lengths = torch.from_numpy(np.maximum((points > 0).sum(axis=1), 1)).to(model.bias.device)
        return model.encode(symbols, lengths), symbols

    @torch.no_grad()
    def weighed(self, model: Corrector, hidden: Tensor, symbols: Tensor, points: np.ndarray) -> Weighed:
        """What network and counts say of the characters that may be wrong, and of what may be right there."""
        wrong = model.chances(hidden).double().cpu().numpy()
        hanzi = are_hanzi(points)
        if self.counts is None:
            rows, places = np.nonzero((wrong >= _FLOOR) & hanzi)
            logs = self._guessed(model, hidden, symbols, rows, places)
            best = logs.max(dim=-1)
            numbers = best.indices.cpu().numpy()[:, None]
            return Weighed(
                rows, places, self._points()[numbers], wrong[rows, places], best.values.cpu().numpy()[:, None]
            )
        rows, places = np.nonzero(hanzi)
        read = symbols.cpu().numpy()
        there = Place.of(self.counts.ngrams, read, (points > 0).sum(axis=1), rows, places, self.mask)
        # What may be right is what the character is often mistaken for, and what the network thinks of.
        others = self._mistaken()[read[rows, places]]
        stands = support(self.counts.ngrams, there, read[rows, places][:, None])
        gains = support(self.counts.ngrams, there, others) - stands
        asked = (wrong[rows, places] >= _FLOOR) | (gains.max(axis=1, initial=-np.inf) > _GAIN)
        rows, places, others, gains = rows[asked], places[asked], others[asked], gains[asked]
        there, stands = Place(there.around[asked], there.order), stands[asked]
        logs = self._guessed(model, hidden, symbols, rows, places)
        own = logs.max(dim=-1).indices.cpu().numpy()[:, None]
        gain = support(self.counts.ngrams, there, own) - stands
        others = np.where(others == own, NOTHING, others)
        numbers = np.concatenate([own, others], axis=1)
        network = logs.cpu().gather(1, torch.from_numpy(np.maximum(numbers, 0))).numpy()
        network[numbers == NOTHING] = -np.inf
        gains = np.concatenate([gain, np.where(others == NOTHING, 0.0, gains)], axis=1)
        return Weighed(rows, places, self._points()[numbers], wrong[rows, places], network, gains)

    def _guessed(
        self, model: Corrector, hidden: Tensor, symbols: Tensor, rows: np.ndarray, places: np.ndarray
    ) -> Tensor:
        """The network's log-probabilities of what is right where something is wrong: float64 [places, symbols]."""
        at = torch.from_numpy(rows), torch.from_numpy(places)
        logits = model.scores(hidden[at]).double()
        logits[:, torch.from_numpy(~self._hanzi_symbols()).to(logits.device)] = -torch.inf
        logits = logits.scatter(1, symbols[at][:, None], -torch.inf)
        return logits.log_softmax(dim=-1)

    def _points(self) -> np.ndarray:
        """The code point of each symbol that is one character, 0 of others: int64 [symbols]."""
        texts = self.symbols.texts
        points = [ord(text) if len(text) == 1 else 0 for text in texts]
        return np.array([0] * (len(self.symbols) - len(texts)) + points, np.int64)

    def _mistaken(self) -> np.ndarray:
        """The symbols that each may have been written for: int64 [symbols, the most of any], `NOTHING` if fewer."""
        if self._confused is None or len(self._confused) != len(self.symbols):
            points = mistaken_for(self._points())
            found = self.symbols.of_points(points)
            found = np.where((points > 0) & self._hanzi_symbols()[found], found, NOTHING)
            order = np.argsort(found == NOTHING, axis=1, kind="stable")
            widest = int((found != NOTHING).sum(axis=1).max(initial=1))
            self._confused = np.take_along_axis(found, order, axis=1)[:, :widest].astype(np.int64)
        return self._confused

    def _hanzi_symbols(self) -> np.ndarray:
        """Which symbols are hanzi: nothing else is put in the place of one."""
        if self._usable is None or len(self._usable) != len(self.symbols):
            self._usable = are_hanzi(self._points())
        return self._usable

    def save_vocabulary(self, folder: Path) -> None:
        more = {"task": self.section.model_dump(mode="json"), **kept(self.pretrained, folder)}
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)
        if self.counts is not None:
            self.counts.lay(folder)

    def load(self, folder: Path, section: Model) -> Corrector:
        self._symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        if not self._symbols.texts or self._symbols.texts[0] != MASK:
            raise ValueError(f"its first symbol is not {MASK}")
        self.section = Section.model_validate(more["task"])
        self.pretrained = restored(folder, section, more)
        self.counts = text_counts.beside(folder)
        return Corrector(network_of(section, self.pretrained, len(self._symbols)), len(self._symbols))
