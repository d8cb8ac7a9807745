"""What the window asks the lab about how a draft's documents are divided, and the lab's answer (see `requests`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from studio.runs.count_requests import Ranking
from studio.runs.doctor_requests import Finding


@dataclass(frozen=True, kw_only=True)
class ShowSplits:
    """Divide a recipe's documents as a run would, count them, and look for what stands in two splits.

    `ExaminationProgress` comes before the answer.
    """

    type: Literal["show_splits"] = "show_splits"
    id: str
    recipe: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SplitCounts:
    """A split, counted.

    Attributes:
        name: train, validation or test.
        documents: in it; `characters` are their hanzi.
        groups: different groups, of the documents that have one.
        first, last: the oldest and the newest date as their table writes them; empty without dates.
    """

    name: str
    documents: int
    characters: int
    groups: int = 0
    first: str = ""
    last: str = ""


@dataclass(frozen=True, kw_only=True)
class SplitsShown:
    """The answer to `ShowSplits`.

    Attributes:
        splits: train, validation and test.
        labels: the documents' labels, the most frequent first, each with its counts in the splits; empty without.
        sources: the same for the sources of the recipe, by their names in its order.
        label_examples, source_examples: prepared training examples of each label and source, in the same orders;
            empty where the data are not prepared, or there are no labels.
        findings: the doctor's, about what stands in two splits.
        notes: what was set aside, and what is worth knowing.
    """

    type: Literal["splits_shown"] = "splits_shown"
    id: str
    splits: tuple[SplitCounts, ...]
    labels: Ranking
    sources: Ranking
    findings: tuple[Finding, ...]
    label_examples: tuple[int, ...] = ()
    source_examples: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


SplitRequest = ShowSplits
SplitResponse = SplitsShown
