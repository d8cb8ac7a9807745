"""Words that a dictionary knows, found in what a network reads: which begin, go on or end at each position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

LONGEST = 6
"""Symbols of the longest words that are looked for; a dictionary's longer ones are left out."""
_UNKNOWN = 1  # and 0 is padding: no word holds either
_FACTOR = 6_364_136_223_846_793_005  # of Knuth's MMIX generator: odd, so that no symbol's share is lost
_SIGN = 0x7FFF_FFFF_FFFF_FFFF


class KnownWords(nn.Module):
    """A vector at each position for how the known words lie there that hold it.

    A word of n symbols gives one of three marks to each of its symbols: the first, one between, the last. All words
    that fit are marked, whether they overlap or not; which of them are meant the network behind has to find out. Zhang,
    Liu and Fu 2018, Neural Networks Incorporating Dictionaries for Chinese Word Segmentation, compare such features.

    Words are kept as numbers, so that a table of a hundred thousand takes 800 kB: 63 bits of a polynomial over their
    symbols. Two of so many sharing one is a matter of one in 10^9.

    Args:
        words: how many there are.
        width: of the vectors.
    """

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        # Sorted. A buffer: it travels with the weights, and training leaves it as it is.
        self.register_buffer("keys", torch.zeros(max(1, words), dtype=torch.int64))
        self.keys: Tensor
        self.project = nn.Linear(3 * (LONGEST - 1), width, bias=False)

    def forward(self, symbols: Tensor) -> Tensor:
        """`symbols` [rows, length] -> [rows, length, width]."""
        marks: Tensor = self.project(self.marks(symbols).to(self.project.weight.dtype))
        return marks

    def marks(self, symbols: Tensor) -> Tensor:
        """Whether a word of 2, 3, ... symbols begins, goes on, ends there: bool [rows, length, 3 (LONGEST - 1)]."""
        length = symbols.shape[1]
        made = symbols.new_zeros((*symbols.shape, LONGEST - 1, 3), dtype=torch.bool)
        key = torch.where(symbols > _UNKNOWN, symbols, 0)
        for size in range(2, min(LONGEST, length) + 1):
            places = length - size + 1
            key, last = key[:, :places], symbols[:, size - 1 :]
            # Whatever holds an unknown symbol keeps 0, the number of no word.
            key = torch.where((key != 0) & (last > _UNKNOWN), (key * _FACTOR + last) & _SIGN, 0)
            nearest = torch.searchsorted(self.keys, key).clamp_max(len(self.keys) - 1)
            found = (self.keys[nearest] == key) & (key != 0)
            made[:, :places, size - 2, 0] = found
            made[:, size - 1 :, size - 2, 2] = found
            for inner in range(1, size - 1):
                made[:, inner : inner + places, size - 2, 1] |= found
        return made.flatten(2)


def keys_of(words: Sequence[np.ndarray]) -> Tensor:
    """The numbers of words, sorted, each once; of those alone that have 2 to `LONGEST` known symbols.

    Args:
        words: the symbols of each.
    """
    fitting = {
        tuple(word.tolist()) for word in words if 2 <= len(word) <= LONGEST and int(word.min()) > _UNKNOWN
    }
    return torch.tensor(sorted({_key(word) for word in fitting}), dtype=torch.int64)


def _key(word: tuple[int, ...]) -> int:
    key = word[0]
    for symbol in word[1:]:
        key = (key * _FACTOR + symbol) & _SIGN
    return key
