"""What every network that reads one text and writes another is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.attention_decoders import Memory, State


class TextWriter(nn.Module, ABC):
    """Symbols that are read in, scores for those that are written out; symbol 0 is padding on both sides."""

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.parameters()).device

    def forward(
        self, symbols: Tensor, lengths: Tensor, written: Tensor, targets: Tensor, smoothing: float = 0.0
    ) -> Tensor:
        """Summed loss in nats.

        Args:
            symbols, lengths: what is read, [rows, source length] and [rows].
            written, targets: what stands before each symbol and the symbol itself [rows, target length]; targets are 0
                where nothing is asked.
        """
        asked = targets != 0
        logits = self.scores(self.hidden(symbols, lengths, written)[asked]).float()
        return functional.cross_entropy(logits, targets[asked], label_smoothing=smoothing, reduction="sum")

    @abstractmethod
    def hidden(self, symbols: Tensor, lengths: Tensor, written: Tensor) -> Tensor:
        """A vector for each symbol to be written [rows, target length, width]."""

    @abstractmethod
    def scores(self, hidden: Tensor) -> Tensor:
        """`hidden` [..., width] -> logits [..., symbols]."""

    @abstractmethod
    def read(self, symbols: Tensor, lengths: Tensor) -> Memory:
        """`symbols` [rows, length], `lengths` [rows] -> what a decoder looks at."""

    @abstractmethod
    def begin(self, memory: Memory) -> State:
        """The state before anything is written; `memory` is made ready for `step`."""

    @abstractmethod
    def step(self, memory: Memory, state: State, last: Tensor, place: int) -> tuple[Tensor, State, Tensor]:
        """What may come next, given the last symbol [rows] and how many stand before it.

        Returns:
            logits [rows, symbols], the state behind `last`, and where it was looked [rows, source length].
        """
