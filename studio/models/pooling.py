"""From a vector for each position to one for the whole text."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Pooling(nn.Module):
    """`hidden` [rows, length, width] and `valid` [rows, length] -> [rows, width].

    Args:
        kind: "max" of each feature, their "mean", "attention" (a learnt weighing, Yang et al. 2016 without its
            hidden layer), or "last": the first and the last position, each with half of the features.
    """

    def __init__(self, kind: str, width: int) -> None:
        super().__init__()
        self.kind = kind
        self.weigh = nn.Linear(width, 1) if kind == "attention" else None

    def forward(self, hidden: Tensor, valid: Tensor) -> Tensor:
        if self.kind == "max":
            return hidden.masked_fill(~valid[..., None], -torch.inf).amax(dim=1)
        if self.kind == "last":
            half = hidden.shape[-1] // 2
            last = hidden[torch.arange(len(hidden), device=hidden.device), valid.sum(dim=1) - 1]
            # Of an encoder that reads both ways, each half has read the whole text where it ends.
            return torch.cat([last[:, :half], hidden[:, 0, half:]], dim=-1)
        if self.weigh is not None:
            scores = self.weigh(hidden)[..., 0].float().masked_fill(~valid, -torch.inf)
            return (scores.softmax(dim=1).to(hidden.dtype)[..., None] * hidden).sum(dim=1)
        kept = hidden * valid[..., None]
        return kept.sum(dim=1) / valid.sum(dim=1, keepdim=True)
