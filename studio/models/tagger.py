"""A tagger: one output for each input symbol, from an encoder of any family."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.models.candidates import CandidateHead
from studio.models.ngrams import NgramEmbedding
from studio.models.recurrent import RecurrentEncoder
from studio.models.transformer import TransformerEncoder
from studio.recipe import Model, Recurrent
from studio.recipe import TransformerEncoder as TransformerSection

PADDING = 0
Encoder = TransformerSection | Recurrent


def encoder_of(section: Model) -> Encoder:
    """The section, if it is that of an encoder with a vector for each symbol.

    Raises:
        ValueError: if it is another; recipes refuse such for tasks that label each symbol.
    """
    if not isinstance(section, Encoder):
        raise ValueError(f"a network of the family {section.family} has no output for each symbol")
    return section


def build_encoder(section: Encoder) -> nn.Module:
    """The encoder of a recipe's model section."""
    return RecurrentEncoder(section) if isinstance(section, Recurrent) else TransformerEncoder(section)


class SyllableTagger(nn.Module):
    """Syllables in, a distribution over each syllable's characters out.

    Args:
        section: the recipe's model section.
        starts, log_prior: see `CandidateHead`. Symbol 0 is padding, symbol s + 1 is syllable s.
        transitions: [syllables + 1, syllables + 1] log-probabilities of syllable pairs. The network does not
            use them; they travel with the weights for whoever divides letters into syllables.
    """

    def __init__(self, section: Encoder, starts: Tensor, log_prior: Tensor, transitions: Tensor) -> None:
        super().__init__()
        self.register_buffer("transitions", transitions.to(torch.float16))
        self.transitions: Tensor
        symbols = len(starts)
        self.embedding = nn.Embedding(symbols, section.width, padding_idx=PADDING)
        nn.init.normal_(self.embedding.weight, std=0.5 / section.width**0.5)
        self.ngrams = (
            NgramEmbedding(section.ngram_buckets, section.ngram_width, section.width, section.ngram_dropout)
            if section.ngram_buckets
            else None
        )
        self.input_norm = nn.LayerNorm(section.width)
        self.dropout = nn.Dropout(section.dropout)
        self.encoder = build_encoder(section)
        self.head = CandidateHead(section.width, starts, log_prior)

    def encode(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """`symbols` [rows, length], `lengths` [rows] -> hidden [rows, length, width]."""
        hidden = self.embedding(symbols)
        if self.ngrams is not None:
            hidden = hidden + self.ngrams(symbols)
        hidden = self.dropout(self.input_norm(hidden))
        encoded: Tensor = self.encoder(hidden, lengths)
        return encoded

    def forward(
        self,
        symbols: Tensor,
        lengths: Tensor,
        units: Tensor,
        smoothing: float = 0.0,
        meant: Tensor | None = None,
    ) -> Tensor:
        """Summed loss in nats over the positions whose unit is known; `units` [rows, length], -1 elsewhere.

        `meant` [rows, length] are the symbols whose candidates are asked for, where others are fed.
        """
        valid = units >= 0
        hidden = self.encode(symbols, lengths)[valid]
        asked = symbols if meant is None else meant
        return self.head.loss(hidden, asked[valid] - 1, units[valid], smoothing)

    @torch.no_grad()
    def candidates(self, symbols: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Units and log-probabilities, each [valid positions, most], row after row (see `CandidateHead`)."""
        valid = symbols != PADDING
        result: tuple[Tensor, Tensor] = self.head(self.encode(symbols, lengths)[valid], symbols[valid] - 1)
        return result
