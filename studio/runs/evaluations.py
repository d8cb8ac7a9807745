"""What a model was worth as an input method: figures for each source of its knowledge, kept in the run folder."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from studio.runs import atomic

FILE = "evaluation.json"
FORMAT = 1
SOURCES = ("lexicon", "ngrams", "network", "both")
"""Word lists alone, counts alone (texts and word lists), the network alone, counts and network together."""
_KEPT = 20  # evaluations of one run


@dataclass(frozen=True)
class Accuracy:
    """Shares of sentences that are the first, among the first five, among the first ten; and of characters."""

    top1: float
    top5: float
    top10: float
    char: float
    sentences: int


@dataclass(frozen=True)
class Decoded:
    """Sentences typed as raw pinyin into one model, decided by each of its sources in turn.

    Attributes:
        step: the training step of the weights.
        limit: how many sentences were asked for; there may be fewer.
        shortest, longest: characters of the sentences.
        characters: in all sentences.
        sources: by name, in the order of `SOURCES`; those that the model lacks are left out.
        at: seconds since the epoch.
    """

    step: int
    limit: int
    shortest: int
    longest: int
    characters: int
    sources: dict[str, Accuracy]
    at: float = field(default_factory=time.time)


@dataclass(frozen=True, kw_only=True)
class EvaluationProgress:
    """How far an evaluation is: sentences done and in all (0: not known yet), and the figures so far."""

    type: Literal["evaluation_progress"] = "evaluation_progress"
    id: str
    done: int
    total: int
    decoded: Decoded | None = None


@dataclass(frozen=True, kw_only=True)
class ModelEvaluated:
    """The answer to `EvaluateModel`. `kept` says that the figures are in the run folder, `folder`, now."""

    type: Literal["model_evaluated"] = "model_evaluated"
    id: str
    decoded: Decoded
    folder: str
    kept: bool


_lists: TypeAdapter[list[Decoded]] = TypeAdapter(list[Decoded])


def read(folder: Path) -> list[Decoded]:
    """The evaluations of a run, newest first; none if there is no readable file."""
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            return []
        return _lists.validate_python(values.get("decoded"))
    except (OSError, ValueError, RecursionError, ValidationError):
        return []


def keep(folder: Path, decoded: Decoded) -> None:
    """Put an evaluation in front of the others; one of the same weights and sentences gives way.

    Raises:
        OSError: if the folder cannot be written.
    """
    others = [item for item in read(folder) if _question(item) != _question(decoded)]
    values = {"format": FORMAT, "decoded": [asdict(item) for item in (decoded, *others)][:_KEPT]}
    atomic.write_text(folder / FILE, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def _question(decoded: Decoded) -> tuple[int, int, int, int]:
    return decoded.step, decoded.limit, decoded.shortest, decoded.longest
