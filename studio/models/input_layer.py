"""What a network first makes of symbols: vectors that are learnt, or a linear layer over one-hot ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PADDING = 0


def embedding_of(symbols: int, width: int) -> nn.Embedding:
    """A vector for each symbol; that of padding is zero and stays so."""
    made = nn.Embedding(symbols, width, padding_idx=PADDING)
    nn.init.normal_(made.weight, std=0.5 / width**0.5)
    return made


class OneHot(nn.Module):
    """A linear layer over one-hot vectors.

    A one among zeros picks a column of the layer, so the column is looked up instead of multiplied: the same numbers.
    It begins as linear layers over as many inputs do, and has a bias. Padding is no symbol, and gives the bias alone.

    Args:
        symbols: how many there are; 0 is padding.
        width: of the layer.
    """

    def __init__(self, symbols: int, width: int) -> None:
        super().__init__()
        reach = symbols**-0.5
        self.weight = nn.Parameter(torch.empty(symbols, width).uniform_(-reach, reach))
        self.bias = nn.Parameter(torch.empty(width).uniform_(-reach, reach))
        with torch.no_grad():
            self.weight[PADDING] = 0

    def forward(self, symbols: Tensor) -> Tensor:
        """`symbols` [rows, length] -> [rows, length, width]."""
        return nn.functional.embedding(symbols, self.weight, padding_idx=PADDING) + self.bias
