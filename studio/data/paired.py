"""Pairs of texts: what is read and what is to be written for it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from studio.data.corpus import Corpus
from studio.data.errors import DataError
from studio.data.labelled import cleaned
from studio.data.reading import TextFile
from studio.data.readings import ReadItems
from studio.data.sources import Document, documents, locate, sampled
from studio.data.tagged import NOTHING
from studio.language.syllables import SYLLABLES
from studio.language.text import hanzi_only
from studio.language.tones import TONES, marks
from studio.recipe import Cleaning, FileSource, Source
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.tagging import HanziToPinyin


@dataclasses.dataclass(frozen=True)
class PairedDocument(Document):
    """A text that is never divided, and what is to be written for it; either may be the one in Chinese."""

    @property
    def hanzi(self) -> str:
        return hanzi_only(self.text) or hanzi_only(self.target)

    @property
    def key(self) -> str:
        return f"{self.hanzi}\0{' '.join(self.target.split())}"


class PairItems:
    """The examples of a sequence-to-sequence task: what is read, each with what is to be written."""

    lexicons = False
    labels: tuple[str, ...] = ()

    def __init__(self, task: SequenceToSequence, cleaning: Cleaning) -> None:
        self._task, self._cleaning = task, cleaning
        self._reader = ReadItems(HanziToPinyin(max_length=max(8, task.max_length)), cleaning)
        self._alone: Counter[str] = Counter()
        self._notes: list[str] = []
        self._long = 0

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        if not self._task.pairs:
            return documents(source, number)
        return self._paired(source, number)

    def _paired(self, source: Source, number: int) -> Iterator[Document]:
        name, found = locate(source).name, False
        read = (
            _of_lines(source, number) if isinstance(source, FileSource) else iter(documents(source, number))
        )
        for document in read:
            if document.text.strip() and document.target.strip():
                found = True
                yield PairedDocument(**{field.name: getattr(document, field.name) for field in _FIELDS})
            else:
                self._alone[name] += 1
        self._notes += getattr(read, "notes", [])
        if not found:
            raise DataError(
                f"{name} has no target texts, which {self._task.name} learns",
                "give a table with two columns of text (name them: text = [...], target = ...), a file of "
                "text<TAB>target lines, or set task.direction to text_to_pinyin",
            )

    def begin(self, corpus: Corpus) -> None:
        pass

    def pairs(self, document: Document) -> Iterator[tuple[str, str]]:
        """The examples of a document in order."""
        for read, written in self._made(document):
            if len(read) > self._task.max_length or len(written) > self._task.max_target:
                self._long += 1
            elif read and written:
                yield read, written

    def of(self, document: Document) -> Iterator[tuple[str, int | None]]:
        for read, _ in self.pairs(document):
            yield read, None

    def syllables(self, _text: str) -> Sequence[int] | None:
        return ()

    def notes(self) -> list[str]:
        made = [*self._notes]
        made += [
            f"{name}: {count:,} {'text' if count == 1 else 'texts'} without a target set aside"
            for name, count in self._alone.items()
        ]
        if self._long:
            pairs = "pair" if self._long == 1 else "pairs"
            made.append(
                f"{self._long:,} {pairs} left out: a text has more than {self._task.max_length:,} characters, or "
                f"a target more than {self._task.max_target:,}"
            )
        return made + self._reader.notes()

    def _made(self, document: Document) -> Iterator[tuple[str, str]]:
        direction = self._task.direction
        if self._task.pairs:
            pair = cleaned(document.text, self._cleaning), cleaned(document.target, self._cleaning)
            yield pair if direction == "text_to_target" else (pair[1], pair[0])
            return
        for sentence, numbers in self._reader.tagged(document):
            letters = spelt(sentence, numbers, tones=self._task.tones)
            yield (sentence, letters) if direction == "text_to_pinyin" else (letters, sentence)


_FIELDS = dataclasses.fields(Document)


def spelt(text: str, numbers: Sequence[int], *, tones: bool) -> str:
    """A text in letters: a syllable for each hanzi, with blanks between words, all else as it stands.

    Args:
        numbers: of toned syllables, one a character; `NOTHING` for what is not spelt.
    """
    line = ""
    spoken = False
    for character, number in zip(text, numbers, strict=True):
        if number == NOTHING:
            line += (" " if spoken and character.isalnum() else "") + character
            spoken = False
            continue
        blank = " " if spoken or line[-1:].isalnum() else ""
        line += blank + (marks(number) if tones else SYLLABLES[number // TONES])
        spoken = True
    return " ".join(line.split())


def parted(line: str) -> tuple[str, str]:
    """The text and the target of a `text<TAB>target` line; empty ones where there is no such pair."""
    text, tab, target = line.partition("\t")
    text, target = text.strip(), target.partition("\t")[0].strip()
    return (text, target) if tab and text and target else ("", "")


def _of_lines(source: FileSource, number: int) -> Iterator[Document]:
    origin = locate(source)
    file = TextFile(origin.files[0], source.encoding)

    def lines() -> Iterator[tuple[int, str]]:
        # At form feeds and the like, too.
        return enumerate((piece for line in file.lines() for piece in f"{line}\n".splitlines()), 1)

    for row, line in sampled(lines, source.most):
        if line.strip():
            text, target = parted(line)
            yield Document(f"{origin.name}/{row - 1}", text, number, line=row, target=target)
