"""What the Playground asks of models that say something of each character, and what the lab answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.runs.events import Candidate


@dataclass(frozen=True, kw_only=True)
class ReadAloud:
    """Give a text its pinyin."""

    type: Literal["read_aloud"] = "read_aloud"
    id: str
    model: str
    text: str
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class TextRead:
    """The readings of a text.

    Attributes:
        readings: for each character those it can have, with tone marks, the likeliest first; none for what has none.
        unlearnt: places of characters that the model does not know: their reading is the dictionary's first.
        step, live: of the weights; live ones are those of a run that goes on.
    """

    type: Literal["text_read"] = "text_read"
    id: str
    text: str
    readings: tuple[tuple[Candidate, ...], ...]
    unlearnt: tuple[int, ...] = ()
    step: int = 0
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class LabelText:
    """Mark words or names in a text."""

    type: Literal["label_text"] = "label_text"
    id: str
    model: str
    text: str
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class LabelledSpan:
    """A part of a text, from `start` to before `end`, and what it is."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, kw_only=True)
class TextLabelled:
    """The labelled parts of a text in order. `labels` are all that the model knows."""

    type: Literal["text_labelled"] = "text_labelled"
    id: str
    text: str
    spans: tuple[LabelledSpan, ...]
    labels: tuple[str, ...] = ()
    step: int = 0
    live: bool = False


TaggingRequest = ReadAloud | LabelText
TaggingResponse = TextRead | TextLabelled
