"""Networks that read one sequence and write another: one section a family."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from studio.recipe import sizes
from studio.recipe.fields import Section, setting


class _Stacks(Section):
    """What every family has."""

    width: int = sizes.width()
    layers: int = setting(
        2, title="Layers", help="Of the part that reads, and as many of the part that writes.", ge=1, le=48
    )
    dropout: float = sizes.dropout(0.2)


class _EncoderDecoder(_Stacks):
    """What the studio's own families have."""

    tied: bool = setting(
        True,
        title="Tied output",
        help="What is written is scored by the vectors of the symbols themselves: fewer weights, and rare symbols are "
        "learnt sooner.",
        advanced=True,
    )


class RecurrentEncoderDecoder(_EncoderDecoder):
    """A recurrent network reads both ways, another writes and looks at each step where in the text it is."""

    family: Literal["recurrent_encoder_decoder"] = setting(
        "recurrent_encoder_decoder", title="Family", help="The kind of network."
    )
    layers: int = setting(
        2,
        title="Layers",
        help="Of the part that reads, and as many of the part that writes.",
        ge=1,
        le=12,
    )
    cell: Literal["lstm", "gru", "rnn"] = sizes.cell()


class TransformerEncoderDecoder(_EncoderDecoder):
    """A Transformer that reads and one that writes, as in the first paper on them."""

    family: Literal["transformer_encoder_decoder"] = setting(
        "transformer_encoder_decoder", title="Family", help="The kind of network."
    )
    layers: int = setting(
        3,
        title="Layers",
        help="Of the part that reads, and as many of the part that writes.",
        ge=1,
        le=48,
    )
    heads: int = sizes.heads()
    feed_forward: int = sizes.feed_forward()
    max_length: int = sizes.longest(256)

    @model_validator(mode="after")
    def _heads_divide_width(self) -> TransformerEncoderDecoder:
        sizes.check_heads(self.width, self.heads)
        return self


class _LibraryStacks(_Stacks):
    """What the transformers library's architectures have, made of these settings and begun at random."""

    layers: int = setting(
        3, title="Layers", help="Of the part that reads, and as many of the part that writes.", ge=1, le=48
    )
    heads: int = sizes.heads()
    feed_forward: int = sizes.feed_forward()
    dropout: float = sizes.dropout(0.1)

    @model_validator(mode="after")
    def _heads_divide_width(self) -> _LibraryStacks:
        sizes.check_heads(self.width, self.heads)
        return self


class T5(_LibraryStacks):
    """T5 (Raffel et al. 2020) as the transformers library has it: relative positions, so that no length is too long."""

    family: Literal["t5"] = setting("t5", title="Family", help="The kind of network.")
    activation: Literal["relu", "gated_gelu"] = setting(
        "gated_gelu",
        title="Inside the layers",
        help="Gated GELU is that of T5 1.1 and mT5, with half as many weights again; ReLU that of the first T5.",
        advanced=True,
    )


class Bart(_LibraryStacks):
    """BART (Lewis et al. 2020) as the transformers library has it: learnt positions, norms behind each part."""

    family: Literal["bart"] = setting("bart", title="Family", help="The kind of network.")
    max_length: int = sizes.longest(256)


EncoderDecoder = RecurrentEncoderDecoder | TransformerEncoderDecoder
