"""Which split a document falls into.

The draw depends on the document's content and the seed alone, so adding a source moves no other document,
and a text that comes twice falls into the same split twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from studio.recipe import Splits

TRAIN, VALIDATION, TEST = 0, 1, 2
NAMES = ("train", "validation", "test")


def draw(key: str, seed: int) -> float:
    """A number in [0, 1) that depends on nothing but a document's key and the seed."""
    digest = hashlib.blake2b(f"{seed}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) / (1 << 53)


def assign(drawn: Sequence[float], splits: Splits) -> np.ndarray:
    """The split of each document.

    Args:
        drawn: one a document: what `draw` gave for its content.
        splits: the shares; their seed has been used by `draw`.

    Returns:
        uint8 [documents] of TRAIN, VALIDATION and TEST. Test and validation get at least one document each
        if there are three or more different ones; with fewer, train comes first.
    """
    draws = np.asarray(drawn, np.float64)
    split = np.full(len(draws), TRAIN, np.uint8)
    split[draws < splits.test + splits.validation] = VALIDATION
    split[draws < splits.test] = TEST
    _fill_empty(draws, split)
    return split


def _fill_empty(draws: np.ndarray, split: np.ndarray) -> None:
    """With a handful of documents chance may leave a split empty: it takes the documents nearest to it."""
    distinct = np.unique(draws)
    if len(distinct) >= 2 and not (split == VALIDATION).any():
        if (split == TRAIN).any() and len(np.unique(draws[split == TRAIN])) >= 2:
            split[draws == draws[split == TRAIN].min()] = VALIDATION
        elif (split == TEST).any():
            split[draws == draws[split == TEST].max()] = VALIDATION
    if len(distinct) >= 3 and not (split == TEST).any():
        wanted = VALIDATION if len(np.unique(draws[split == VALIDATION])) >= 2 else TRAIN
        split[draws == draws[split == wanted].min()] = TEST
    if len(distinct) >= 2 and not (split == TRAIN).any():
        split[draws == draws.max()] = TRAIN
