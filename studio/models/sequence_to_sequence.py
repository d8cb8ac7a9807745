"""A network that reads one text and writes another."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.attention_decoders import Memory, RecurrentDecoder, State, TransformerDecoder
from studio.models.input_layer import OneHot, embedding_of
from studio.models.recurrent import RecurrentEncoder
from studio.models.text_writer import TextWriter
from studio.models.transformer import TransformerEncoder
from studio.recipe import Model, Recurrent
from studio.recipe import TransformerEncoder as TransformerSection
from studio.recipe.encoder_decoder import EncoderDecoder, RecurrentEncoderDecoder

_WAVELENGTHS = 10_000.0


def encoder_decoder_of(section: Model) -> EncoderDecoder:
    """The section, if it is that of a network that writes.

    Raises:
        ValueError: if it is another; recipes refuse such for tasks that write texts.
    """
    if not isinstance(section, EncoderDecoder):
        raise ValueError(f"a network of the family {section.family} writes no text")
    return section


class SequenceToSequence(TextWriter):
    """An encoder over what is read, a decoder over what is written, and scores for what is written next.

    Args:
        section: the recipe's model section.
        sources: symbols that can be read; 0 is padding.
        targets: symbols that can be written; None for the same ones, with the same vectors.
        one_hot: see `OneHot`; of what is read.
    """

    def __init__(
        self, section: EncoderDecoder, sources: int, targets: int | None = None, *, one_hot: bool = False
    ) -> None:
        super().__init__()
        width = section.width
        self.embedding = OneHot(sources, width) if one_hot else embedding_of(sources, width)
        self.written = None if targets is None else embedding_of(targets, width)
        count = sources if targets is None else targets
        self.output = None if section.tied else nn.Linear(width, count, bias=False)
        self.bias = nn.Parameter(torch.zeros(count))
        self.input_norm, self.written_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(section.dropout)
        self.encoder: nn.Module
        self.decoder: RecurrentDecoder | TransformerDecoder
        if isinstance(section, RecurrentEncoderDecoder):
            self.encoder = RecurrentEncoder(
                Recurrent(width=width, layers=section.layers, cell=section.cell, dropout=section.dropout)
            )
            self.decoder = RecurrentDecoder(section)
            places = torch.zeros(0, width)
        else:
            # What is read ends with its boundary, what is written begins with one.
            longest = section.max_length + 1
            self.encoder = TransformerEncoder(
                TransformerSection.model_construct(
                    width=width,
                    layers=section.layers,
                    heads=section.heads,
                    feed_forward=section.feed_forward,
                    dropout=section.dropout,
                    max_length=longest,
                )
            )
            self.decoder = TransformerDecoder(section)
            places = _waves(longest, width)
        self.register_buffer("places", places, persistent=False)
        self.places: Tensor

    def read(self, symbols: Tensor, lengths: Tensor) -> Memory:
        hidden = self.embedding(symbols)
        if len(self.places):
            hidden = hidden + self.places[: symbols.shape[1]]
        states = self.encoder(self.dropout(self.input_norm(hidden)), lengths)
        visible = torch.arange(symbols.shape[1], device=symbols.device) < lengths[:, None]
        return Memory(states, visible)

    def hidden(self, symbols: Tensor, lengths: Tensor, written: Tensor) -> Tensor:
        memory = self.read(symbols, lengths)
        made: Tensor = self.decoder(self._embedded(written, 0), memory)
        return self.dropout(made)

    def scores(self, hidden: Tensor) -> Tensor:
        weight = self._table().weight if self.output is None else self.output.weight
        return functional.linear(hidden, weight, self.bias.to(hidden.dtype))

    def begin(self, memory: Memory) -> State:
        return self.decoder.begin(memory)

    def step(self, memory: Memory, state: State, last: Tensor, place: int) -> tuple[Tensor, State, Tensor]:
        embedded = self._embedded(last[:, None], place)[:, 0]
        hidden, state, weights = self.decoder.step(embedded, memory, state)
        return self.scores(hidden), state, weights

    def _embedded(self, written: Tensor, first: int) -> Tensor:
        hidden = self._table()(written)
        if len(self.places):
            hidden = hidden + self.places[first : first + written.shape[1]]
        embedded: Tensor = self.dropout(self.written_norm(hidden))
        return embedded

    def _table(self) -> nn.Embedding | OneHot:
        table = self.embedding if self.written is None else self.written
        assert isinstance(table, nn.Embedding | OneHot)
        return table


def _waves(length: int, width: int) -> Tensor:
    """Sines and cosines of positions (Vaswani et al. 2017), as long as the vectors of symbols are at first.

    Rotary positions say how far two places of one text are apart; between two texts only these say where one is.
    """
    sizes = torch.arange(0, width, 2, dtype=torch.float32)
    angles = torch.arange(length, dtype=torch.float32)[:, None] * _WAVELENGTHS ** (-sizes / width)
    waves = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :width]
    return waves * (0.5 / width**0.5) * math.sqrt(2.0)
