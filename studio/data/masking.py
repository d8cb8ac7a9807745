"""Characters made unknown, to be guessed from what stands around them: which, and by what they are replaced.

Of Devlin et al. 2019 (BERT, https://arxiv.org/abs/1810.04805) the shares of what stands in their place; whole words as
in Cui et al. 2021 (https://arxiv.org/abs/1906.08101). All of it is a pure function of the key and of an example's
number, so that whoever goes on with a run, in whatever batches and processes, guesses the same.
"""

from __future__ import annotations

import re

import numpy as np

from studio.data.augmentation.draws import uniform
from studio.language.text import HANZI, is_hanzi
from studio.language.words import vocabulary as known_words

# Shares that become the mask and any other character; the rest stay as they are.
_AS_MASK, _AS_OTHER = 0.8, 0.1
_PIECE = re.compile(f"[{HANZI}]+|[A-Za-z]+|\\d+(?:\\.\\d+)?|.", re.DOTALL)


def masked(
    symbols: np.ndarray,
    starts: np.ndarray | None,
    numbers: np.ndarray,
    key: tuple[int, ...],
    rate: float,
    mask: int,
    size: int,
) -> tuple[np.ndarray, np.ndarray]:
    """What is fed, and what is asked for.

    Args:
        symbols: int64 [rows, length]; those up to `mask` stand for no character and are left alone.
        starts: where the word of each position begins, int64 [rows, length]: words are masked as a whole; None for
            single characters.
        numbers: of each row's example [rows].
        key: seed, epoch and whatever else the draws depend on, not negative.
        rate: share of the characters asked for; at least one of a row. Of words, the last one may go beyond it.
        mask: the symbol that stands for what is to be guessed; all characters' symbols are greater.
        size: of the vocabulary.

    Returns:
        symbols as they are fed, and as they are asked for, 0 elsewhere; both int64 [rows, length].
    """
    length = symbols.shape[1]
    there = symbols > mask
    draws = uniform((*key, 0), numbers, length)
    if starts is not None:
        draws = np.take_along_axis(draws, starts, axis=1)
    draws[~there] = np.inf
    wanted = np.maximum(np.rint(rate * there.sum(axis=1)), 1).astype(np.int64)
    limit = np.take_along_axis(np.sort(draws, axis=1), wanted[:, None] - 1, axis=1)
    asked = there & (draws <= limit)
    kind = uniform((*key, 1), numbers, length)
    other = mask + 1 + (uniform((*key, 2), numbers, length) * (size - mask - 1)).astype(np.int64)
    instead = np.where(kind < _AS_MASK, mask, np.where(kind < _AS_MASK + _AS_OTHER, other, symbols))
    return np.where(asked, instead, symbols), np.where(asked, symbols, 0)


def word_starts(text: str) -> np.ndarray:
    """Where the word of each character begins: int32 [characters]. Letters and digits in a row are a word."""
    starts = np.arange(len(text), dtype=np.int32)
    for found in _PIECE.finditer(text):
        piece, place = found[0], found.start()
        for word in known_words().cut(piece) if is_hanzi(piece[0]) else (piece,):
            starts[place : place + len(word)] = place
            place += len(word)
    return starts
