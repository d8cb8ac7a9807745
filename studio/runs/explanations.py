"""How letters were decoded, as the lab tells it: the lattice of syllables and the best paths through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A character for a syllable if all others stay as on their path, by network, by counts, by both together.

    Probabilities (0 to 1) among the characters that the syllable may be; None where nobody says anything.
    """

    text: str
    network: float | None
    counts: float | None
    fused: float


@dataclass(frozen=True, kw_only=True)
class LatticeEdge:
    """Letters that may be one syllable.

    Attributes:
        start, end: which part of the typed text, as offsets.
        syllable: as the model knows it; empty for letters that fit into none.
        partial: the letters are only its beginning.
        weighed: the characters it may be, the likeliest first, on the best path that goes through it; empty where
            no path does.
    """

    start: int
    end: int
    syllable: str
    partial: bool
    weighed: tuple[Weighed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LatticePath:
    """One sentence as a way through the lattice.

    Attributes:
        edges: by number.
        texts: what stands for each edge.
        score: natural logarithm by which paths are compared.
        network, counts: unweighted log-probabilities of each edge's text, empty where nobody says anything.
        division: log-score of the division into syllables.
    """

    edges: tuple[int, ...]
    texts: tuple[str, ...]
    score: float
    network: tuple[float, ...]
    counts: tuple[float, ...]
    division: float


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The lattice over the last stretch of letters of `text`, and the best paths through it, best first.

    Attributes:
        network_weight: of the network's log-probabilities beside the counts'.
    """

    type: Literal["explained"] = "explained"
    id: str
    text: str
    edges: tuple[LatticeEdge, ...]
    paths: tuple[LatticePath, ...]
    network_weight: float
    milliseconds: float
