"""Text classification: which of some labels a text has."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.data import symbols as vocabularies
from studio.data.batching import epoch_batches
from studio.data.dataset import Dataset, Split
from studio.data.errors import DataError
from studio.data.symbols import PADDING, UNKNOWN, Symbols
from studio.data.tokens import Tokens, made_for
from studio.models.backoff import bits_for
from studio.models.classifier import TextClassifier
from studio.models.evidence import Evidence
from studio.models.reader import ReadBy
from studio.recipe import Model, Recipe
from studio.recipe.pretrained import PretrainedEncoder
from studio.recipe.splits import epoch_counts, factors, label_weights, strange_labels
from studio.recipe.task import TextClassification as Section
from studio.tasks import confusion, label_evidence
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.pretrained import Pretrained, kept, network_of, restored

_EVALUATION_BUDGET = 16384  # positions a batch; evaluation keeps no gradients
_USUAL_SYMBOLS, _USUAL_LABELS = 4_500, 2


@dataclass
class TextClassification:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "text_classification"
    labels: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    """Characters that keep the numbers they have in the model that a run starts from."""
    pretrained: Pretrained | None = None
    """The encoder of the recipe, if it names one."""
    _tokens: Tokens | None = field(default=None, repr=False)
    _counts: tuple[int, ...] = field(default=(), repr=False)
    _evidence: Evidence | None = field(default=None, repr=False)

    @property
    def tokens(self) -> Tokens:
        """The vocabulary and how texts are cut into it."""
        if self._tokens is None:
            raise RuntimeError("the task has no vocabulary yet: call prepare() or load()")
        return self._tokens

    @property
    def symbols(self) -> Symbols:
        """Characters, words or pieces of them by number."""
        return self.tokens.symbols

    def prepare(self, dataset: Dataset, tokens: Tokens | None = None) -> TextClassification:
        """The task with the vocabulary of a data set, or with one that is there already."""
        wrong = strange_labels(dataset.labels, self.section.label_weights)
        if wrong is not None:
            raise DataError(*wrong)
        made = TextClassification(self.section, self.name, dataset.labels)
        section = self.section
        if self.pretrained is not None:
            made.pretrained, made._tokens = self.pretrained.fitted(dataset, section.min_count).for_unit(
                section.unit, dataset
            )
        else:
            made._tokens = tokens or made_for(
                dataset, section.vocabulary, section.unit, section.min_count, known=self.known
            )
        made._counts = tuple(np.bincount(dataset.train.label, minlength=len(dataset.labels)).tolist())
        return made

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        if not self.section.counted:
            return
        read = (self.section.unit, self.section.max_length, self.symbols.texts)
        self._evidence = label_evidence.learnt(
            self.encode(dataset.train),
            len(self.symbols),
            len(self.labels),
            self.section.counted,
            repr((self.name, dataset.fingerprint, read)),
            tick,
        )

    def build_model(self, recipe: Recipe) -> TextClassifier:
        shown = self._counts
        if recipe.data.balance.by == "label":  # what re-sampling has done the weights need not do again
            shown = epoch_counts(shown, recipe.data.balance)
        by_hand = factors(self.labels, self.section.label_weights)
        weights = label_weights(shown, self.section.class_weights, by_hand)
        found = None if weights is None else torch.tensor(weights)
        return self._model(recipe.model, len(self.symbols), len(self.labels), found, self._evidence)

    def usual_model(self, recipe: Recipe) -> TextClassifier:
        return self._model(recipe.model, _USUAL_SYMBOLS, max(len(self.labels), _USUAL_LABELS))

    def _model(
        self,
        model: Model,
        symbols: int,
        labels: int,
        weights: Tensor | None = None,
        evidence: Evidence | None = None,
    ) -> TextClassifier:
        section = self.section
        network: Model | ReadBy = model
        if isinstance(model, PretrainedEncoder):
            network = network_of(model, self.pretrained, symbols)
        return TextClassifier(
            network,
            symbols,
            labels,
            section.pooling,
            weights,
            section.focal_gamma,
            one_hot=section.vocabulary.embedding == "one_hot",
            evidence=copy.deepcopy(evidence),
        )

    def examples(self, dataset: Dataset, split: str) -> Examples:
        made = self.encode(dataset.splits()[split])
        if split == "validation":
            # How much network and evidence count is found on these.
            made.rows["choosing"] = np.ones(len(made), bool)
        return made

    def encode(self, split: Split) -> Examples:
        """The symbols of each text, and its label."""
        rows = {"labels": np.asarray(split.label, np.int64)}
        symbols, lengths = self.tokens.encode(split)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns: dict[str, np.ndarray] = {"symbols": symbols.astype(np.int32), "offsets": offsets}
        return Examples(columns, lengths, rows)

    def read(self, text: str) -> np.ndarray:
        """The symbols of one text, at least one: int32 [symbols]."""
        found = self.tokens.read(text)
        return found if len(found) else np.array([UNKNOWN], np.int32)

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        """A batch of the examples with these numbers; a position of its loss is a text."""
        lengths = examples.lengths[chosen]
        steps = np.arange(int(lengths.max()))
        valid = steps < lengths[:, None]
        places = np.where(valid, examples.columns["offsets"][chosen][:, None] + steps, 0)
        symbols = np.where(valid, examples.columns["symbols"][places], PADDING)
        inputs: dict[str, Any] = {
            "symbols": torch.from_numpy(symbols.astype(np.int64)),
            "lengths": torch.from_numpy(lengths.astype(np.int64)),
            "labels": torch.from_numpy(examples.rows["labels"][chosen]),
            "smoothing": smoothing,
        }
        return Batch(inputs, len(chosen))

    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a text, unweighted, and the figures of `confusion.figures`.

        Where evidence is asked besides the network, its share is found first if these examples are for that; how often
        the network alone is right is told as well.
        """
        assert isinstance(model, TextClassifier)
        scores, labels, network = self._judged(model, examples, device, tick)
        figures = confusion.figures(self._matrix(scores, labels))
        loss = float(functional.cross_entropy(scores, labels)) if len(labels) else None
        if network is None:
            return {"loss": loss, **figures}
        alone = confusion.figures(self._matrix(network, labels))["accuracy"]
        return {"loss": loss, **figures, "network_accuracy": alone}

    @torch.no_grad()
    def _judged(
        self, model: TextClassifier, examples: Examples, device: torch.device, tick: Tick
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Scores [texts, labels], labels [texts], and what the network alone says if it is not alone."""
        found: list[tuple[Tensor, ...]] = []
        done, evidence = 0, model.evidence
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                inputs = self.collate(examples, chosen).to(device).inputs
                symbols, lengths = inputs["symbols"], inputs["lengths"]
                if evidence is None:
                    sides: tuple[Tensor, ...] = (model.scores(symbols, lengths),)
                else:
                    sides = (model.network_scores(symbols, lengths), evidence(symbols))
                found.append((inputs["labels"].cpu(), *(side.float().cpu() for side in sides)))
        finally:
            model.train(was_training)
        if not found:
            nothing = torch.zeros(0, len(self.labels))
            return nothing, torch.zeros(0, dtype=torch.int64), None if evidence is None else nothing
        labels, *both = (torch.cat(part) for part in zip(*found, strict=True))
        if evidence is None:
            return both[0], labels, None
        network, counted = both
        if "choosing" in examples.rows:
            evidence.shares.copy_(label_evidence.best_shares(network, counted, labels, model.weights.cpu()))
        return evidence.join(network.to(device), counted.to(device)).cpu(), labels, network

    def _matrix(self, scores: Tensor, labels: Tensor) -> np.ndarray:
        """How often texts of a label (rows) were taken for one (columns) [labels, labels]."""
        size = len(self.labels)
        pairs = (labels * size + scores.argmax(dim=1)).numpy()
        return np.bincount(pairs, minlength=size * size).reshape(size, size)

    def save_vocabulary(self, folder: Path) -> None:
        more: dict[str, Any] = {
            "task": self.section.model_dump(mode="json"),
            "labels": list(self.labels),
        }
        if self._evidence is not None:
            more["evidence"] = {"features": len(self._evidence.keys), "order": self._evidence.order}
        read = kept(self.pretrained, folder) or self.tokens.described()
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, {**more, **read})

    def load(self, folder: Path, section: Model) -> TextClassifier:
        symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        self.section = Section.model_validate(more["task"])
        self.pretrained = restored(folder, section, more)
        if self.pretrained is not None:
            self._tokens = self.pretrained.read(symbols, self.section.unit)
        else:
            self._tokens = Tokens.restored(symbols, more, self.section.unit, lossless=False)
        self.labels = tuple(map(str, more["labels"]))
        told = more.get("evidence")
        if told is not None:
            bits = bits_for(len(symbols))
            self._evidence = Evidence(int(told["features"]), len(self.labels), int(told["order"]), bits)
        return self._model(section, len(symbols), len(self.labels), evidence=self._evidence)
