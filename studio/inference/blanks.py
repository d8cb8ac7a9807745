"""What a masked language model puts into the blanks of a text, and its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from studio.data.running import cleaned
from studio.data.symbols import MASK, PADDING, UNKNOWN
from studio.inference.opened import Opened
from studio.inference.windows import Window, windows
from studio.models.masked import MaskedLanguageModel as Network
from studio.recipe import Cleaning
from studio.runs.events import Candidate
from studio.tasks import MaskedLanguageModel
from studio.tasks.masked_language_model import Guesses

NO_BLANK = f"the text has no {MASK}"
NOTHING_KNOWN = "the model knows nothing of what is in the text"
_ROWS = 32  # windows in a batch


@dataclass(frozen=True)
class Filled:
    """What may stand in the blanks of a text.

    Attributes:
        blanks: for each blank in order the likeliest characters.
        note: what a person should know of the answer; empty if there is nothing.
    """

    blanks: tuple[tuple[Candidate, ...], ...]
    note: str = ""


class Filler:
    """Fills blanks with a model that must be in evaluation mode."""

    def __init__(self, model: Network, task: MaskedLanguageModel, cleaning: Cleaning | None = None) -> None:
        self.model, self.task = model, task
        self._cleaning = cleaning or Cleaning()

    def fill(self, text: str, count: int) -> Filled:
        """The likeliest characters for each `[MASK]` of a text, each blank by itself."""
        symbols = self.task.read(cleaned(text, self._cleaning))
        blanks = np.flatnonzero(symbols == self.task.mask)
        if not len(blanks):
            return Filled((), NO_BLANK)
        found = [
            tuple(
                Candidate(text=self.task.symbols.text_of(int(symbol)), score=float(chance))
                for chance, symbol in zip(chances, numbers, strict=True)
                if chance > 0
            )
            for chances, numbers in zip(*self._best(symbols, blanks, count), strict=True)
        ]
        around = symbols[symbols != self.task.mask]
        note = NOTHING_KNOWN if len(around) and (around == UNKNOWN).all() else ""
        return Filled(tuple(found), note)

    @torch.no_grad()
    def _best(self, symbols: np.ndarray, blanks: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Chances and symbols of the likeliest at each blank [blanks, count]."""
        most = min(count, len(self.task.symbols) - self.task.mask - 1)
        chances, numbers = np.zeros((len(blanks), most)), np.zeros((len(blanks), most), np.int64)
        wanted = [
            window
            for window in windows(len(symbols), self.task.section.context)
            if ((blanks >= window.first) & (blanks < window.last)).any()
        ]
        for start in range(0, len(wanted), _ROWS):
            group = wanted[start : start + _ROWS]
            inside = [np.flatnonzero((blanks >= w.first) & (blanks < w.last)) for w in group]
            rows = np.repeat(np.arange(len(group)), [len(found) for found in inside])
            places = np.concatenate([blanks[found] - w.start for found, w in zip(inside, group, strict=True)])
            chosen = np.concatenate(inside)
            found = self._guesses(symbols, group, rows, places)
            best, sure = found.best(float(self.model.counts_weight), most)
            numbers[chosen, : best.shape[1]], chances[chosen, : best.shape[1]] = best, sure
        return chances, numbers

    def _guesses(
        self, symbols: np.ndarray, group: list[Window], rows: np.ndarray, places: np.ndarray
    ) -> Guesses:
        """What may stand at some places of some windows; symbols that stand for no character never do."""
        device = self.model.bias.device
        lengths = np.array([window.stop - window.start for window in group])
        fed = np.full((len(group), int(lengths.max())), PADDING, np.int64)
        for row, window in zip(fed, group, strict=True):
            row[: window.stop - window.start] = symbols[window.start : window.stop]
        read, sizes = torch.from_numpy(fed), torch.from_numpy(lengths)
        at = torch.from_numpy(np.stack([rows, places], axis=1).astype(np.int64))
        hidden = self.model.encode(read.to(device), sizes.to(device))
        logits = self.model.scores(hidden[at[:, 0], at[:, 1]]).double().cpu()
        logits[:, : self.task.mask + 1] = -math.inf
        return self.task.guesses(logits.log_softmax(dim=-1), read, sizes, at)


def filler(opened: Opened) -> Filler:
    """The filler of an opened model."""
    assert isinstance(opened.model, Network)
    return Filler(opened.model, opened.task)


def candidates(model: Network, task: MaskedLanguageModel, text: str, count: int) -> tuple[Candidate, ...]:
    """The likeliest characters for a probe's first blank."""
    return next(iter(Filler(model, task).fill(text, count).blanks), ())
