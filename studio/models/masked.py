"""A masked language model: characters with some left out in, what was left out as a distribution out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.reader import Guesser, ReadBy
from studio.models.tagger import PADDING


class MaskedLanguageModel(Guesser):
    """Guesses characters, and on request whether the second half of a text follows its first one.

    Args:
        pairs: whether there is an output for that.
    """

    def __init__(
        self, section: ReadBy, symbols: int, log_prior: Tensor | None = None, *, pairs: bool = False
    ) -> None:
        super().__init__(section, symbols, log_prior)
        self.follows = nn.Linear(section.width, 2) if pairs else None

    def forward(
        self,
        symbols: Tensor,
        lengths: Tensor,
        targets: Tensor,
        follows: Tensor | None = None,
        smoothing: float = 0.0,
    ) -> Tensor:
        """Summed loss in nats over the positions asked for.

        Args:
            symbols, targets: [rows, length]; targets 0 where nothing is asked.
            lengths: [rows].
            follows: whether the second half follows the first, 1 or 0, -1 where nobody asks [rows]; the mean loss of
                a row then counts as much as that of a position.
        """
        hidden = self.encode(symbols, lengths)
        asked = targets != PADDING
        logits = self.scores(hidden[asked]).float()
        loss = functional.cross_entropy(logits, targets[asked], label_smoothing=smoothing, reduction="sum")
        if follows is None or self.follows is None:
            return loss
        known = follows >= 0
        more = functional.cross_entropy(
            self.follows(hidden[:, 0][known]).float(), follows[known], reduction="sum"
        )
        return loss + more * (asked.sum() / known.sum().clamp_min(1))

    @torch.no_grad()
    def judged(self, symbols: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors [rows, length, width], and logits of not following and following [rows, 2]."""
        hidden = self.encode(symbols, lengths)
        if self.follows is None:
            return hidden, hidden.new_zeros(len(hidden), 2)
        return hidden, self.follows(hidden[:, 0])
