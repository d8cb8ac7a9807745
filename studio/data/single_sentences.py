"""Sentences one by one with their punctuation, for tasks that look at each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from studio.data.corpus import Corpus
from studio.data.running import cleaned
from studio.data.sources import Document, documents
from studio.language.text import is_hanzi, sentences
from studio.recipe import Cleaning, Source
from studio.recipe.task import Correction

_FEWEST = 3  # hanzi of a sentence that is worth reading


class SentenceItems:
    """The examples of a correction: sentences with some hanzi; long ones in pieces."""

    lexicons = False
    labels: tuple[str, ...] = ()

    def __init__(self, task: Correction, cleaning: Cleaning) -> None:
        self._task, self._cleaning = task, cleaning

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        return documents(source, number)

    def begin(self, corpus: Corpus) -> None:
        pass

    def of(self, document: Document) -> Iterator[tuple[str, int | None]]:
        longest = self._task.max_length
        for sentence in sentences(cleaned(document.text, self._cleaning)):
            for start in range(0, len(sentence), longest):
                piece = sentence[start : start + longest]
                if sum(map(is_hanzi, piece)) >= _FEWEST:
                    yield piece, None

    def syllables(self, _text: str) -> Sequence[int] | None:
        return ()

    def notes(self) -> list[str]:
        return []
