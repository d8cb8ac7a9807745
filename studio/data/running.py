"""Running text with its punctuation, cut into pieces of one length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from studio.data.corpus import Corpus
from studio.data.sources import Document, documents
from studio.language.text import clean
from studio.recipe import Cleaning, Source
from studio.recipe.task import LanguageModel, MaskedLanguageModel

BEGINS, ENDS = 1, 2
"""What the label of a piece says, as bits: it is the first of its document, it is the last."""


class RunningItems:
    """The examples of a language model: pieces of documents, one after another."""

    lexicons = False
    labels: tuple[str, ...] = ()

    def __init__(self, task: LanguageModel | MaskedLanguageModel, cleaning: Cleaning) -> None:
        self._task, self._cleaning = task, cleaning

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        return documents(source, number)

    def begin(self, corpus: Corpus) -> None:
        pass

    def of(self, document: Document) -> Iterator[tuple[str, int | None]]:
        yield from pieces(cleaned(document.text, self._cleaning), self._task.context)

    def syllables(self, _text: str) -> Sequence[int] | None:
        return ()

    def notes(self) -> list[str]:
        return []


def cleaned(text: str, cleaning: Cleaning) -> str:
    """A text as a language model reads it, in training and later: without markup, controls and empty lines."""
    made = clean(text, simplify_widths=cleaning.simplify_widths, strip_markup=cleaning.strip_markup)
    return "\n".join(line for line in made.split("\n") if line)


def pieces(text: str, length: int) -> Iterator[tuple[str, int]]:
    """A text in pieces, each with what `BEGINS` and `ENDS` say of it."""
    for start in range(0, len(text), length):
        piece = text[start : start + length]
        flags = (BEGINS if start == 0 else 0) | (ENDS if start + length >= len(text) else 0)
        if len(piece) > 1 or flags & BEGINS:
            yield piece, flags
