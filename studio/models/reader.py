"""An encoder of any family with a vector for each character it reads: what several tasks' networks begin with."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.known_words import KnownWords
from studio.models.ngrams import NgramEmbedding
from studio.models.pretrained import Architecture, PretrainedEncoder
from studio.models.tagger import PADDING, Encoder, build_encoder

ReadBy = Encoder | Architecture
"""What a network that reads symbols is built from: a recipe's section, or what is known of a pretrained encoder."""


class Reader(nn.Module):
    """Symbols in, a vector for each out, and scores for what may stand at a position.

    The names of its parts are those of the other networks that read symbols, so that weights pass from one to another.

    Args:
        section: the recipe's model section.
        symbols: how many there are; 0 is padding.
        words: how many words of a dictionary it is shown where they fit.
    """

    def __init__(self, section: ReadBy, symbols: int, words: int = 0) -> None:
        super().__init__()
        width = section.width
        self.dropout = nn.Dropout(section.dropout)
        self.words = KnownWords(words, width) if words else None
        self.encoder: nn.Module
        if isinstance(section, Architecture):
            self.encoder = PretrainedEncoder(section)
            return
        self.embedding = nn.Embedding(symbols, width, padding_idx=PADDING)
        nn.init.normal_(self.embedding.weight, std=0.5 / width**0.5)
        self.ngrams = (
            NgramEmbedding(section.ngram_buckets, section.ngram_width, width, section.ngram_dropout)
            if section.ngram_buckets
            else None
        )
        self.input_norm = nn.LayerNorm(width)
        self.encoder = build_encoder(section)

    def encode(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """`symbols` [rows, length], `lengths` [rows] -> [rows, length, width]."""
        if isinstance(self.encoder, PretrainedEncoder):
            read: Tensor = self.dropout(self.encoder(symbols, lengths))
            return read if self.words is None else read + self.words(symbols)
        hidden = self.embedding(symbols)
        if self.ngrams is not None:
            hidden = hidden + self.ngrams(symbols)
        if self.words is not None:
            hidden = hidden + self.words(symbols)
        encoded: Tensor = self.encoder(self.dropout(self.input_norm(hidden)), lengths)
        return encoded


class Guesser(Reader):
    """A reader that says which symbol belongs at a position.

    The output layer is the embedding's transpose behind one more layer, as in BERT.

    Args:
        log_prior: log-frequency of each symbol [symbols], where the output's bias starts.

    Attributes:
        counts_weight: how much the log-probabilities of n-gram counts weigh beside the network's, where there are any;
            found on the validation split, it travels with the weights.
    """

    def __init__(self, section: ReadBy, symbols: int, log_prior: Tensor | None = None) -> None:
        super().__init__(section, symbols)
        size = self._rows().shape[1]
        self.transform = nn.Linear(section.width, size)
        self.output_norm = nn.LayerNorm(size)
        self.register_buffer("counts_weight", torch.tensor(0.0))
        self.counts_weight: Tensor
        self.bias = nn.Parameter(torch.zeros(symbols) if log_prior is None else log_prior.float().clone())

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        # Weights that were saved before counts stood beside networks say nothing of theirs.
        state_dict.setdefault(f"{prefix}counts_weight", self.counts_weight)
        super()._load_from_state_dict(state_dict, prefix, *others)

    def _rows(self) -> Tensor:
        """The vector of each symbol [symbols, size]."""
        return self.encoder.rows() if isinstance(self.encoder, PretrainedEncoder) else self.embedding.weight

    def scores(self, hidden: Tensor) -> Tensor:
        """`hidden` [..., width] -> logits [..., symbols]."""
        hidden = self.output_norm(functional.gelu(self.transform(hidden), approximate="tanh"))
        return functional.linear(hidden, self._rows(), self.bias.to(hidden.dtype))
