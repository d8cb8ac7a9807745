"""Running text with something said of each character: sentences with their marks, each character with a number."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence

from studio.data.corpus import Corpus
from studio.data.sources import Document, documents
from studio.language.text import clean
from studio.recipe import Cleaning, Source

NOTHING = 0xFFFF
"""The number of a character of which nothing is said."""

_SENTENCE = re.compile(r"[^。！？!?…\n]*(?:[。！？!?…]+[”’」』）)》\"']*|\n|$)")
_PAUSE = re.compile(r"[，,；;：:、]")


class TaggedItems:
    """The examples of a task that says something of each character. `tag_names` are what the numbers stand for."""

    lexicons = False
    labels: tuple[str, ...] = ()
    tag_names: tuple[str, ...] = ()

    def __init__(self, cleaning: Cleaning) -> None:
        self._cleaning = cleaning

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        """The documents of a source.

        Raises:
            DataError: if it cannot be read, or has not what the task needs.
        """
        return documents(source, number)

    def begin(self, corpus: Corpus) -> None:
        """Look at all documents before the first one is asked for."""

    def tagged(self, document: Document) -> Iterator[tuple[str, Sequence[int]]]:
        """The examples of a document in order, each with a number a character."""
        raise NotImplementedError

    def of(self, document: Document) -> Iterator[tuple[str, int | None]]:
        """The examples of a document in order, without their numbers."""
        for text, _ in self.tagged(document):
            yield text, None

    def syllables(self, _text: str) -> Sequence[int] | None:
        """No example needs any."""
        return ()

    def word_tags(self, words: Iterable[tuple[str, Sequence[int]]]) -> array[int]:
        """The numbers of a lexicon's words end to end, each given with its syllables."""
        raise NotImplementedError

    def notes(self) -> list[str]:
        """What was set aside and why, once all examples were made."""
        return []


def cleaned(text: str, cleaning: Cleaning) -> str:
    """A text without markup, controls and empty lines."""
    made = clean(text, simplify_widths=cleaning.simplify_widths, strip_markup=cleaning.strip_markup)
    return "\n".join(line for line in made.split("\n") if line)


def cut(text: str, most: int) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end; together they are all of it.

    One that is longer than `most` characters is cut behind its last comma or the like that leaves no more, or there.
    """
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        while end - start > most:
            pauses = [pause.end() for pause in _PAUSE.finditer(text, start + 1, start + most)]
            stop = pauses[-1] if pauses else start + most
            yield start, stop
            start = stop
        if end > start:
            yield start, end
