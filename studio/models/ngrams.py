"""Neighbouring symbols as input features: hashed n-gram embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

# Offsets of the symbols that make one feature. Pairs and triples around each position decide most
# homophones, and a table learns them in one pass where stacked layers need many.
_SHAPES: tuple[tuple[int, ...], ...] = ((-1, 0), (0, 1), (-1, 0, 1), (-2, -1, 0), (0, 1, 2))
_LOOKING_BACK: tuple[tuple[int, ...], ...] = (
    (-1, 0),
    (-2, -1, 0),
)  # for models that must not see what follows
_PRIMES = (1_000_003, 998_244_353, 754_974_721)
_SALT, _MODULUS = 7_919, 2_147_483_647
_REACH = 2  # symbols on either side that a shape may hold


class NgramEmbedding(nn.Module):
    """Sum of hashed embeddings of the pairs and triples around each position, projected to the model's width.

    The hashing trick follows Weinberger et al. 2009 (https://arxiv.org/abs/0902.2206) and the subword
    buckets of fastText (https://arxiv.org/abs/1607.04606).

    Attributes:
        sparse: whether the table's gradient is a sparse tensor, which holds the rows that were met and no others: a
            batch meets a few thousand of some hundred thousand.

    Args:
        buckets: rows of the table.
        ngram_width: columns of the table.
        width: size of the result.
        causal: look at no symbol behind the position.
        dropout: share of the features left out in training, each by itself: the table learns rare triples by
            heart otherwise, and the encoder leans on them.
    """

    def __init__(
        self, buckets: int, ngram_width: int, width: int, dropout: float = 0.0, *, causal: bool = False
    ) -> None:
        super().__init__()
        self.shapes = _LOOKING_BACK if causal else _SHAPES
        self.buckets = buckets
        self.dropout = dropout
        self.sparse = False
        self.table = nn.Parameter(torch.empty(buckets, ngram_width).normal_(std=0.5 / ngram_width**0.5))
        self.project = nn.Linear(ngram_width, width, bias=False)

    def forward(self, symbols: Tensor) -> Tensor:
        """`symbols` [rows, length] int64 with 0 as padding -> [rows, length, width]."""
        rows, length = symbols.shape
        features = hash_ngrams(symbols, self.buckets, self.shapes).view(rows * length, len(self.shapes))
        kept: Tensor | None = None
        if self.training and self.dropout:
            kept = functional.dropout(self.table.new_ones(features.shape), self.dropout)
        if self.sparse and torch.is_grad_enabled():
            summed: Tensor = _SparseSum.apply(self.table, features, kept)
        else:
            summed = _sum(features, self.table, kept)
        return self.project(summed).view(rows, length, -1)


def hash_ngrams(symbols: Tensor, buckets: int, shapes: tuple[tuple[int, ...], ...] = _SHAPES) -> Tensor:
    """Bucket of each n-gram around each position: [rows, length] -> [rows, length, shapes]."""
    length = symbols.shape[1]
    padded = functional.pad(symbols, (_REACH, _REACH))
    features = []
    for salt, shape in enumerate(shapes, start=1):
        value = torch.full_like(symbols, salt * _SALT)
        for offset, prime in zip(shape, _PRIMES, strict=False):
            value = (
                (value * 31 + padded[:, _REACH + offset : _REACH + offset + length] + 1) * prime % _MODULUS
            )
        features.append(value % buckets)
    return torch.stack(features, dim=-1)


def hash_places(padded: np.ndarray, buckets: int, shapes: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """The same of one row in NumPy: `padded` [2 + length + 2] int64 -> [length, shapes]."""
    length = len(padded) - 2 * _REACH
    made = np.empty((length, len(shapes)), np.int64)
    for salt, shape in enumerate(shapes, start=1):
        value = np.full(length, salt * _SALT, np.int64)
        for offset, prime in zip(shape, _PRIMES, strict=False):
            value = (value * 31 + padded[_REACH + offset : _REACH + offset + length] + 1) * prime % _MODULUS
        made[:, salt - 1] = value % buckets
    return made


def _sum(features: Tensor, table: Tensor, kept: Tensor | None, starts: Tensor | None = None) -> Tensor:
    return functional.embedding_bag(features, table, starts, mode="sum", per_sample_weights=kept)


class _SparseSum(torch.autograd.Function):
    """Sums of a table's rows whose gradient names each row that was met once, in order.

    The gradient of a row is the sum of what came back to the positions that met it: an embedding bag, too. Torch's own
    sparse gradient names a row as often as it was met, and putting those together takes longer than the rest.
    """

    @staticmethod
    def forward(ctx: Any, table: Tensor, features: Tensor, kept: Tensor | None) -> Tensor:
        ctx.save_for_backward(features, kept)
        ctx.shape = table.shape
        return _sum(features, table, kept)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        features, kept = ctx.saved_tensors
        flat = features.flatten()
        order = flat.argsort(stable=True)
        met, counts = flat[order].unique_consecutive(return_counts=True)
        shares = None if kept is None else kept.flatten()[order]
        values = _sum(order // features.shape[1], outer[0].contiguous(), shares, counts.cumsum(0) - counts)
        gradient = torch.sparse_coo_tensor(
            met[None], values, ctx.shape, is_coalesced=True, check_invariants=False
        )
        return gradient, None, None
