"""What the window asks the lab to count, and the lab's answer (see `requests`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class CountData:
    """Count what a recipe's prepared data hold.

    Attributes:
        source: of the examples, only those from the recipe's source with this number; -1 for all.
    """

    type: Literal["count_data"] = "count_data"
    id: str
    recipe: dict[str, Any]
    source: int = -1


@dataclass(frozen=True, kw_only=True)
class GroupCounts:
    """A split, counted.

    Attributes:
        name: train, validation, test or lexicon.
        examples: in it.
        characters: of all of them (tokens); `distinct` are different ones (types), `once` those that occur once only.
        syllables: different ones.
        unknown: different characters that do not occur in the training split.
    """

    name: str
    examples: int
    characters: int
    distinct: int
    once: int
    syllables: int
    unknown: int = 0


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How many examples of group g lie between edges: `counts[g][b]` have `edges[b]` to `edges[b + 1] - 1`."""

    edges: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The most frequent ones of a kind, each with its counts in the groups.

    Attributes:
        name: characters, syllables, words, unknown or sources.
        total, distinct: of all of the kind, not only of those named.
    """

    name: str
    total: int
    distinct: int
    items: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class DataCounted:
    """The answer to `CountData`. `words_from`: characters that words were counted in, a sample of long splits."""

    type: Literal["data_counted"] = "data_counted"
    id: str
    groups: tuple[GroupCounts, ...]
    lengths: Histogram
    rankings: tuple[Ranking, ...]
    words_from: int


CountRequest = CountData
CountResponse = DataCounted
