"""What the Playground asks of models that write a text for a text, and what the lab answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.runs.events import Candidate


@dataclass(frozen=True, kw_only=True)
class Translate:
    """The best texts for a text; of a long one only so many sentences are read. `looks` asks where the model looked."""

    type: Literal["translate"] = "translate"
    id: str
    model: str
    text: str
    count: int = 4
    most_pieces: int = 12
    looks: bool = True
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Where the model looked while it wrote: `weights` [written][read], which sum to 1 for each written symbol."""

    written: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Translated:
    """What was written for a text.

    Attributes:
        candidates: the best first, each with the geometric mean of its symbols' probabilities.
        read: the symbols of the text, its end among them; empty if it was read in several pieces.
        looks: for each candidate where it was looked, if that was asked for and the text was read in one piece.
        rest: characters at the end of the text that were not read.
        note: what a person should know of the answer.
    """

    type: Literal["translated"] = "translated"
    id: str
    text: str
    candidates: tuple[Candidate, ...]
    read: tuple[str, ...] = ()
    looks: tuple[Looked, ...] = ()
    rest: int = 0
    note: str = ""
    step: int = 0
    live: bool = False
