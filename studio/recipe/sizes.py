"""Fields that many families of networks have, each declared once."""

from __future__ import annotations

from typing import Any

from studio.recipe.fields import setting


def width(default: int = 256) -> Any:
    """Size of the vectors that layers pass on."""
    return setting(default, title="Width", help="Size of each position's vector.", step=32, ge=16, le=4096)


def heads() -> Any:
    """How many attention heads share the width; see `check_heads`."""
    return setting(4, title="Heads", help="Attention heads; the width must be a multiple of it.", ge=1, le=64)


def feed_forward() -> Any:
    """Size inside a Transformer's layers."""
    return setting(
        1024,
        title="Feed-forward width",
        help="Inner size of each layer, usually 4 times the width.",
        step=64,
        ge=16,
        le=16384,
    )


def longest(default: int) -> Any:
    """How many positions there are."""
    return setting(
        default,
        title="Longest input",
        help="Positions the model can tell apart.",
        unit="positions",
        ge=8,
        le=4096,
        advanced=True,
    )


def dropout(default: float) -> Any:
    """Share of activations that training leaves out."""
    return setting(
        default,
        title="Dropout",
        help="Share of activations zeroed in training, against overfitting.",
        step=0.05,
        ge=0,
        lt=0.9,
    )


def kept_layers() -> Any:
    """How many layers of a network that others have trained there are."""
    return setting(
        0,
        title="Layers",
        help="How many layers it shall have here; 0 for as many as it comes with. Fewer are faster; more begin at "
        "random.",
        ge=0,
        le=96,
    )


def dropout_behind(network: str) -> Any:
    """Share of what an "encoder" or a "decoder" that others have trained gives that training leaves out."""
    return setting(
        0.1,
        title="Dropout",
        help=f"Share of what the {network} gives that is zeroed in training, against overfitting. Inside it has its "
        "own.",
        step=0.05,
        ge=0,
        lt=0.9,
    )


def cell() -> Any:
    """What a recurrent network is made of."""
    return setting(
        "lstm",
        title="Cell",
        help="LSTM remembers longest; GRU is smaller and often as good; RNN is for comparison.",
    )


def check_heads(width: int, heads: int) -> None:
    """See to it that heads can share a width.

    Raises:
        ValueError: if they cannot, with how many could.
    """
    if width % heads:
        choices = [n for n in range(1, 65) if width % n == 0]
        nearest = min(choices, key=lambda n: abs(n - heads))
        raise ValueError(f"width {width} is not a multiple of heads {heads}; heads {nearest} would fit")
