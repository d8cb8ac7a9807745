"""Networks that read one sequence and write another: one section a family."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from studio.recipe.fields import Section, setting


class _Stacks(Section):
    """What every family has."""

    width: int = setting(256, title="Width", help="Size of each position's vector.", step=32, ge=16, le=4096)
    layers: int = setting(
        2, title="Layers", help="Of the part that reads, and as many of the part that writes.", ge=1, le=48
    )
    dropout: float = setting(
        0.2,
        title="Dropout",
        help="Share of activations zeroed in training, against overfitting.",
        step=0.05,
        ge=0,
        lt=0.9,
    )


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
    cell: Literal["lstm", "gru", "rnn"] = setting(
        "lstm",
        title="Cell",
        help="LSTM remembers longest; GRU is smaller and often as good; RNN is for comparison.",
    )


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
    heads: int = setting(
        4, title="Heads", help="Attention heads; the width must be a multiple of it.", ge=1, le=64
    )
    feed_forward: int = setting(
        1024,
        title="Feed-forward width",
        help="Inner size of each layer, usually 4 times the width.",
        step=64,
        ge=16,
        le=16384,
    )
    max_length: int = setting(
        256,
        title="Longest input",
        help="Positions the model can tell apart.",
        unit="positions",
        ge=8,
        le=4096,
        advanced=True,
    )

    @model_validator(mode="after")
    def _heads_divide_width(self) -> TransformerEncoderDecoder:
        check_heads(self.width, self.heads)
        return self


class _LibraryStacks(_Stacks):
    """What the transformers library's architectures have, made of these settings and begun at random."""

    layers: int = setting(
        3, title="Layers", help="Of the part that reads, and as many of the part that writes.", ge=1, le=48
    )
    heads: int = setting(
        4, title="Heads", help="Attention heads; the width must be a multiple of it.", ge=1, le=64
    )
    feed_forward: int = setting(
        1024,
        title="Feed-forward width",
        help="Inner size of each layer, usually 4 times the width.",
        step=64,
        ge=16,
        le=16384,
    )
    dropout: float = setting(
        0.1,
        title="Dropout",
        help="Share of activations zeroed in training, against overfitting.",
        step=0.05,
        ge=0,
        lt=0.9,
    )

    @model_validator(mode="after")
    def _heads_divide_width(self) -> _LibraryStacks:
        check_heads(self.width, self.heads)
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
    max_length: int = setting(
        256,
        title="Longest input",
        help="Positions the model can tell apart.",
        unit="positions",
        ge=8,
        le=4096,
        advanced=True,
    )


EncoderDecoder = RecurrentEncoderDecoder | TransformerEncoderDecoder


def check_heads(width: int, heads: int) -> None:
    """See to it that heads can share a width.

    Raises:
        ValueError: if they cannot, with how many could.
    """
    if width % heads:
        choices = [n for n in range(1, 65) if width % n == 0]
        nearest = min(choices, key=lambda n: abs(n - heads))
        raise ValueError(f"width {width} is not a multiple of heads {heads}; heads {nearest} would fit")
