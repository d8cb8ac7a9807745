"""Where an example came from: the line of its source that it stands in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.data.errors import DataError
from studio.data.examples import examples_of
from studio.data.items import Items, PinyinItems, items_for
from studio.data.paired import PairItems
from studio.data.sources import Document, entries, locate, title_of
from studio.data.steps.pipeline import Pipeline
from studio.language.text import hanzi_only
from studio.recipe import Data, FileSource, Source, TableSource, Task

_POLL = 512
_BEGINNING = 40  # hanzi that tell texts apart
_AROUND = 120  # characters shown on both sides of an example in a long line


@dataclass(frozen=True)
class Place:
    """A line of a source. Attributes as of `studio.runs.batch_requests.ExampleFound`."""

    source: str
    path: str
    line: int
    document: int
    text: str
    start: int
    end: int


def find_example(
    data: Data, number: int, text: str, check: Callable[[], None] = lambda: None, task: Task | None = None
) -> Place:
    """The first place where an example stands.

    Args:
        data: the recipe's section.
        number: the source's place in it.
        text: of the example.
        check: called often; may raise to break off.
        task: what examples are made for; of pinyin, if none is given.

    Raises:
        DataError: if the source cannot be read, or holds the example no longer.
    """
    if not 0 <= number < len(data.sources):
        raise DataError(f"the recipe has no source {number + 1}", "choose the row again")
    source = data.sources[number]
    origin = locate(source)
    path = str(origin.files[0]) if origin.files else ""
    if origin.kind == "lexicon":
        for place, entry in enumerate(entries(source)):
            if place % _POLL == 0:
                check()
            if entry.word == text:
                line = f"{entry.word}  {' '.join(entry.reading or ())}  {entry.count:g}"
                return Place(origin.name, path, 0, place, line, 0, len(text))
    items = items_for(task, data.cleaning)
    read = _Latest(items.documents(source, number))
    for seen, document in enumerate(Pipeline(data.steps).run(read)):
        if seen % _POLL == 0:
            check()
        if text in document.text or _makes(document, text, data, items):
            # Where a step changed a document, its lines are no longer those of the file.
            untouched = document is read.latest or _stands(
                document, read.latest, source, number, items, check
            )
            before = document.line if untouched else 0
            row, line = _line(document.text, text)
            place = int(document.id.rpartition("/")[2])
            if isinstance(source, FileSource):  # the lines of a cell need not be lines of its file
                before += row if before else 0
            title = title_of(source, document) or origin.name
            return Place(title, _path(source, document) or path, before, place, *_around(line, text))
    raise DataError(f"{origin.name} holds {text} no longer", "look for it in the rows")


def _path(source: Source, document: Document) -> str:
    """The file of a folder that a document stands in."""
    folder = Path(source.path).expanduser() if isinstance(source, TableSource) else None
    return str(folder / document.file.split("!")[0]) if folder and folder.is_dir() and document.file else ""


class _Latest(Iterator[Document]):
    """Documents, of which the one given last is remembered."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = iter(documents)
        self.latest: Document | None = None

    def __next__(self) -> Document:
        self.latest = next(self._documents)
        return self.latest


def _stands(
    document: Document,
    latest: Document | None,
    source: Source,
    number: int,
    items: Items,
    check: Callable[[], None],
) -> bool:
    """Whether a document that came out of steps later than it was read is still what stands in its source."""
    if latest is not None and latest.id == document.id:
        return False
    for seen, one in enumerate(items.documents(source, number)):
        if seen % _POLL == 0:
            check()
        if one.id == document.id:
            return one.text == document.text
    return False


def _makes(document: Document, text: str, data: Data, items: Items) -> bool:
    """Whether an example is among those of a document where it does not stand in one piece."""
    if isinstance(items, PairItems):
        return any(read == text for read, _ in items.pairs(document))
    # A run of hanzi stays one when everything else is left out.
    if not isinstance(items, PinyinItems):
        beginning = hanzi_only(text)[:_BEGINNING]
        return bool(beginning) and beginning in hanzi_only(document.text)
    return text in hanzi_only(document.text) and text in examples_of(document.text, data.cleaning)


def _line(document: str, text: str) -> tuple[int, str]:
    """The line of a document that holds a text, and its number from 0."""
    lines = document.split("\n")
    for holds in (lambda line: text in line, lambda line: text in hanzi_only(line)):
        for row, line in enumerate(lines):
            if holds(line):
                return row, line
    return 0, document


def _around(line: str, text: str) -> tuple[str, int, int]:
    start = line.find(text)
    if start < 0:
        return line[: 4 * _AROUND], 0, 0
    left, right = max(0, start - _AROUND), start + len(text) + _AROUND
    before = "…" if left else ""
    shown = before + line[left:right] + ("…" if right < len(line) else "")
    return shown, start - left + len(before), start - left + len(before) + len(text)
