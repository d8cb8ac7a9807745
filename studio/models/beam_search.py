"""Texts written by a network: the likeliest next symbol each time, or several beginnings followed at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from studio.models.attention_decoders import Memory, State

PADDING, UNKNOWN, BOUNDARY = 0, 1, 2
_MOST_ROWS = 4096  # beginnings that are followed at once, over all texts


class Writer(Protocol):
    """What `studio.models.sequence_to_sequence` is asked."""

    def read(self, symbols: Tensor, lengths: Tensor) -> Memory: ...

    def begin(self, memory: Memory) -> State: ...

    def step(
        self, memory: Memory, state: State, last: Tensor, place: int
    ) -> tuple[Tensor, State, Tensor]: ...


@dataclass(frozen=True)
class Hypothesis:
    """A text that was written.

    Attributes:
        symbols: without the boundary at its end.
        log: log-probability of all of it, its end included, in nats.
        score: by which it is compared with others.
        attention: for each symbol where in the text that was read it was looked, [symbols, source length]; None where
            that was not asked for.
    """

    symbols: tuple[int, ...]
    log: float
    score: float
    attention: Tensor | None = None


@torch.no_grad()
def greedy(
    model: Writer, symbols: Tensor, lengths: Tensor, most: Tensor, tick: Callable[[], object] = lambda: None
) -> list[list[int]]:
    """The likeliest symbol each time, for each row.

    Args:
        symbols, lengths: what is read, [rows, length] and [rows].
        most: symbols that are written at most [rows], each at least 1.
        tick: called before each symbol; may raise to break off.
    """
    memory = model.read(symbols, lengths)
    state = model.begin(memory)
    rows = len(symbols)
    last = symbols.new_full((rows,), BOUNDARY)
    open_ = torch.ones(rows, dtype=torch.bool, device=symbols.device)
    made: list[Tensor] = []
    for place in range(int(most.max())):
        tick()
        logits, state, _ = model.step(memory, state, last, place)
        last = _allowed(logits, first=place == 0).argmax(dim=-1)
        open_ &= (last != BOUNDARY) & (place < most)
        if not bool(open_.any()):
            break
        made.append(torch.where(open_, last, PADDING))
    if not made:
        return [[] for _ in range(rows)]
    return [[one for one in row if one != PADDING] for row in torch.stack(made, dim=1).tolist()]


@torch.no_grad()
def beam_search(
    model: Writer,
    symbols: Tensor,
    lengths: Tensor,
    most: Tensor,
    width: int,
    power: float = 1.0,
    *,
    attention: bool = False,
    tick: Callable[[], object] = lambda: None,
) -> list[list[Hypothesis]]:
    """The best texts of each row that were found, the best first.

    Of all beginnings of a length the likeliest `width` are followed. Texts of different lengths are compared by their
    log-probability divided by `length ** power`, the end counted (https://arxiv.org/abs/1808.10006 looks at what that
    changes). A row is done when it has `width` whole texts.

    Args:
        symbols, lengths, most, tick: as of `greedy`; a text that is as long as allowed ends there.
        attention: keep where it was looked.
    """
    groups = max(1, _MOST_ROWS // width)
    found: list[list[Hypothesis]] = []
    for start in range(0, len(symbols), groups):
        part = slice(start, start + groups)
        search = _Search(model, symbols[part], lengths[part], most[part], width, power, attention)
        found += search.run(tick)
    return found


class _Search:
    """One search; rows of a text lie beside each other, `width` a text."""

    def __init__(
        self,
        model: Writer,
        symbols: Tensor,
        lengths: Tensor,
        most: Tensor,
        width: int,
        power: float,
        attention: bool,
    ) -> None:
        self._model, self._most, self._width, self._power = model, most.tolist(), width, power
        self._memory = model.read(symbols, lengths).repeated(width)
        self._state = model.begin(self._memory)
        self._texts = len(symbols)
        self._lengths = lengths.tolist()
        self._logs = torch.full((self._texts, width), -torch.inf, dtype=torch.float64)
        self._logs[:, 0] = 0.0
        self._written: list[tuple[int, ...]] = [()] * (self._texts * width)
        self._looked: Tensor | None = symbols.new_zeros(0) if attention else None
        self._found: list[list[Hypothesis]] = [[] for _ in range(self._texts)]
        self._open = [True] * self._texts

    def run(self, tick: Callable[[], object]) -> list[list[Hypothesis]]:
        device = self._memory.visible.device
        last = torch.full((self._texts * self._width,), BOUNDARY, device=device)
        for place in range(max(self._most) + 1):
            tick()
            logits, self._state, weights = self._model.step(self._memory, self._state, last, place)
            if self._looked is not None:
                new = weights.float()[:, None]
                self._looked = torch.cat([self._looked, new], dim=1) if place else new
            logs = _allowed(logits, first=place == 0).double().log_softmax(dim=-1).cpu()
            parents, chosen = self._extend(logs.view(self._texts, self._width, -1), place)
            if not any(self._open):
                break
            order = torch.tensor(parents, device=device)
            self._state = [part.index_select(0, order) for part in self._state]
            if self._looked is not None:
                self._looked = self._looked.index_select(0, order)
            last = torch.tensor(chosen, device=device)
        return [sorted(found, key=lambda one: -one.score)[: self._width] for found in self._found]

    def _extend(self, logs: Tensor, place: int) -> tuple[list[int], list[int]]:
        """Choose the beginnings that are followed: which row each comes from, and its last symbol."""
        size = logs.shape[2]
        whole = self._logs[:, :, None] + logs
        for text, most in enumerate(self._most):
            if place >= most:  # it ends here, or not at all
                end = whole[text, :, BOUNDARY].clone()
                whole[text] = -torch.inf
                whole[text, :, BOUNDARY] = end
        best = whole.view(self._texts, -1).topk(min(2 * self._width, self._width * size), dim=1)
        parents, chosen, written = [], [], []
        logs_after = torch.full_like(self._logs, -torch.inf)
        for text in range(self._texts):
            first = text * self._width
            kept = 0
            pairs = zip(best.values[text].tolist(), best.indices[text].tolist(), strict=True)
            for rank, (log, index) in enumerate(pairs if self._open[text] else ()):
                if log == -float("inf") or kept == self._width:
                    break
                parent, symbol = first + index // size, index % size
                if symbol == BOUNDARY:
                    if rank < self._width:
                        self._end(text, parent, log)
                    continue
                parents.append(parent)
                chosen.append(symbol)
                written.append((*self._written[parent], symbol))
                logs_after[text, kept] = log
                kept += 1
            self._open[text] = kept > 0 and len(self._found[text]) < self._width
            rest = self._width - kept  # nobody follows these
            parents += [first] * rest
            chosen += [BOUNDARY] * rest
            written += [()] * rest
        self._logs, self._written = logs_after, written
        return parents, chosen

    def _end(self, text: int, row: int, log: float) -> None:
        symbols = self._written[row]
        looked = None
        if self._looked is not None:
            looked = self._looked[row, : len(symbols), : self._lengths[text]].cpu()
        score = log / (len(symbols) + 1) ** self._power
        self._found[text].append(Hypothesis(symbols, log, score, looked))


def _allowed(logits: Tensor, *, first: bool) -> Tensor:
    """Scores without those of symbols that stand for no text; a text has one symbol at least."""
    never: Sequence[int] = (PADDING, UNKNOWN, BOUNDARY) if first else (PADDING, UNKNOWN)
    scores = logits.float().clone()
    scores[:, list(never)] = -torch.inf
    return scores
