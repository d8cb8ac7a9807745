"""What the examples of a task are: which documents it reads, and what it makes of each.

How documents are read once, put into splits and kept is the same for all tasks: see `studio.data.prepare`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from studio.data.corpus import Corpus
from studio.data.examples import Labeller, examples_of
from studio.data.labelled import LabelledItems
from studio.data.paired import PairItems
from studio.data.readings import ReadItems
from studio.data.running import RunningItems
from studio.data.single_sentences import SentenceItems
from studio.data.sources import Document, documents
from studio.data.spans import SpanItems
from studio.recipe import Cleaning, Source, Task
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.tagging import HanziToPinyin, SequenceLabelling
from studio.recipe.task import Correction, LanguageModel, MaskedLanguageModel, TextClassification

_NAMED = 5  # characters named in the notes


class Items(Protocol):
    """The examples of a task, document by document.

    Attributes:
        lexicons: words of lexicons are among them.
        labels: the labels by number, once `begin` was called; empty for a task that has none.
    """

    lexicons: bool
    labels: tuple[str, ...]

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        """The documents of a source.

        Raises:
            DataError: if it cannot be read, or has not what the task needs.
        """
        ...

    def begin(self, corpus: Corpus) -> None:
        """Look at all documents before the first one is asked for."""
        ...

    def of(self, document: Document) -> Iterator[tuple[str, int | None]]:
        """The examples of a document in order, each with its label if the task has labels."""
        ...

    def syllables(self, text: str, /) -> Sequence[int] | None:
        """The syllables of an example, none for a task without; None if it has to be left out."""
        ...

    def notes(self) -> list[str]:
        """What was set aside and why, once all examples were made."""
        ...


def items_for(task: Task | None, cleaning: Cleaning) -> Items:
    """The examples of a task; of pinyin, if none is given."""
    if isinstance(task, TextClassification):
        return LabelledItems(task, cleaning)
    if isinstance(task, LanguageModel | MaskedLanguageModel):
        return RunningItems(task, cleaning)
    if isinstance(task, Correction):
        return SentenceItems(task, cleaning)
    if isinstance(task, HanziToPinyin):
        return ReadItems(task, cleaning)
    if isinstance(task, SequenceLabelling):
        return SpanItems(task, cleaning)
    if isinstance(task, SequenceToSequence):
        return PairItems(task, cleaning)
    return PinyinItems(cleaning)


class PinyinItems:
    """Runs of hanzi with the syllable of each."""

    lexicons = True
    labels: tuple[str, ...] = ()

    def __init__(self, cleaning: Cleaning) -> None:
        self._cleaning = cleaning
        self._labeller = Labeller(cleaning.readings)
        self.strange: dict[str, str] = {}
        """Runs that others could not read, and the character in each that has no reading."""
        self.unfit = 0
        """Documents whose given reading does not fit their text."""

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        return documents(source, number)

    def begin(self, corpus: Corpus) -> None:
        pass

    def of(self, document: Document) -> Iterator[tuple[str, int | None]]:
        for run in examples_of(document.text, self._cleaning):
            yield run, None

    def syllables(self, text: str, /) -> Sequence[int] | None:
        return self._labeller(text)

    def notes(self) -> list[str]:
        counted = Counter([*self._labeller.strange.values(), *self.strange.values()])
        unfit = (
            [f"{self.unfit:,} given readings do not fit their texts; those were read anew"]
            if self.unfit
            else []
        )
        return unfit + [
            f"{count:,} examples with {character} left out: no reading is known for it"
            for character, count in counted.most_common(_NAMED)
        ]
