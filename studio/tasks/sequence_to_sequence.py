"""Sequence to sequence: one text is read, another written for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from studio.data import symbols as vocabularies
from studio.data.batching import epoch_batches
from studio.data.dataset import Dataset, Split, SplitBuilder
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN, Symbols
from studio.data.tokens import Tokens, made_for
from studio.models.beam_search import greedy
from studio.models.library_encoder_decoder import LibraryEncoderDecoder, architecture_of
from studio.models.sequence_to_sequence import SequenceToSequence as Network
from studio.models.sequence_to_sequence import encoder_decoder_of
from studio.models.text_writer import TextWriter
from studio.recipe import Model, Recipe
from studio.recipe.encoder_decoder import T5, Bart
from studio.recipe.pretrained_pairs import PretrainedEncoderDecoder
from studio.recipe.sequences import SequenceToSequence as Section
from studio.tasks import overlap
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.pretrained_pairs import PretrainedPair, kept, restored

_EVALUATION_BUDGET = 4096  # positions a batch; each has scores for all symbols
_USUAL_SOURCES, _USUAL_TARGETS = 2_000, 2_500
_SPARE = 4  # symbols that may be written beyond what texts of a length had in training
_USUAL_RATIO = 99.5  # of a hundred training texts so many are no longer beside what is read


@dataclass
class SequenceToSequence:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "sequence_to_sequence"
    known: tuple[str, ...] = ()
    """Characters that keep the numbers they have in the model that a run starts from."""
    pretrained: PretrainedPair | None = None
    """The network of others that the recipe names, if it does."""
    chinese: bool = False
    """Whether what is written is Chinese."""
    longest: int = 64
    """Characters of what was read in training, of nearly all texts at most."""
    ratio: float = 2.0
    """Symbols that are written for one that is read, of nearly all training texts at most."""
    _tokens: Tokens | None = field(default=None, repr=False)
    _target_tokens: Tokens | None = field(default=None, repr=False)

    @property
    def tokens(self) -> Tokens:
        """The vocabulary of what is read, and how texts are cut into it."""
        if self._tokens is None:
            raise RuntimeError("the task has no vocabulary yet: call prepare() or load()")
        return self._tokens

    @property
    def target_tokens(self) -> Tokens:
        """The same of what is written."""
        return self._target_tokens or self.tokens

    @property
    def symbols(self) -> Symbols:
        """Characters, words or pieces of them by number, of what is read."""
        return self.tokens.symbols

    @property
    def targets(self) -> Symbols:
        """The same of what is written."""
        return self.target_tokens.symbols

    def prepare(self, dataset: Dataset, same: SequenceToSequence | None = None) -> SequenceToSequence:
        """The task with the vocabularies of a data set, or with those of the same task as it was kept."""
        section = self.section
        made = SequenceToSequence(section, self.name)
        if same is not None:
            made.pretrained = same.pretrained
            made._tokens, made._target_tokens = same._tokens, same._target_tokens
        elif self.pretrained is not None:
            made.pretrained = self.pretrained.fitted(
                replace(dataset, train=_joined(dataset.train)), section.min_count
            )
            made._tokens = made.pretrained.reading()
        elif section.shared:
            both = _joined(dataset.train)
            made._tokens = self._learnt(dataset, both, section.source_unit, "both", self.known)
        else:
            made._tokens = self._learnt(dataset, dataset.train, section.source_unit, "source", self.known)
            made._target_tokens = self._learnt(dataset, dataset.train.targets, section.target_unit, "target")
        read, written = (tokens.encode(split)[1] for tokens, split in made._sides(dataset.train))
        ratios = written / np.maximum(read, 1)
        made.ratio = float(np.percentile(ratios, _USUAL_RATIO)) if len(ratios) else 2.0
        if len(dataset.train):
            made.longest = int(np.percentile(dataset.train.lengths, _USUAL_RATIO))
        made.chinese = overlap.is_chinese(
            [dataset.train.target_of(i) for i in range(min(1000, len(dataset.train)))]
        )
        return made

    def _learnt(
        self, dataset: Dataset, texts: Split, unit: Any, side: str, known: tuple[str, ...] = ()
    ) -> Tokens:
        section = self.section
        # Pieces that were learnt are kept by the name of the data, and the two sides have others.
        view = replace(dataset, train=texts, fingerprint=f"{dataset.fingerprint}-{side}")
        return made_for(view, section.vocabulary, unit, section.min_count, lossless=True, known=known)

    def _sides(self, split: Split) -> list[tuple[Tokens, Split]]:
        return [(self.tokens, split), (self.target_tokens, split.targets)]

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        pass

    def build_model(self, recipe: Recipe) -> TextWriter:
        return self._model(recipe.model, len(self.symbols), len(self.targets))

    def usual_model(self, recipe: Recipe) -> TextWriter:
        return self._model(recipe.model, _USUAL_SOURCES, _USUAL_TARGETS)

    def _model(self, section: Model, sources: int, targets: int) -> TextWriter:
        if isinstance(section, PretrainedEncoderDecoder):
            if self.pretrained is None:
                raise RuntimeError("the task has no network yet: give it one before prepare()")
            return LibraryEncoderDecoder(self.pretrained.architecture())
        if isinstance(section, T5 | Bart):
            return LibraryEncoderDecoder(architecture_of(section, max(sources, targets)))
        one_hot = self.section.vocabulary.embedding == "one_hot"
        shared = self.section.shared
        return Network(encoder_decoder_of(section), sources, None if shared else targets, one_hot=one_hot)

    def examples(self, dataset: Dataset, split: str) -> Examples:
        # Texts are compared where a model is judged, and nowhere else.
        return self.encode(dataset.splits()[split], texts=split != "train")

    def encode(self, split: Split, *, texts: bool = True) -> Examples:
        """What is read and what is written, one behind the other; `read` says how much of it is read.

        Args:
            texts: keep what is to be written as text as well.
        """
        (read, sizes), (written, target_sizes) = (tokens.encode(part) for tokens, part in self._sides(split))
        lengths = sizes + target_sizes
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        is_read = np.arange(int(lengths.sum())) - np.repeat(offsets[:-1], lengths) < np.repeat(sizes, lengths)
        symbols = np.empty(len(is_read), np.int32)
        symbols[is_read], symbols[~is_read] = read, written
        rows = {"read": sizes.astype(np.int64)}
        if texts:
            rows["texts"] = np.array([split.target_of(i) for i in range(len(split))], object)
        columns: dict[str, np.ndarray] = {"symbols": symbols, "offsets": offsets}
        return Examples(columns, lengths, rows)

    def of_pairs(self, pairs: list[tuple[str, str]]) -> Examples:
        """Examples of texts, each with what is to be written for it."""
        builder = SplitBuilder()
        for text, target in pairs:
            builder.add(text, (), 0, target=target)
        return self.encode(builder.build())

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        """A batch of the examples with these numbers; a position of its loss is a symbol to be written, or the end."""
        starts, sizes = examples.columns["offsets"][chosen], examples.rows["read"][chosen]
        symbols = examples.columns["symbols"]
        read = _padded(symbols, starts, sizes)
        written = _padded(symbols, starts + sizes, examples.lengths[chosen] - sizes)
        before = np.concatenate([np.full((len(chosen), 1), BOUNDARY), written[:, :-1]], axis=1)
        # Beyond its end a text has neither anything to write nor anything before it.
        before = np.where(written == PADDING, PADDING, before)
        inputs: dict[str, Any] = {
            "symbols": torch.from_numpy(read),
            "lengths": torch.from_numpy(sizes + 1),
            "written": torch.from_numpy(before),
            "targets": torch.from_numpy(written),
            "smoothing": smoothing,
        }
        return Batch(inputs, int((written != PADDING).sum()))

    def most(self, lengths: torch.Tensor) -> torch.Tensor:
        """How many symbols are written for texts of so many, at most [rows]."""
        bound = (lengths * self.ratio).ceil().long() + _SPARE
        room = self.pretrained.room if self.pretrained is not None else 0
        return bound.clamp(1, min(self.section.max_target, room or self.section.max_target))

    def text_of(self, symbols: list[int] | tuple[int, ...]) -> str:
        """What symbols that were written say."""
        return self.target_tokens.join(symbols).strip()

    @torch.no_grad()
    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats and share of right symbols, given all before them; and what texts written greedily are worth.

        `task.judged` texts are written, spread evenly. What is unknown counts as wrong.
        """
        assert isinstance(model, TextWriter)
        loss, right, positions, done = 0.0, 0, 0, 0
        count = len(examples)
        judged = min(self.section.judged or count, count)
        total = count + judged
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, total)
                done += len(chosen)
                batch = self.collate(examples, chosen)
                inputs = batch.to(device).inputs
                asked = inputs["targets"] != PADDING
                hidden = model.hidden(inputs["symbols"], inputs["lengths"], inputs["written"])[asked]
                logits, targets = model.scores(hidden).float(), inputs["targets"][asked]
                loss += float(nn.functional.cross_entropy(logits, targets, reduction="sum"))
                right += int(((logits.argmax(dim=-1) == targets) & (targets != UNKNOWN)).sum())
                positions += batch.positions
            few = examples.select(np.linspace(0, count - 1, judged).astype(np.int64)) if judged else None
            written = self._written(model, few, device, lambda n: tick(count + n, total)) if few else []
        finally:
            model.train(was_training)
        return {
            "loss": loss / positions if positions else None,
            "token_accuracy": right / positions if positions else None,
            **self._figures(written, few.rows["texts"].tolist() if few else []),
        }

    def _figures(self, written: list[str], wanted: list[str]) -> Metrics:
        counts = overlap.counted(written, wanted, chinese=self.chinese)
        found = overlap.figures({name: values.sum() for name, values in counts.items()})
        return {name: float(value) if np.isfinite(value) else None for name, value in found.items()}

    def _written(
        self, model: TextWriter, examples: Examples, device: torch.device, tick: Callable[[int], object]
    ) -> list[str]:
        made = [""] * len(examples)
        done = 0
        for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
            inputs = self.collate(examples, chosen).to(device).inputs
            lengths = inputs["lengths"]
            found = greedy(model, inputs["symbols"], lengths, self.most(lengths), partial(tick, done))
            for row, symbols in zip(chosen.tolist(), found, strict=True):
                made[row] = self.text_of(symbols)
            done += len(chosen)
        return made

    def save_vocabulary(self, folder: Path) -> None:
        more: dict[str, Any] = {
            "task": self.section.model_dump(mode="json"),
            "chinese": self.chinese,
            "longest": self.longest,
            "ratio": self.ratio,
        }
        if self.pretrained is not None:
            more |= kept(self.pretrained, folder)
        else:
            more |= self.tokens.described()
        if self._target_tokens is not None:
            more["target"] = {"symbols": list(self.targets.texts), **self._target_tokens.described()}
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)

    def restore(self, folder: Path) -> None:
        """Take the vocabularies of a model folder.

        Raises:
            OSError, ValueError, KeyError: if they are missing or damaged.
        """
        symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        self.section = section = Section.model_validate(more["task"])
        self._target_tokens = None
        self.pretrained = restored(folder, more)
        if self.pretrained is not None:
            self._tokens = self.pretrained.reading()
        else:
            self._tokens = Tokens.restored(symbols, more, section.source_unit, lossless=True)
        if not section.shared:
            target = more["target"]
            written = Symbols(tuple(map(str, target["symbols"])))
            self._target_tokens = Tokens.restored(written, target, section.target_unit, lossless=True)
        self.chinese, self.longest = bool(more["chinese"]), int(more["longest"])
        self.ratio = float(more["ratio"])
        if not math.isfinite(self.ratio):
            raise ValueError("its ratio of lengths is no number")

    def load(self, folder: Path, section: Model) -> TextWriter:
        self.restore(folder)
        return self._model(section, len(self.symbols), len(self.targets))


def _padded(symbols: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Parts of a column as rows with a boundary behind each [rows, length], int64."""
    steps = np.arange(int(sizes.max()) + 1)
    inside = steps < sizes[:, None]
    taken = symbols[np.where(inside, starts[:, None] + steps, 0)] if len(symbols) else np.zeros_like(inside)
    end = np.where(steps == sizes[:, None], BOUNDARY, PADDING)
    return np.where(inside, taken, end).astype(np.int64)


def _joined(split: Split) -> Split:
    """What is read and what is written as texts one behind the other."""
    texts, written = split, split.targets
    return Split(
        text=np.concatenate([texts.text, written.text]),
        syllables=np.zeros(0, np.uint16),
        offsets=np.concatenate([texts.offsets, written.offsets[1:] + texts.offsets[-1]]),
        source=np.concatenate([texts.source, texts.source]),
        weight=np.concatenate([texts.weight, texts.weight]),
    )
