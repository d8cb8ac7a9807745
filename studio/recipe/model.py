"""Which model is trained: one section a family, told apart by its `family`.

Which families go with which task stands with the tasks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from studio.recipe import sizes
from studio.recipe.encoder_decoder import (
    T5,
    Bart,
    RecurrentEncoderDecoder,
    TransformerEncoderDecoder,
)
from studio.recipe.fields import Section, setting
from studio.recipe.pretrained import PretrainedEncoder
from studio.recipe.pretrained_decoder import Gpt2, PretrainedDecoder
from studio.recipe.pretrained_pairs import PretrainedEncoderDecoder


class _Network(Section):
    """What every family of stacked layers has."""

    width: int = sizes.width()
    layers: int = setting(
        4, title="Layers", help="Depth; more layers see more context and train slower.", ge=1, le=48
    )
    dropout: float = sizes.dropout(0.1)


class _Encoder(_Network):
    """A network with a vector for each symbol, and hashed n-grams beside the symbols."""

    ngram_buckets: int = setting(
        65536,
        title="N-gram buckets",
        help="Rows of the hashed table of neighbouring pairs and triples fed to the network; 0 leaves it out.",
        step=1024,
        ge=0,
        le=4_194_304,
        advanced=True,
    )
    ngram_width: int = setting(
        64, title="N-gram width", help="Columns of that table.", step=16, ge=4, le=1024, advanced=True
    )
    ngram_dropout: float = setting(
        0.0,
        title="N-gram dropout",
        help="Share of the pairs and triples left out in training, so that none of them is learnt by heart.",
        step=0.05,
        ge=0,
        lt=0.9,
        advanced=True,
    )


class TransformerEncoder(_Encoder):
    """A bidirectional Transformer encoder: each position sees the whole input."""

    family: Literal["transformer_encoder"] = setting(
        "transformer_encoder", title="Family", help="The kind of network."
    )
    heads: int = sizes.heads()
    feed_forward: int = sizes.feed_forward()
    max_length: int = sizes.longest(256)

    @model_validator(mode="after")
    def _heads_divide_width(self) -> TransformerEncoder:
        sizes.check_heads(self.width, self.heads)
        return self


class Recurrent(_Encoder):
    """A bidirectional recurrent network: LSTM, GRU or plain RNN."""

    family: Literal["recurrent"] = setting("recurrent", title="Family", help="The kind of network.")
    layers: int = setting(2, title="Layers", help="Stacked recurrent layers.", ge=1, le=12)
    cell: Literal["lstm", "gru", "rnn"] = sizes.cell()


class TextCNN(_Encoder):
    """Filters of several sizes over a text, each keeping what it answered most to (Kim 2014)."""

    family: Literal["text_cnn"] = setting("text_cnn", title="Family", help="The kind of network.")
    width: int = sizes.width(128)
    layers: int = setting(
        1,
        title="Layers",
        help="One is the classic; each further one lets the filters see wider.",
        ge=1,
        le=12,
    )
    ngram_buckets: int = setting(
        0,
        title="N-gram buckets",
        help="Rows of the hashed table of neighbouring pairs and triples fed to the network; 0 leaves it out.",
        step=1024,
        ge=0,
        le=4_194_304,
        advanced=True,
    )
    filters: int = setting(
        128, title="Filters", help="How many there are of each size.", step=16, ge=4, le=4096
    )
    kernels: str = setting(
        "1,2,3,4",
        title="Filter sizes",
        help="How many neighbouring characters or words each filter looks at, with commas between the sizes.",
        pattern=r"^([1-9]|1\d)(,([1-9]|1\d)){0,9}$",
    )
    dropout: float = sizes.dropout(0.4)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The filters' sizes."""
        return tuple(int(size) for size in self.kernels.split(","))


class CausalTransformer(_Encoder):
    """A Transformer whose positions see only what stands before them, as in GPT."""

    family: Literal["causal_transformer"] = setting(
        "causal_transformer", title="Family", help="The kind of network."
    )
    heads: int = sizes.heads()
    feed_forward: int = sizes.feed_forward()
    max_length: int = sizes.longest(512)

    @model_validator(mode="after")
    def _heads_divide_width(self) -> CausalTransformer:
        sizes.check_heads(self.width, self.heads)
        return self


class CausalRecurrent(_Encoder):
    """A recurrent network that reads from left to right: LSTM, GRU or plain RNN."""

    family: Literal["causal_recurrent"] = setting(
        "causal_recurrent", title="Family", help="The kind of network."
    )
    layers: int = setting(2, title="Layers", help="Stacked recurrent layers.", ge=1, le=12)
    cell: Literal["lstm", "gru", "rnn"] = sizes.cell()


class CausalCNN(_Encoder):
    """Dilated convolutions that look back, each layer twice as far as the one below (as in WaveNet)."""

    family: Literal["causal_cnn"] = setting("causal_cnn", title="Family", help="The kind of network.")
    layers: int = setting(6, title="Layers", help="Each looks back twice as far.", ge=1, le=24)
    kernel: int = setting(
        3, title="Filter size", help="Positions that each filter looks at.", ge=2, le=9, advanced=True
    )
    cycle: int = setting(
        6,
        title="Layers a cycle",
        help="After so many layers the distances begin anew at 1.",
        ge=1,
        le=12,
        advanced=True,
    )


Model = Annotated[
    TransformerEncoder
    | Recurrent
    | TextCNN
    | PretrainedEncoder
    | CausalTransformer
    | CausalRecurrent
    | CausalCNN
    | Gpt2
    | PretrainedDecoder
    | RecurrentEncoderDecoder
    | TransformerEncoderDecoder
    | T5
    | Bart
    | PretrainedEncoderDecoder,
    Field(discriminator="family"),
]
