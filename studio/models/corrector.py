"""A corrector: characters in, for each whether it is wrong and what would be right out."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.reader import Guesser, ReadBy
from studio.models.tagger import PADDING

_USUALLY_WRONG = 0.05  # where the chance of being wrong begins
_NEVER = -30.0  # logit of what stands there already


class Corrector(Guesser):
    """Detection by one output a position, correction by a guess of what belongs where something is wrong.

    Attributes:
        threshold: the least score of a correction that is made; found on the validation split, it travels with the
            weights.
    """

    def __init__(self, section: ReadBy, symbols: int, log_prior: Tensor | None = None) -> None:
        super().__init__(section, symbols, log_prior)
        self.detect = nn.Linear(section.width, 1)
        nn.init.constant_(self.detect.bias, math.log(_USUALLY_WRONG / (1 - _USUALLY_WRONG)))
        self.register_buffer("threshold", torch.tensor(0.5))
        self.threshold: Tensor

    def forward(
        self, symbols: Tensor, lengths: Tensor, wrong: Tensor, targets: Tensor, smoothing: float = 0.0
    ) -> Tensor:
        """Summed loss in nats: see `loss_of`."""
        return self.loss_of(self.encode(symbols, lengths), symbols, wrong, targets, smoothing)

    def loss_of(
        self, hidden: Tensor, symbols: Tensor, wrong: Tensor, targets: Tensor, smoothing: float = 0.0
    ) -> Tensor:
        """Summed loss in nats of what is asked for.

        Args:
            hidden: [rows, length, width].
            symbols: as they were read [rows, length].
            wrong: 1 where a wrong character stands, 0 where a right one does, -1 where nobody asks [rows, length].
            targets: what is right where something is asked for, 0 elsewhere [rows, length].
        """
        asked = wrong >= 0
        odds = self.detect(hidden[asked])[:, 0].float()
        loss = functional.binary_cross_entropy_with_logits(odds, wrong[asked].float(), reduction="sum")
        there = targets != PADDING
        logits = self.scores(hidden[there]).float().scatter(1, symbols[there][:, None], _NEVER)
        return loss + functional.cross_entropy(
            logits, targets[there], label_smoothing=smoothing, reduction="sum"
        )

    def chances(self, hidden: Tensor) -> Tensor:
        """How likely it is that a wrong character stands at each position: `hidden` [..., width] -> [...]."""
        chances: Tensor = self.detect(hidden)[..., 0].float().sigmoid()
        return chances
