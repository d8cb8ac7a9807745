"""A bidirectional Transformer encoder with pre-normalisation and rotary positions."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.recipe import TransformerEncoder as TransformerSection


class TransformerEncoder(nn.Module):
    """Vaswani et al. 2017 with pre-normalisation and rotary position embeddings (https://arxiv.org/abs/2104.09864)."""

    def __init__(self, section: TransformerSection) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            Layer(section.width, section.heads, section.feed_forward, section.dropout)
            for _ in range(section.layers)
        )
        self.norm = nn.LayerNorm(section.width)
        cosine, sine = rotary_angles(section.max_length, section.width // section.heads)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        self.cosine: Tensor
        self.sine: Tensor

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """`hidden` [rows, length, width], `lengths` [rows] -> [rows, length, width]."""
        length = hidden.shape[1]
        visible = torch.arange(length, device=hidden.device) < lengths[:, None]
        mask = None if bool(visible.all()) else visible[:, None, None, :]
        cosine, sine = self.cosine[:length], self.sine[:length]
        for layer in self.layers:
            hidden = layer(hidden, mask, cosine, sine)
        return self.norm(hidden)


class Layer(nn.Module):
    """Attention and a feed-forward network, each added to what comes in; also of causal models."""

    def __init__(self, width: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.attention_norm = nn.LayerNorm(width)
        self.project_in = nn.Linear(width, 3 * width)
        self.project_out = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, feed_forward)
        self.contract = nn.Linear(feed_forward, width)

    def forward(self, hidden: Tensor, mask: Tensor | None, cosine: Tensor, sine: Tensor) -> Tensor:
        rows, length, width = hidden.shape
        queries, keys, values = (
            self.project_in(self.attention_norm(hidden))
            .view(rows, length, 3, self.heads, width // self.heads)
            .permute(2, 0, 3, 1, 4)
        )
        attended = attend(rotate(queries, cosine, sine), rotate(keys, cosine, sine), values, mask)
        attended = self.project_out(attended.transpose(1, 2).reshape(rows, length, width))
        hidden = hidden + functional.dropout(attended, self.dropout, self.training)
        inner = functional.gelu(self.expand(self.feed_forward_norm(hidden)), approximate="tanh")
        return hidden + functional.dropout(self.contract(inner), self.dropout, self.training)


def attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """Scaled dot-product attention of `[rows, heads, length, size]`; `mask` is true where there is something to see."""
    coarse = queries.dtype
    if queries.device.type != "cpu" or coarse != torch.bfloat16:
        return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    # On processors torch's kernel for bfloat16 takes four to eight times as long as that for single precision where
    # sequences are as short as clauses.
    with torch.autocast("cpu", enabled=False):
        attended = functional.scaled_dot_product_attention(
            queries.float(), keys.float(), values.float(), attn_mask=mask
        )
    return attended.to(coarse)


def rotary_angles(length: int, size: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary embedding, each [length, size // 2]; `size` is one head's width."""
    frequencies = 10_000.0 ** (-torch.arange(0, size - size % 2, 2, dtype=torch.float32) / max(size, 1))
    angles = torch.outer(torch.arange(length, dtype=torch.float32), frequencies)
    return angles.cos(), angles.sin()


def rotate(vectors: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn each pair (i, i + size/2) of `vectors` [..., length, size] by its position's angle."""
    half = cosine.shape[-1]
    first, second = vectors[..., :half], vectors[..., half : 2 * half]
    cosine, sine = cosine.to(vectors.dtype), sine.to(vectors.dtype)
    turned = (first * cosine - second * sine, second * cosine + first * sine, vectors[..., 2 * half :])
    return torch.cat(turned, dim=-1)
