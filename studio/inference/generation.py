"""What a language model makes of a beginning: the next characters with their probabilities, and whole texts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from studio.data.running import cleaned
from studio.data.symbols import PADDING, UNKNOWN
from studio.inference.opened import Opened
from studio.models.causal import CausalNetwork
from studio.models.remembered import Remembered
from studio.recipe import Cleaning
from studio.runs.events import Candidate
from studio.runs.generation import Sampling
from studio.tasks import LanguageModel

_PROBE = Sampling(length=16)
_PROBED = 3  # texts of a probe: each evaluation of a run waits for them


@dataclass(frozen=True)
class Continued:
    """A text drawn from a model.

    Attributes:
        text: without the beginning.
        score: the geometric mean of its characters' probabilities, as the model has them without any temperature.
        ended: why no more came: "length", "stop" or "end" (the model ended the text).
    """

    text: str
    score: float
    ended: str


class Writer:
    """Continues texts with a model that must be in evaluation mode."""

    def __init__(self, model: CausalNetwork, task: LanguageModel, cleaning: Cleaning | None = None) -> None:
        self.model, self.task = model, task
        self._cleaning = cleaning or Cleaning()

    def prompt(self, text: str) -> np.ndarray:
        """The symbols of a beginning, as texts are read in training; a line end at its end is kept."""
        made = cleaned(text, self._cleaning)
        return self.task.read(made + "\n" if made and text.endswith("\n") else made)

    def unknown(self, text: str) -> list[str]:
        """The different characters of a beginning that the model does not know."""
        if self.task.section.unit != "character":
            return self.task.tokens.unknown(cleaned(text, self._cleaning))
        symbols = self.prompt(text)
        made = cleaned(text, self._cleaning)[-len(symbols) :] if len(symbols) else ""
        return list(dict.fromkeys(c for c in made if self.task.symbols.index.get(c) is None and c != "\n"))

    def next_characters(self, text: str, count: int) -> tuple[Candidate, ...]:
        """The likeliest next characters; an empty text stands for the end."""
        chances = self._scores(self.prompt(text)[None])[0].softmax(dim=-1)
        best = chances.topk(min(count, len(chances)))
        return tuple(
            Candidate(text=self.task.tokens.text_of(int(symbol)), score=float(chance))
            for chance, symbol in zip(best.values, best.indices, strict=True)
        )

    def texts(self, text: str, sampling: Sampling, count: int) -> tuple[Continued, ...]:
        """Some texts that go on from a beginning, the likeliest first."""
        writings = [_Writing(sampling) for _ in range(count)]
        for _ in self._draw(text, sampling, writings):
            pass
        made = {writing.done().text: writing.done() for writing in writings}
        return tuple(sorted(made.values(), key=lambda one: -one.score))

    def stream(self, text: str, sampling: Sampling) -> Iterator[Continued]:
        """One text as it grows; what may yet turn out to be the stop is held back."""
        writing = _Writing(sampling)
        for _ in self._draw(text, sampling, [writing]):
            yield writing.done()

    def _draw(self, text: str, sampling: Sampling, writings: list[_Writing]) -> Iterator[None]:
        rows = np.repeat(self.prompt(text)[None], len(writings), axis=0)
        source = torch.Generator().manual_seed(sampling.seed)
        remembered = Remembered()
        while any(writing.open for writing in writings):
            scores = self._scores(rows, remembered)
            logs = scores.log_softmax(dim=-1)
            drawn = torch.multinomial(_chances(scores, sampling), 1, generator=source)[:, 0]
            for row, writing in enumerate(writings):
                symbol = int(drawn[row])
                writing.take(self.task.tokens.bytes_of(symbol), float(logs[row, symbol]))
            rows = np.concatenate([rows, drawn.numpy()[:, None]], axis=1)[:, -self.task.section.context :]
            yield

    def _scores(self, rows: np.ndarray, remembered: Remembered | None = None) -> Tensor:
        """Logits of the next symbol [rows, symbols], those that stand for no text left out but for the end."""
        scores = self.task.next_logs(self.model, rows, remembered)
        scores[:, [PADDING, UNKNOWN]] = -math.inf
        return scores


class _Writing:
    """A text that grows."""

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling
        self._pieces: list[bytes] = []  # some tokenizers' symbols are parts of characters
        self._log = 0.0
        self._drawn = 0
        self._ended = ""

    @property
    def open(self) -> bool:
        """Whether more is wanted."""
        return not self._ended

    def take(self, piece: bytes, log: float) -> None:
        """Add what the next symbol stands for; an empty one ends the text."""
        if self._ended:
            return
        self._drawn += 1
        self._log += log
        self._pieces.append(piece)
        stop = self._sampling.stop
        if not piece:
            self._ended = "end"
        elif stop and b"".join(self._pieces[-len(stop.encode()) :]).endswith(stop.encode()):
            self._ended = "stop"
        elif len(self._pieces) >= self._sampling.length:
            self._ended = "length"

    def done(self) -> Continued:
        """The text so far."""
        text, stop = b"".join(self._pieces).decode("utf-8", "ignore"), self._sampling.stop
        held = len(stop) if self._ended == "stop" else 0
        if stop and not self._ended:
            held = next((size for size in range(len(stop) - 1, 0, -1) if text.endswith(stop[:size])), 0)
        return Continued(text[: len(text) - held], math.exp(self._log / max(1, self._drawn)), self._ended)


def _chances(scores: Tensor, sampling: Sampling) -> Tensor:
    """What is drawn from: probabilities [rows, symbols] after temperature, top-k and top-p."""
    if not sampling.temperature:
        return torch.nn.functional.one_hot(scores.argmax(dim=-1), scores.shape[-1]).double()
    chances = (scores / sampling.temperature).softmax(dim=-1)
    ordered, order = chances.sort(dim=-1, descending=True, stable=True)
    # A symbol stays as long as those before it have not the whole share yet: the likeliest always does.
    kept = ordered.cumsum(dim=-1) - ordered < sampling.top_p
    if sampling.top_k:
        kept[:, sampling.top_k :] = False
    return torch.zeros_like(chances).scatter(-1, order, torch.where(kept, ordered, 0.0))


def writer(opened: Opened) -> Writer:
    """The writer of an opened model."""
    assert isinstance(opened.model, CausalNetwork)
    return Writer(opened.model, opened.task)


def candidates(model: CausalNetwork, task: LanguageModel, text: str, count: int) -> tuple[Candidate, ...]:
    """Some short texts that go on from a probe."""
    made = Writer(model, task).texts(text, _PROBE, min(count, _PROBED))
    return tuple(Candidate(text=one.text, score=one.score) for one in made)
