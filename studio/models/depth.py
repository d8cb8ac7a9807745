"""Which layer a weight belongs to, by its name; the same in all networks."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Our own stacks, those of torch's recurrent layers, and those of the transformers library.
_LAYER = re.compile(
    r"^(?P<before>encoder\.(?:layers\.|recurrent\.\w+?_l)|(?:encoder\.)?pretrained\.(?:\w+\.)*?(?:layers?|h|block)\.)"
    r"(?P<number>\d+)(?P<behind>.*)$"
)
BELOW = (
    "embedding.",
    "ngrams.",
    "input_norm.",
    "encoder.pretrained.embeddings",
    "encoder.pretrained.transformer.w",  # tables of pieces and positions, and the norm over them
    "encoder.pretrained.gpt_neox.embed",
    "encoder.pretrained.model.embed",
    "encoder.pretrained.model.decoder.embed",
    "encoder.pretrained.model.decoder.project_in",
    "pretrained.shared",
    "pretrained.model.shared",
    "pretrained.model.encoder.embed_positions",
    "pretrained.model.decoder.embed_positions",
)
"""How the names of weights below all layers begin."""


def layer_of(name: str) -> int | None:
    """The number of a weight's layer, from 0 at the bottom; None if it belongs to none."""
    found = _LAYER.match(name)
    return int(found["number"]) if found else None


def layers_of(names: Iterable[str]) -> int:
    """How many layers there are."""
    return 1 + max((number for name in names if (number := layer_of(name)) is not None), default=-1)


def in_layer(name: str, number: int) -> str:
    """The name of the same weight in another layer."""
    return _LAYER.sub(lambda found: f"{found['before']}{number}{found['behind']}", name)


def placed(ours: int, theirs: int, how: str) -> tuple[int, ...]:
    """For each of our layers the one of theirs that it takes; -1 for those that begin anew [ours].

    Args:
        how: "first" keeps the lowest; "spaced" those that are evenly spaced, the lowest and the highest among them.
    """
    if ours == theirs:
        return tuple(range(ours))
    fewer, more = min(ours, theirs), max(ours, theirs)
    spaced = [round(place * (more - 1) / max(1, fewer - 1)) for place in range(fewer)]
    chosen = spaced if how == "spaced" else list(range(fewer))
    if ours < theirs:
        return tuple(chosen)
    found = [-1] * ours
    for number, place in enumerate(chosen):
        found[place] = number
    return tuple(found)
