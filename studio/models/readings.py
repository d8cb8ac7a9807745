"""Characters in, for each a distribution over the readings that it can have out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.models.reader import ReadBy, Reader


class ReadingTagger(Reader):
    """Scores a character's own readings and no others: one that has a single reading is never read wrongly.

    Args:
        section: the recipe's model section.
        symbols: how many there are; 0 is padding.
        units: a number for each reading of each character [characters, most]; -1 where there is none, and all through
            the rows of characters with one reading: of those nothing is decided. Row 0 is for what is no character.
        log_prior: log-frequency of each unit [units]. The scores begin there, so an untrained model takes the most
            frequent reading.
    """

    def __init__(self, section: ReadBy, symbols: int, units: Tensor, log_prior: Tensor) -> None:
        super().__init__(section, symbols)
        self.register_buffer("units", units.to(torch.int64), persistent=False)
        self.units: Tensor
        self.weight = nn.Parameter(torch.empty(len(log_prior), section.width).normal_(std=0.02))
        self.bias = nn.Parameter(log_prior.float().clone())

    def scores(self, hidden: Tensor, characters: Tensor) -> Tensor:
        """Log-probabilities of the readings of some characters [positions, most], -inf where there is none.

        Args:
            hidden: [positions, width].
            characters: rows of `units` [positions]; each must have two readings or more.
        """
        units = self.units[characters]
        there, units = units >= 0, units.clamp_min(0)
        scores = torch.einsum("pw,pcw->pc", hidden.float(), self.weight[units].float())
        return (scores + self.bias[units]).masked_fill(~there, -torch.inf).log_softmax(dim=-1)

    def forward(
        self, symbols: Tensor, lengths: Tensor, characters: Tensor, units: Tensor, smoothing: float = 0.0
    ) -> Tensor:
        """Summed loss in nats over the positions that are asked for.

        Args:
            symbols, characters: [rows, length].
            lengths: [rows].
            units: the right one of each character [rows, length]; -1 where nothing is to be decided.
            smoothing: share of the target spread evenly over the character's readings.
        """
        asked = units >= 0
        hidden, characters = self.encode(symbols, lengths)[asked], characters[asked]
        right = self.units[characters] == units[asked][:, None]
        with torch.autocast(hidden.device.type, enabled=False):
            scores = self.scores(hidden, characters)
            loss = -scores[right].sum()
            if smoothing:
                there = scores > -torch.inf
                spread = scores.masked_fill(~there, 0).sum(dim=1) / there.sum(dim=1)
                loss = (1 - smoothing) * loss - smoothing * spread.sum()
        return loss

    @torch.no_grad()
    def shares(self, symbols: Tensor, lengths: Tensor, characters: Tensor) -> Tensor:
        """Probabilities [rows, length, most] of the readings of each character; 1 for the first where one is all."""
        several = (self.units >= 0).any(dim=1)[characters]
        shares = torch.zeros(*symbols.shape, self.units.shape[1], device=symbols.device)
        shares[..., 0] = 1
        if bool(several.any()):
            hidden = self.encode(symbols, lengths)[several]
            shares[several] = self.scores(hidden, characters[several]).exp()
        return shares
