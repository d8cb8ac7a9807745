"""What the Playground asks of models that read text as it stands, and what the lab answers.

Classifiers are asked for labels, and for what in the text speaks for them; language models for the next character
and for whole texts. `TextGrown` comes any number of times before `TextWritten`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.runs.events import Candidate
from studio.runs.generation import Sampling
from studio.runs.tagging_requests import TaggingRequest, TaggingResponse
from studio.runs.translation_requests import Translate, Translated


@dataclass(frozen=True, kw_only=True)
class Classify:
    """Give a text labels. With `weigh` say for each character how much it speaks for the likeliest one."""

    type: Literal["classify"] = "classify"
    id: str
    model: str
    text: str
    weigh: bool = False
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class NextCharacters:
    """The likeliest characters after a text."""

    type: Literal["next_characters"] = "next_characters"
    id: str
    model: str
    text: str
    count: int = 10
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class WriteOn:
    """Go on from a text."""

    type: Literal["write_on"] = "write_on"
    id: str
    model: str
    text: str
    sampling: Sampling
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class FillBlanks:
    """The likeliest characters for each `[MASK]` of a text."""

    type: Literal["fill_blanks"] = "fill_blanks"
    id: str
    model: str
    text: str
    count: int = 5
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class CorrectText:
    """Find what is wrong in a text."""

    type: Literal["correct_text"] = "correct_text"
    id: str
    model: str
    text: str
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class Classified:
    """The labels of a text.

    Attributes:
        read: the text as the model read it: cleaned, and cut if it was too long.
        scores: all labels, the likeliest first; none where there was nothing to read.
        note: what a person should know of the answer.
        weights: by how much the likeliest label's log-odds fall without each character of `read`; empty if
            that was not asked for.
        step, live: of the weights; live ones are those of a run that goes on.
    """

    type: Literal["classified"] = "classified"
    id: str
    text: str
    read: str
    scores: tuple[Candidate, ...]
    note: str = ""
    weights: tuple[float, ...] = ()
    step: int = 0
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class NextShown:
    """The likeliest next characters; an empty one ends the text. `unknown` are characters the model does not know."""

    type: Literal["next_shown"] = "next_shown"
    id: str
    text: str
    characters: tuple[Candidate, ...]
    unknown: str = ""
    step: int = 0
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class TextGrown:
    """A text that is being written, as far as it is."""

    type: Literal["text_grown"] = "text_grown"
    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TextWritten:
    """A whole text, without its beginning; `ended` says why: "length", "stop" or "end"."""

    type: Literal["text_written"] = "text_written"
    id: str
    text: str
    ended: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class BlanksFilled:
    """For each blank in order the likeliest characters; `note` is what a person should know of the answer."""

    type: Literal["blanks_filled"] = "blanks_filled"
    id: str
    text: str
    blanks: tuple[tuple[Candidate, ...], ...]
    note: str = ""
    step: int = 0
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class TextEdit:
    """What stands at a position of the text, counted in characters, what belongs there, and how likely that is."""

    position: int
    wrong: str
    right: str
    score: float


@dataclass(frozen=True, kw_only=True)
class TextCorrected:
    """What could be corrected in a text, from its beginning on; `note` is what a person should know of the answer."""

    type: Literal["text_corrected"] = "text_corrected"
    id: str
    text: str
    edits: tuple[TextEdit, ...]
    note: str = ""
    step: int = 0
    live: bool = False


TextRequest = Classify | NextCharacters | WriteOn | FillBlanks | TaggingRequest | CorrectText | Translate
TextResponse = (
    Classified | NextShown | TextWritten | BlanksFilled | TaggingResponse | TextCorrected | Translated
)
