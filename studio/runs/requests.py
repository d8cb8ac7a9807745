"""What the window asks the lab, and what the lab answers: one JSON object a line each way.

Every request carries an `id` chosen by the asker. Each is answered exactly once, by the response of its
kind, by `Refused`, or, after a `CancelRequest`, by `Refused(kind="cancelled")`. Of several predictions (or
explanations) waiting for the same `channel` only the newest is computed; the others are refused as `superseded`.
`EvaluationProgress`, `ExaminationProgress`, `PreparationProgress` and `TextGrown` come any number of times before
their answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from studio.runs.events import Candidate

# --- requests ----------------------------------------------------------------------------------------


Judge = Literal["both", "network", "ngrams"]
JUDGES: tuple[Judge, ...] = get_args(Judge)
FuzzyPair = Literal[
    "z_zh", "c_ch", "s_sh", "l_n", "f_h", "r_l", "an_ang", "en_eng", "in_ing", "ian_iang", "uan_uang"
]
"""Sounds that many speakers do not tell apart."""
FUZZY_PAIRS: tuple[FuzzyPair, ...] = get_args(FuzzyPair)


@dataclass(frozen=True, kw_only=True)
class Predict:
    """Decode letters as typed. `model` is a run folder, a checkpoint folder or an exported folder.

    Attributes:
        left: the text before the letters, as far as it matters.
        judge: who decides between sentences: the network and the n-grams, or one of them alone.
        prefixes: how many words and characters for the first letters are wanted beside the sentences.
        fuzzy: pairs of sounds that the typist does not tell apart.
        slips: whether letters that cannot be read may hold slips of the fingers.
    """

    type: Literal["predict"] = "predict"
    id: str
    model: str
    text: str
    top_k: int = 5
    left: str = ""
    judge: Judge = "both"
    channel: str = ""
    prefixes: int = 0
    fuzzy: tuple[FuzzyPair, ...] = ()
    slips: bool = True


@dataclass(frozen=True, kw_only=True)
class PreviewData:
    """Show what a recipe's data section makes of its sources: a few documents of each, raw and as examples."""

    type: Literal["preview_data"] = "preview_data"
    id: str
    recipe: dict[str, Any]
    documents: int = 20


@dataclass(frozen=True, kw_only=True)
class EstimateRun:
    """Say what a run would take: at once by counting, or, with `trial`, after some steps in a child process."""

    type: Literal["estimate_run"] = "estimate_run"
    id: str
    recipe: dict[str, Any]
    trial: bool = False


@dataclass(frozen=True, kw_only=True)
class ExportModel:
    """Write a checkpoint as a folder with weights, configuration, vocabulary and model card."""

    type: Literal["export_model"] = "export_model"
    id: str
    model: str
    target: str
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True)
class Explain:
    """Show how letters are decoded: which syllables they may be, and the best paths through them."""

    type: Literal["explain"] = "explain"
    id: str
    model: str
    text: str
    left: str = ""
    judge: Judge = "both"
    channel: str = ""
    fuzzy: tuple[FuzzyPair, ...] = ()
    slips: bool = True


@dataclass(frozen=True, kw_only=True)
class EvaluateModel:
    """Type sentences of the test split into a model. Progress is told before the answer.

    Attributes:
        limit: at most so many sentences; 0 takes all.
        shortest, longest: characters of the sentences.
    """

    type: Literal["evaluate_model"] = "evaluate_model"
    id: str
    model: str
    limit: int = 200
    shortest: int = 5
    longest: int = 30


@dataclass(frozen=True, kw_only=True)
class CancelRequest:
    """Take a request back, by its id. Not answered itself."""

    type: Literal["cancel_request"] = "cancel_request"
    id: str


# --- responses ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Ready:
    """The lab is up; sent once at its start, without being asked."""

    type: Literal["ready"] = "ready"
    pid: int


@dataclass(frozen=True, kw_only=True)
class SyllableView:
    """One syllable of the best segmentation and the characters it could be, likeliest first.

    Attributes:
        start, end: which part of the typed text it covers, as offsets.
        syllable: as the model knows it (ü is written v).
        partial: the typed letters are only its beginning.
    """

    start: int
    end: int
    syllable: str
    partial: bool
    alternatives: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """A word or a character for the first letters of what was typed.

    Attributes:
        end: how many characters of the typed text it stands for, separators behind them included.
        score: its share among those of as many characters.
    """

    text: str
    score: float
    end: int


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """The best sentences for what was typed.

    Attributes:
        prefixes: words, longer ones first, then characters; `more` says that there are more of them.
        step: the training step of the weights; -1 if they carry none.
        live: the weights are the newest published ones of a run that goes on.
        milliseconds: spent in the lab, loading not counted.
    """

    type: Literal["predicted"] = "predicted"
    id: str
    text: str
    candidates: tuple[Candidate, ...]
    syllables: tuple[SyllableView, ...]
    step: int
    live: bool
    milliseconds: float
    prefixes: tuple[Prefix, ...] = ()
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """One document, the split it falls into, its raw beginning, and its examples with their pinyin."""

    source: str
    split: str
    raw: str
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class SourceSummary:
    """One source, counted in whole. `licence` is its licence as stated."""

    source: str
    title: str
    licence: str
    documents: int
    characters: int
    entries: int = 0


@dataclass(frozen=True, kw_only=True)
class DataPreviewed:
    """The answer to `PreviewData`. `notes` are complaints that do not stop a run (lines set aside, ...)."""

    type: Literal["data_previewed"] = "data_previewed"
    id: str
    sources: tuple[SourceSummary, ...]
    rows: tuple[PreviewRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelExported:
    """The answer to `ExportModel`."""

    type: Literal["model_exported"] = "model_exported"
    id: str
    path: str
    files: tuple[str, ...]
    size: int


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A request that could not be answered: `message` says what and where, `remedy` what would be right."""

    type: Literal["refused"] = "refused"
    id: str
    kind: str
    message: str
    remedy: str = ""
    details: tuple[str, ...] = field(default=())
