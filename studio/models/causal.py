"""Language models over characters: what comes next, given all that came before."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.input_layer import OneHot, embedding_of
from studio.models.ngrams import NgramEmbedding
from studio.models.recurrent import CELLS
from studio.models.remembered import Remembered
from studio.models.transformer import Layer, rotary_angles
from studio.recipe.model import CausalCNN, CausalRecurrent, CausalTransformer

PADDING = 0
Section = CausalTransformer | CausalRecurrent | CausalCNN


class CausalNetwork(nn.Module):
    """Symbols in, at each position a distribution over the next one out: what language models of all families share.

    Attributes:
        network_share: of the mixture with n-gram counts where there are any; found on the validation split, it travels
            with the weights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("network_share", torch.tensor(1.0))
        self.network_share: Tensor

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        # Weights that were saved before counts stood beside networks say nothing of a share.
        state_dict.setdefault(f"{prefix}network_share", self.network_share)
        super()._load_from_state_dict(state_dict, prefix, *others)

    def hidden(self, symbols: Tensor) -> Tensor:
        """`symbols` [rows, length] -> [rows, length, width]; no position knows of what stands behind it."""
        raise NotImplementedError

    def scores(self, hidden: Tensor) -> Tensor:
        """`hidden` [..., width] -> logits [..., symbols]."""
        raise NotImplementedError

    def newest(self, symbols: Tensor, _remembered: Remembered | None = None, /) -> Tensor:
        """What `hidden` gives at the last position: `symbols` [rows, length] -> [rows, width].

        A network that can remembers the rows, and reads of longer ones no more than is new.
        """
        return self.hidden(symbols)[:, -1]

    def forward(self, symbols: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """Summed loss in nats; `symbols` and `targets` [rows, length], targets 0 where nothing is asked."""
        asked = targets != PADDING
        logits = self.scores(self.hidden(symbols)[asked]).float()
        return functional.cross_entropy(logits, targets[asked], label_smoothing=smoothing, reduction="sum")


class CausalLanguageModel(CausalNetwork):
    """A language model of the studio's own.

    The output layer is the embedding's transpose (Press and Wolf 2017, https://arxiv.org/abs/1608.05859).

    Args:
        section: the recipe's model section.
        symbols: how many there are; 0 is padding.
        log_prior: log-frequency of each symbol [symbols], where the output's bias starts: an untrained model is a
            unigram model.
        one_hot: see `OneHot`; the output layer then has weights of its own.
    """

    def __init__(
        self, section: Section, symbols: int, log_prior: Tensor | None = None, *, one_hot: bool = False
    ) -> None:
        super().__init__()
        width = section.width
        self.embedding = OneHot(symbols, width) if one_hot else embedding_of(symbols, width)
        self.output = nn.Linear(width, symbols, bias=False) if one_hot else None
        self.ngrams = (
            NgramEmbedding(
                section.ngram_buckets, section.ngram_width, width, section.ngram_dropout, causal=True
            )
            if section.ngram_buckets
            else None
        )
        self.input_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(section.dropout)
        self.encoder = _encoder(section)
        self.output_norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(symbols) if log_prior is None else log_prior.float().clone())

    def hidden(self, symbols: Tensor) -> Tensor:
        hidden = self.embedding(symbols)
        if self.ngrams is not None:
            hidden = hidden + self.ngrams(symbols)
        encoded = self.encoder(self.dropout(self.input_norm(hidden)))
        normed: Tensor = self.dropout(self.output_norm(encoded))
        return normed

    def scores(self, hidden: Tensor) -> Tensor:
        weight = self.embedding.weight if self.output is None else self.output.weight
        return functional.linear(hidden, weight, self.bias.to(hidden.dtype))


def _encoder(section: Section) -> nn.Module:
    if isinstance(section, CausalTransformer):
        return _Transformer(section)
    return _Recurrent(section) if isinstance(section, CausalRecurrent) else _Convolutions(section)


class _Transformer(nn.Module):
    def __init__(self, section: CausalTransformer) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            Layer(section.width, section.heads, section.feed_forward, section.dropout)
            for _ in range(section.layers)
        )
        # One more position than characters: a text begins with the symbol of its boundary.
        cosine, sine = rotary_angles(section.max_length + 1, section.width // section.heads)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        self.cosine: Tensor
        self.sine: Tensor

    def forward(self, hidden: Tensor) -> Tensor:
        length = hidden.shape[1]
        mask = torch.ones(length, length, dtype=torch.bool, device=hidden.device).tril()
        for layer in self.layers:
            hidden = layer(hidden, mask, self.cosine[:length], self.sine[:length])
        return hidden


class _Recurrent(nn.Module):
    def __init__(self, section: CausalRecurrent) -> None:
        super().__init__()
        self.recurrent = CELLS[section.cell](
            section.width,
            section.width,
            num_layers=section.layers,
            dropout=section.dropout if section.layers > 1 else 0.0,
            batch_first=True,
        )

    def forward(self, hidden: Tensor) -> Tensor:
        # What lies behind a row's end is read last and asked for by nobody.
        states: Tensor = self.recurrent(hidden)[0]
        return hidden + states


class _Convolutions(nn.Module):
    """Dilated causal convolutions (Oord et al. 2016, https://arxiv.org/abs/1609.03499), gated, each beside a bypass."""

    def __init__(self, section: CausalCNN) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            _Convolution(section.width, section.kernel, 2 ** (depth % section.cycle), section.dropout)
            for depth in range(section.layers)
        )

    def forward(self, hidden: Tensor) -> Tensor:
        for layer in self.layers:
            hidden = layer(hidden)
        return hidden


class _Convolution(nn.Module):
    def __init__(self, width: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.look_back = (kernel - 1) * dilation
        self.convolve = nn.Conv1d(width, 2 * width, kernel, dilation=dilation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        before = functional.pad(self.norm(hidden).transpose(1, 2), (self.look_back, 0))
        return hidden + self.dropout(functional.glu(self.convolve(before), dim=1).transpose(1, 2))
