"""A language model: which character, word or piece of one comes next in running text."""

from __future__ import annotations

import math
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
from studio.data.running import BEGINS, ENDS
from studio.data.symbols import BOUNDARY, PADDING, Symbols
from studio.data.tokens import Tokens, made_for
from studio.models.causal import CausalLanguageModel, CausalNetwork
from studio.models.causal import Section as Network
from studio.models.pretrained_decoder import PretrainedLanguageModel
from studio.models.remembered import Remembered
from studio.recipe import Model, Recipe
from studio.recipe.pretrained_decoder import Gpt2, PretrainedDecoder
from studio.recipe.task import LanguageModel as Section
from studio.tasks import text_counts
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.pretrained import Pretrained, decoder_of, kept, read_by, restored
from studio.tasks.text_counts import TextCounts, best_share, mixed

_EVALUATION_BUDGET = 4096  # positions a batch; each has scores for all characters
_USUAL_SYMBOLS = 4_800  # the vocabulary of the default data
_AMONG = 16  # symbols that the network finds likeliest, from which counts may choose another
_SMOOTHING = 0.5  # added to every count, so that no symbol begins with no chance


@dataclass(frozen=True)
class Expected:
    """What a model expects at the places that are asked.

    Attributes:
        logs: log-probabilities of what is wanted, float64 [places].
        network: the same by the network alone.
        best: the likeliest symbols, and `chances`, how likely they are [places].
    """

    logs: np.ndarray
    network: np.ndarray
    best: np.ndarray
    chances: np.ndarray


@dataclass
class LanguageModel:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "language_model"
    known: tuple[str, ...] = ()
    """Characters that keep the numbers they have in the model that a run starts from."""
    _tokens: Tokens | None = field(default=None, repr=False)
    _log_prior: np.ndarray | None = field(default=None, repr=False)
    pretrained: Pretrained | None = None
    """The decoder of others that the network is made of, if it is."""
    counts: TextCounts | None = field(default=None, repr=False)
    """N-grams whose chances are mixed with the network's; None where the network is alone."""

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

    def prepare(self, dataset: Dataset, tokens: Tokens | None = None) -> LanguageModel:
        """The task with the vocabulary of a data set, or with one that is there already."""
        made = LanguageModel(self.section, self.name)
        section = self.section
        if self.pretrained is None:
            made._tokens = tokens or made_for(
                dataset, section.vocabulary, section.unit, section.min_count, lossless=True, known=self.known
            )
        elif tokens is None:
            made.pretrained, made._tokens = self.pretrained.for_writing(section, dataset, self.known)
        else:
            made.pretrained, made._tokens = self.pretrained, tokens
        counts = np.bincount(
            made.examples(dataset, "train").columns["targets"], minlength=len(made.symbols)
        ).astype(np.float64)
        made._log_prior = np.log((counts + _SMOOTHING) / (counts + _SMOOTHING).sum()).astype(np.float32)
        return made

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        order = self.section.counted
        if order > 1:
            tick(0, 1)
            identity = repr((dataset.fingerprint, self.tokens.described(), self.symbols.texts))

            def texts() -> text_counts.Texts:
                return text_counts.joined(self.examples(dataset, "train"))

            self.counts = text_counts.learnt(len(self.symbols), order, identity, texts)

    def build_model(self, recipe: Recipe) -> CausalNetwork:
        if self._log_prior is None:
            raise RuntimeError("the task has no counts yet: call prepare()")
        return self._network(recipe.model, len(self.symbols), torch.from_numpy(self._log_prior))

    def usual_model(self, recipe: Recipe) -> CausalNetwork:
        return self._network(recipe.model, _USUAL_SYMBOLS)

    def _network(self, section: Model, symbols: int, prior: Tensor | None = None) -> CausalNetwork:
        if isinstance(section, PretrainedDecoder | Gpt2):
            return PretrainedLanguageModel(decoder_of(section, self.pretrained, symbols))
        if not isinstance(section, Network):
            raise ValueError(f"a network of the family {section.family} sees what comes next")
        one_hot = self.section.vocabulary.embedding == "one_hot"
        return CausalLanguageModel(section, symbols, prior, one_hot=one_hot)

    def examples(self, dataset: Dataset, split: str) -> Examples:
        made = self.encode(dataset.splits()[split])
        if split == "validation":
            made.rows["choosing"] = np.ones(len(made), bool)
        return made

    def encode(self, split: Split) -> Examples:
        """What is read and what is asked at each position.

        A text begins and ends with a boundary. A piece that does not begin a text is asked from its second
        character on: nobody knows what stood before its first.
        """
        label = np.asarray(split.label)
        begins, ends = (label & BEGINS) > 0, (label & ENDS) > 0
        symbols, sizes = self.tokens.encode(split)
        # Every piece with a boundary on both sides, of which those that are none are then taken off.
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if len(split) else sizes
        starts = starts + 2 * np.arange(len(split))
        padded = np.full(len(symbols) + 2 * len(split), BOUNDARY, np.int32)
        inside = np.ones(len(padded), bool)
        stops = starts + sizes + 1
        inside[starts] = inside[stops] = False
        padded[inside] = symbols
        # Position p is read, and position p + 1 asked.
        read = np.ones(len(padded), bool)
        read[stops] = False
        read[starts[~begins]] = False
        read[stops[~ends] - 1] = False
        places = np.flatnonzero(read)
        lengths = sizes - 1 + begins + ends
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns: dict[str, np.ndarray] = {
            "symbols": padded[places],
            "targets": padded[places + 1],
            "offsets": offsets,
        }
        if self.section.unit != "character":
            columns["widths"] = self.tokens.widths[columns["targets"]]
        return Examples(columns, lengths)

    def read(self, text: str) -> np.ndarray:
        """The symbols of a beginning, int32; of one longer than a piece, its end alone."""
        symbols = self.tokens.read(text)
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
        return Batch({**inputs, "smoothing": smoothing}, max(1, int(lengths.sum())))

    @torch.no_grad()
    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a symbol, the same as perplexity, and bits a character; ends of texts count as characters.

        Where counts stand beside the network these are the mixture's, and the network's own loss is told as well.
        On the validation split the shares are chosen first.
        """
        assert isinstance(model, CausalNetwork)
        network, counted, done = [np.zeros(0)], [np.zeros(0)], 0
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                sides = self.log_of(model, self.collate(examples, chosen).to(device))
                network.append(sides[0])
                if sides[1] is not None:
                    counted.append(sides[1])
        finally:
            model.train(was_training)
        own, counts = np.concatenate(network), np.concatenate(counted)
        positions = len(own)
        if not positions:
            return {**figures(None), "network_loss": None}
        log = own
        if self.counts is not None:
            if "choosing" in examples.rows:
                model.network_share.fill_(best_share(own, counts))
            log = mixed(own, counts, float(model.network_share))
        widths = examples.columns.get("widths")
        each = positions / int(widths.sum()) if widths is not None else 1.0
        return {**figures(-float(log.mean()), each), "network_loss": -float(own.mean())}

    @torch.no_grad()
    def log_of(self, model: CausalNetwork, batch: Batch) -> tuple[np.ndarray, np.ndarray | None]:
        """Log-probabilities of what is asked, row by row: the network's, float64 [asked], and the counts'."""
        symbols, targets = batch.inputs["symbols"], batch.inputs["targets"]
        asked = targets != PADDING
        logits = model.scores(model.hidden(symbols)[asked]).float()
        own = -functional.cross_entropy(logits, targets[asked], reduction="none").double().cpu().numpy()
        if self.counts is None:
            return own, None
        return own, self.counts.log_of(*(part.cpu().numpy() for part in (symbols, targets, asked)))

    @torch.no_grad()
    def best_of(self, model: CausalNetwork, batch: Batch) -> Expected:
        """What is asked, row by row, and what is likeliest there.

        Where counts stand beside the network they choose among its likeliest symbols.
        """
        symbols, targets = batch.inputs["symbols"], batch.inputs["targets"]
        asked = targets != PADDING
        logs = model.scores(model.hidden(symbols)[asked]).float().log_softmax(dim=-1)
        wanted = targets[asked]
        own = logs.gather(1, wanted[:, None])[:, 0].double().cpu().numpy()
        joined = own
        best = logs.topk(1 if self.counts is None else min(_AMONG, logs.shape[1]))
        chosen, chances = best.indices.cpu().numpy(), best.values.double().cpu().numpy()
        if self.counts is not None:
            place = asked.cpu().numpy()
            contexts = self.counts.contexts(symbols.cpu().numpy())[place]
            share = float(model.network_share)
            joined = mixed(own, self.counts.ngrams.score(contexts, wanted.cpu().numpy()), share)
            chances = mixed(chances, self.counts.ngrams.score(contexts, chosen), share)
        first = chances.argmax(axis=1)[:, None]
        return Expected(
            logs=joined,
            network=own,
            best=np.take_along_axis(chosen, first, 1)[:, 0],
            chances=np.exp(np.take_along_axis(chances, first, 1)[:, 0]),
        )

    def next_logs(
        self, model: CausalNetwork, rows: np.ndarray, remembered: Remembered | None = None
    ) -> Tensor:
        """Log-probabilities of the symbol after each of `rows` [rows, length] of symbols: float64 [rows, symbols].

        Args:
            remembered: of the same rows when they were shorter, for networks that need not read those again.
        """
        with torch.no_grad():
            symbols = torch.from_numpy(rows.astype(np.int64)).to(model.network_share.device)
            hidden = model.newest(symbols, remembered)
            own = model.scores(hidden).double().cpu().log_softmax(dim=-1)
        if self.counts is None:
            return own
        counted = self.counts.next(rows, own.shape[-1])
        return torch.from_numpy(mixed(own.numpy(), counted, float(model.network_share)))

    def save_vocabulary(self, folder: Path) -> None:
        read = self.tokens.described()
        if self.pretrained is not None:
            read = {key: value for key, value in read.items() if key != "tokenizer"}  # it stands beside it
        more = {"task": self.section.model_dump(mode="json"), **read, **kept(self.pretrained, folder)}
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)
        if self.counts is not None:
            self.counts.lay(folder)

    def load(self, folder: Path, section: Model) -> CausalNetwork:
        symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        self.section = Section.model_validate(more["task"])
        self.pretrained = restored(folder, section, more)
        if self.pretrained is not None:
            self._tokens = read_by(self.pretrained, self.section, folder)
        else:
            self._tokens = Tokens.restored(symbols, more, self.section.unit, lossless=True)
        self.counts = text_counts.beside(folder)
        return self._network(section, len(symbols))


def figures(loss: float | None, symbols_a_character: float = 1.0) -> Metrics:
    """A loss in nats a symbol and what follows from it."""
    if loss is None:
        return {"loss": None, "perplexity": None, "bits_per_character": None}
    # What no float can hold is no figure.
    perplexity = math.exp(loss) if loss < 700 else None
    return {
        "loss": loss,
        "perplexity": perplexity,
        "bits_per_character": loss * symbols_a_character / math.log(2),
    }
