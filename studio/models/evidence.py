"""What sequences of symbols say of a text's label: a linear classifier that is fitted once, beside the network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_UNKNOWN = 1  # and 0 is padding: the least symbols


class Evidence(nn.Module):
    """Log-odds of labels, summed over the known n-grams that a text holds, each counted once.

    Long texts hold more n-grams: the sum is divided by the root of their number. Everything is a buffer: it travels
    with the weights, and training leaves it as it is.

    Args:
        features: how many n-grams are known.
        labels: how many there are.
        order: symbols of the longest n-grams.
        bits: of a symbol in a key; `order * bits` of them hold an n-gram.
    """

    def __init__(self, features: int, labels: int, order: int, bits: int) -> None:
        super().__init__()
        self.order, self.bits = order, bits
        self.register_buffer("keys", torch.zeros(features, dtype=torch.int64))
        self.register_buffer("weights", torch.zeros(features, labels))
        self.register_buffer("bias", torch.zeros(labels))
        # How much network and evidence count: found on the validation split.
        self.register_buffer("shares", torch.ones(2))
        self.keys: Tensor
        self.weights: Tensor
        self.bias: Tensor
        self.shares: Tensor

    def forward(self, symbols: Tensor) -> Tensor:
        """`symbols` [rows, length] -> scores [rows, labels]; those of a text without a known n-gram are the bias."""
        rows = len(symbols)
        found = keys_of(symbols, self.order, self.bits).flatten(1)  # sorted: an n-gram counts once
        found = found.sort(dim=1).values
        first = torch.ones_like(found, dtype=torch.bool)
        first[:, 1:] = found[:, 1:] != found[:, :-1]
        places = torch.searchsorted(self.keys, found).clamp_max(len(self.keys) - 1)
        row, column = torch.nonzero(first & (found > 0) & (self.keys[places] == found), as_tuple=True)
        weights = self.weights[places[row, column]].float()
        sums = weights.new_zeros(rows, weights.shape[1]).index_add_(0, row, weights)
        many = torch.bincount(row, minlength=rows).clamp_min(1)
        return sums / many.sqrt()[:, None] + self.bias

    def join(self, network: Tensor, evidence: Tensor) -> Tensor:
        """Both sides' scores [rows, labels] in the shares that were found."""
        return self.shares[0] * network + self.shares[1] * evidence


def keys_of(symbols: Tensor, order: int, bits: int) -> Tensor:
    """A number for each n-gram that begins at each place, 0 for none.

    N-grams hold neither padding nor unknown symbols; as none of theirs is 0, no two share a number.

    Args:
        symbols: [rows, length].

    Returns:
        [rows, order, length], by the n-gram's length.
    """
    known = symbols > _UNKNOWN
    made = symbols.new_zeros(len(symbols), order, symbols.shape[1])
    key, there = symbols, known
    for size in range(order):
        if size:
            following = torch.zeros_like(symbols)
            following[:, :-size] = symbols[:, size:]
            key = (key << bits) | following
            there = there & (following > _UNKNOWN)
        made[:, size] = torch.where(there, key, 0)
    return made
