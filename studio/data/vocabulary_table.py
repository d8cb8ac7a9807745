"""A vocabulary as a table: how often each symbol comes in each split, and what becomes unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from studio.data.dataset import Dataset, Split
from studio.data.symbols import UNKNOWN
from studio.data.tokens import Tokens
from studio.data.vocabulary import PinyinVocabulary
from studio.runs.vocabulary_requests import Coverage, Order, SymbolRow

SPLITS = ("train", "validation", "test")
_FIRST = 3
_AROUND = 20  # characters shown on both sides of what is unknown
_RANGE = 0x110000


@dataclass(frozen=True)
class VocabularyTable:
    """Attributes as of `studio.runs.vocabulary_requests.VocabularyInspected`; all rows, the most frequent first."""

    unit: str
    size: int
    unused: int
    longest: int
    mean: float
    coverage: tuple[Coverage, ...]
    known: tuple[SymbolRow, ...]
    unknown: tuple[SymbolRow, ...]

    def chosen(self, search: str, order: Order, *, known: bool) -> list[SymbolRow]:
        """The rows that hold a text, in an order."""
        rows = [
            row
            for row in (self.known if known else self.unknown)
            if not search or search in row.text or row.note == search
        ]
        if order == "rarity":
            rows.reverse()
        elif order == "text":
            rows.sort(key=lambda row: row.text)
        elif order == "length":
            rows.sort(key=lambda row: -len(row.text))
        return rows


stored: TypeAdapter[VocabularyTable] = TypeAdapter(VocabularyTable)
"""Writes tables as JSON and reads them."""


def of_tokens(tokens: Tokens, dataset: Dataset) -> VocabularyTable:
    """The table of a vocabulary that texts are cut into."""
    splits = dataset.splits()
    counts = np.zeros((len(SPLITS), len(tokens)), np.int64)
    for row, name in enumerate(SPLITS):
        counts[row] = np.bincount(tokens.encode(splits[name])[0], minlength=len(tokens))
    strange = _strange_words(tokens, splits) if _keeps_words(tokens) else _strange_characters(tokens, splits)
    rows = [
        SymbolRow(number=number, text=tokens.text_of(number), counts=tuple(counts[:, number].tolist()))
        for number in range(_FIRST, len(tokens))
    ]
    train = counts[0].copy()
    train[:_FIRST] = 0
    widths = tokens.widths
    return _table(
        tokens.unit,
        rows,
        strange,
        [(int(counts[row].sum()), int(counts[row, UNKNOWN])) for row in range(len(SPLITS))],
        size=len(tokens),
        mean=float(train @ widths / max(train.sum(), 1)),
    )


def of_candidates(vocabulary: PinyinVocabulary, dataset: Dataset) -> VocabularyTable:
    """The table of the candidates of pinyin: characters with their syllables."""
    size = len(vocabulary.characters)
    counts = np.zeros((len(SPLITS), size), np.int64)
    strange: dict[tuple[str, str], SymbolRow] = {}
    positions = []
    for row, name in enumerate(SPLITS):
        split = dataset.splits()[name]
        units = vocabulary.units(split.text, split.syllables)
        counts[row] = np.bincount(units[units >= 0], minlength=size)
        missed = np.flatnonzero(units < 0)
        positions.append((len(units), len(missed)))
        for place in missed.tolist():
            key = (chr(int(split.text[place])), vocabulary.syllables[int(split.syllables[place])])
            known = strange.get(key)
            numbers = list(known.counts) if known else [0] * len(SPLITS)
            numbers[row] += 1
            example = known.example if known else _around(split, place)
            strange[key] = SymbolRow(
                number=-1, text=key[0], note=key[1], counts=tuple(numbers), example=example
            )
    owners = np.repeat(np.arange(len(vocabulary.syllables)), np.diff(vocabulary.starts))
    rows = [
        SymbolRow(
            number=number,
            text=vocabulary.characters[number],
            note=vocabulary.syllables[int(owners[number])],
            counts=tuple(counts[:, number].tolist()),
        )
        for number in range(size)
    ]
    return _table("candidate", rows, list(strange.values()), positions, size=size, mean=1.0)


def _table(
    unit: str,
    rows: list[SymbolRow],
    strange: list[SymbolRow],
    positions: list[tuple[int, int]],
    *,
    size: int,
    mean: float,
) -> VocabularyTable:
    rows.sort(key=lambda row: (-row.counts[0], -sum(row.counts), row.number))
    strange.sort(key=lambda row: (-sum(row.counts), row.text))
    coverage = tuple(
        Coverage(
            name=name,
            symbols=positions[place][0],
            unknown=positions[place][1],
            kinds=sum(1 for row in strange if row.counts[place]),
        )
        for place, name in enumerate(SPLITS)
    )
    return VocabularyTable(
        unit=unit,
        size=size,
        unused=sum(1 for row in rows if not row.counts[0]),
        longest=max((len(row.text) for row in rows), default=0),
        mean=mean,
        coverage=coverage,
        known=tuple(rows),
        unknown=tuple(strange),
    )


def _keeps_words(tokens: Tokens) -> bool:
    """Whether a word that is not known is unknown as a whole."""
    return tokens.unit == "word" and not tokens.lossless


def _strange_characters(tokens: Tokens, splits: dict[str, Split]) -> list[SymbolRow]:
    counts = [np.bincount(splits[name].text, minlength=_RANGE) for name in SPLITS]
    points = np.flatnonzero(np.sum(counts, axis=0))
    strange = [int(point) for point in points if (tokens.read(chr(int(point))) == UNKNOWN).any()]
    return [
        SymbolRow(
            number=-1,
            text=chr(point),
            counts=tuple(int(count[point]) for count in counts),
            example=_first(splits, point),
        )
        for point in strange
    ]


def _first(splits: dict[str, Split], point: int) -> str:
    for name in SPLITS:
        places = np.flatnonzero(splits[name].text == point)
        if len(places):
            return _around(splits[name], int(places[0]))
    return ""


def _around(split: Split, place: int) -> str:
    """The text around a position."""
    number = int(np.searchsorted(split.offsets, place, "right")) - 1
    at = place - int(split.offsets[number])
    return _excerpt(split.text_of(number), at, at + 1)


def _excerpt(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    return ("…" if first else "") + text[first:last] + ("…" if last < len(text) else "")


def _strange_words(tokens: Tokens, splits: dict[str, Split]) -> list[SymbolRow]:
    counts: dict[str, list[int]] = {}
    examples: dict[str, str] = {}
    for row, name in enumerate(SPLITS):
        for number, words in enumerate(tokens.words(splits[name])):
            for word in words:
                if word not in tokens.symbols.index:
                    counts.setdefault(word, [0] * len(SPLITS))[row] += 1
                    if word not in examples:
                        text = splits[name].text_of(number)
                        at = max(text.lower().find(word), 0)
                        examples[word] = _excerpt(text, at, at + len(word))
    return [
        SymbolRow(number=-1, text=word, counts=tuple(numbers), example=examples[word])
        for word, numbers in counts.items()
    ]


def of_task(task: Any, dataset: Dataset) -> VocabularyTable | None:
    """The table of a task with the vocabulary of a data set; None for one that is not made of symbols."""
    tokens = getattr(task, "tokens", None)
    if isinstance(tokens, Tokens):
        return of_tokens(tokens, dataset)
    found = getattr(task, "vocabulary", None)
    if isinstance(found, PinyinVocabulary):
        return of_candidates(found, dataset)
    symbols = getattr(task, "symbols", None)
    return of_tokens(Tokens(symbols), dataset) if symbols is not None else None
