"""What the window asks the lab about the vocabulary of a draft, and the lab's answer (see `requests`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Order = Literal["frequency", "rarity", "text", "length"]


@dataclass(frozen=True, kw_only=True)
class InspectVocabulary:
    """Show a part of the vocabulary that a recipe's task makes of its prepared data, or of what it does not hold.

    Attributes:
        search: only symbols that hold this text, or whose note does.
        order: the most frequent in training first, the least frequent, by code points, or the longest first.
        known: symbols of the vocabulary; else what is in the data and becomes unknown.
        offset, count: which rows of those that are left.
    """

    type: Literal["inspect_vocabulary"] = "inspect_vocabulary"
    id: str
    recipe: dict[str, Any]
    search: str = ""
    order: Order = "frequency"
    known: bool = True
    offset: int = 0
    count: int = 500


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of a split is known.

    Attributes:
        name: train, validation or test.
        symbols: positions of its texts; `unknown` of them are the unknown symbol.
        kinds: different characters or words that become unknown.
    """

    name: str
    symbols: int
    unknown: int
    kinds: int


@dataclass(frozen=True, kw_only=True)
class SymbolRow:
    """A symbol of a vocabulary, or what becomes unknown.

    Attributes:
        number: in the vocabulary; -1 for what is unknown.
        text: as texts have it; `note` says more of it, such as its syllable.
        counts: how often it comes in each split.
        example: the beginning of a text that holds it, of what is unknown.
    """

    number: int
    text: str
    counts: tuple[int, ...]
    note: str = ""
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class VocabularyInspected:
    """The answer to `InspectVocabulary`.

    Attributes:
        unit: character, word, subword or, of pinyin, candidate.
        size: symbols in all, those that stand for no text included; `unused` of them do not occur in training.
        longest: characters of the longest symbol; `mean`: of a symbol of the training split.
        total: rows that fit the search; `rows` are those from `offset`.
    """

    type: Literal["vocabulary_inspected"] = "vocabulary_inspected"
    id: str
    unit: str
    size: int
    unused: int
    longest: int
    mean: float
    coverage: tuple[Coverage, ...]
    total: int
    offset: int
    rows: tuple[SymbolRow, ...]


VocabularyRequest = InspectVocabulary
VocabularyResponse = VocabularyInspected
