"""The documents of a recipe as they are examined: with their places, and also where a file cannot be decoded."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.data.cutting import cut
from studio.data.doctor.record import Record
from studio.data.doctor.tally import EXAMPLES
from studio.data.errors import DataError
from studio.data.reading import AUTO, TextFile, beginning, fits, misfits
from studio.data.sources import Document, locate, title_of
from studio.language.text import is_hanzi
from studio.recipe import FileSource, Source
from studio.runs.doctor_requests import Evidence, Finding, Fix

_GUESSES = ("utf-16-le", "utf-16-be", "big5", "gb18030")
_PROBE = 1 << 16
_MARK = "\ufffd"
_AROUND, _BEGINNING = 24, 48  # characters shown around a mark, and of a file without one
_CONTROLS = 0.02  # share of control characters, NUL among them, that a text has at most, damaged as it may be
_CHINESE = 0.5  # share of what is no ASCII that has to be hanzi or Chinese marks


@dataclass
class Opened:
    """A source that can be gone through once.

    Attributes:
        name: for people.
        encoding: as it was named or recognised; empty where that is not known.
        trouble: what kept it from being decoded, if anything did.
    """

    name: str
    encoding: str
    records: Iterator[Record]
    trouble: Finding | None = None


def opened(source: Source, number: int, load: Callable[[Source, int], Iterable[Document]]) -> Opened:
    """The records of a source.

    Args:
        number: its place in the recipe.
        load: gives its documents.

    Raises:
        DataError: if it cannot be read at all.
    """
    name = locate(source).name
    if not isinstance(source, FileSource):
        return Opened(name, "", _records(load(source, number), name, source))
    path = Path(source.path).expanduser()
    try:
        TextFile(path, source.encoding)
    except DataError as error:
        head = beginning(path, _PROBE)
        if not head.strip() or _is_binary(head):
            raise
        file = TextFile.marked(path, _likeliest(path, source.encoding))
        trouble = _lost(file, number, name, str(error))
        found = (
            Document(f"{name}/{place}", text, number, line=line)
            for place, (line, text) in enumerate(cut(file.lines, source.document))
        )
        return Opened(name, file.codec, _records(found, name, source), trouble)
    return Opened(name, source.encoding, _records(load(source, number), name, source))


def _records(documents: Iterable[Document], name: str, source: Source) -> Iterator[Record]:
    """Documents with their places."""
    for place, document in enumerate(documents):
        yield Record(
            id=document.id,
            text=document.text,
            source=document.source,
            name=name,
            place=place,
            line=document.line,
            label=document.label,
            pinyin=document.pinyin,
            group=document.group,
            date=document.date,
            split=document.split,
            file=document.file,
            title=title_of(source, document),
            in_lines=isinstance(source, FileSource),
        )


def _lost(file: TextFile, number: int, name: str, reason: str) -> Finding:
    """What is to be said of a file that holds something that fits no character, or is in another encoding."""
    examples: list[Evidence] = []
    count = 0
    head = ""
    for row, line in enumerate(file.lines(), 1):
        if row == 1:
            head = line[:_BEGINNING]
        count += line.count(_MARK) + line.count("\0")
        start = _next_lost(line, 0)
        while start >= 0 and len(examples) < EXAMPLES:
            first = max(0, start - _AROUND)
            examples.append(
                Evidence(
                    source=name,
                    document=0,
                    line=row,
                    excerpt=line[first : start + _AROUND].replace("\0", "▯"),
                    start=start - first,
                    end=start - first + 1,
                )
            )
            start = _next_lost(line, start + 1)
    fix = None
    if not count:
        fix = Fix(fields={f"data.sources.{number}.encoding": file.codec})
        examples = [Evidence(source=name, document=0, line=1, excerpt=head, note=reason)]
    return Finding(
        id="undecodable",
        severity="error",
        count=max(1, count),
        documents=1,
        examples=tuple(examples),
        fix=fix,
    )


def _next_lost(line: str, start: int) -> int:
    """Where a character stands that is none, -1 if there is none any more."""
    found = [place for mark in (_MARK, "\0") if (place := line.find(mark, start)) >= 0]
    return min(found, default=-1)


def _likeliest(path: Path, named: str) -> str:
    """An encoding that all of the bytes fit and that makes Chinese of them; else the one with the fewest misfits."""
    head = beginning(path, _PROBE)
    for encoding in ("utf-8", *_GUESSES):
        # The beginning may end within a character.
        if _is_chinese(head.decode(encoding, "ignore")) and fits(path, encoding):
            return encoding
    tried = ["utf-8", "gb18030"]
    if named.strip().lower() != AUTO:
        try:
            tried.insert(0, codecs.lookup(named).name)
            b"".decode(named)
        except (LookupError, ValueError):
            tried = tried[-2:]
    return min(tried, key=lambda encoding: misfits(path, encoding))


def _is_chinese(text: str) -> bool:
    other = [ch for ch in text if not ch.isascii()]
    usual = sum(is_hanzi(ch) or "\u3000" <= ch <= "\u303f" or "\uff00" <= ch <= "\uffef" for ch in other)
    controls = sum(ch < " " and not ch.isspace() for ch in text)
    return bool(other) and controls <= _CONTROLS * len(text) and usual >= _CHINESE * len(other)


def _is_binary(head: bytes) -> bool:
    return not any(_is_chinese(head.decode(encoding, "ignore")) for encoding in ("utf-8", *_GUESSES))
