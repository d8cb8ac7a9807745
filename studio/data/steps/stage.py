"""What every step is made of: a stage that documents flow through, and that counts what it did to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

_BATCH = 512
_MOST = 1 << 20  # characters of the documents that are looked at together


class Text(Protocol):
    """A frozen dataclass with a text, such as `studio.data.sources.Document`."""

    @property
    def text(self) -> str: ...


T = TypeVar("T", bound=Text)


@dataclass
class Tally:
    """What a step did so far.

    Attributes:
        kind: the step's.
        seen, changed, dropped: documents.
        lines: lines dropped from documents that stay.
    """

    kind: str
    seen: int = 0
    changed: int = 0
    dropped: int = 0
    lines: int = 0


class Stage(Protocol):
    """One step at work. What it remembers from one stream to the next belongs to the step: repetitions, for example."""

    tally: Tally

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        """The documents that stay, in order, as the step leaves them."""
        ...


def batches(documents: Iterable[T]) -> Iterator[list[T]]:
    """Some at a time: as few as fit into memory easily."""
    batch: list[T] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) == _BATCH or characters >= _MOST:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class Change:
    """Changes each document by itself.

    Args:
        change: text -> text; a document that has nothing left but blanks is dropped.
    """

    def __init__(self, kind: str, change: Callable[[str], str]) -> None:
        self.tally = Tally(kind)
        self._change = change

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        for document in documents:
            made = with_text(document, self._change(document.text), self.tally)
            if made is not None:
                yield made


class Filter:
    """Keeps or drops documents, or their lines, by what stands in them. Blank lines are neither counted nor dropped.

    Args:
        wanted: whether a document or a line stays.
        lines: look at lines rather than documents.
    """

    def __init__(self, kind: str, wanted: Callable[[str], bool], *, lines: bool) -> None:
        self.tally = Tally(kind)
        self._wanted, self._lines = wanted, lines

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        for document in documents:
            text = document.text
            if self._lines:
                lines = text.split("\n")
                kept = [line for line in lines if not line.strip() or self._wanted(line)]
                text = text if len(kept) == len(lines) else "\n".join(kept)
                made = with_text(document, text, self.tally, lines=len(lines) - len(kept))
            else:
                made = with_text(document, text if self._wanted(text) else "", self.tally)
            if made is not None:
                yield made


def with_text(document: T, text: str, tally: Tally, *, lines: int = 0) -> T | None:
    """A document with another text, counted; None if nothing is left of it."""
    tally.seen += 1
    if text == document.text:
        return document
    if not text.strip():
        tally.dropped += 1
        return None
    tally.changed += 1
    tally.lines += lines
    made: T = dataclasses.replace(document, text=text)  # type: ignore[type-var]
    return made
