"""The documents of a recipe as they are examined: with their places, and also where a file cannot be decoded."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.data.doctor.record import Record
from studio.data.doctor.tally import EXAMPLES
from studio.data.errors import DataError
from studio.data.reading import AUTO, read_bytes, read_text
from studio.data.sources import Document, file_documents, locate
from studio.language.text import is_hanzi
from studio.recipe import FileSource, Source
from studio.runs.doctor_requests import Evidence, Finding, Fix

_GUESSES = ("utf-16-le", "utf-16-be", "big5", "gb18030")
_PROBE = 1 << 16
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
        return Opened(name, "", _records(load(source, number), name, None))
    path = Path(source.path).expanduser()
    try:
        text = read_text(path, source.encoding)
    except DataError as error:
        raw = read_bytes(path)
        if not raw.strip() or _is_binary(raw):
            raise
        text, encoding, trouble = _decoded_anyway(source, number, raw, name, str(error))
        texts = file_documents(text, source.document)
        found = (Document(f"{name}/{place}", text, number) for place, text in enumerate(texts))
        return Opened(name, encoding, _records(found, name, text), trouble)
    return Opened(name, source.encoding, _records(load(source, number), name, text))


def _records(documents: Iterable[Document], name: str, text: str | None) -> Iterator[Record]:
    """Documents with their places; of a file's, which stand in its text in order, with the line each begins in."""
    line, reached = 1, 0
    for place, document in enumerate(documents):
        if text is not None:
            start = text.find(document.text, reached)
            if start >= 0:
                line += text.count("\n", reached, start)
                reached = start
        yield Record(
            id=document.id,
            text=document.text,
            source=document.source,
            name=name,
            place=place,
            line=line,
            label=document.label,
            pinyin=document.pinyin,
            group=document.group,
            date=document.date,
            split=document.split,
            file=document.file,
        )


def _decoded_anyway(
    source: FileSource, number: int, raw: bytes, name: str, reason: str
) -> tuple[str, str, Finding]:
    """A file's text with replacement marks for what fits no character, and what is to be said of that."""
    encoding = _likeliest(raw, source.encoding)
    text = raw.decode(encoding, "replace")
    examples: list[Evidence] = []
    start = text.find("\ufffd")
    while start >= 0 and len(examples) < EXAMPLES:
        first = max(0, start - 24, text.rfind("\n", 0, start) + 1)
        shown = text[first : start + 24].partition("\n")[0]
        line = text.count("\n", 0, start) + 1
        examples.append(
            Evidence(
                source=name, document=0, line=line, excerpt=shown, start=start - first, end=start - first + 1
            )
        )
        start = text.find("\ufffd", start + 1)
    count = text.count("\ufffd")
    fix = None
    if not count:
        fix = Fix(fields={f"data.sources.{number}.encoding": encoding})
        examples = [
            Evidence(source=name, document=0, line=1, excerpt=text[:48].partition("\n")[0], note=reason)
        ]
    trouble = Finding(
        id="undecodable",
        severity="error",
        count=max(1, count),
        documents=1,
        examples=tuple(examples),
        fix=fix,
    )
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding, trouble


def _likeliest(raw: bytes, named: str) -> str:
    """An encoding that all of the bytes fit and that makes Chinese of them; else the one with the fewest misfits."""
    for encoding in ("utf-8", *_GUESSES):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_chinese(text[:_PROBE]):
            return encoding
    tried = ["utf-8", "gb18030"]
    if named.strip().lower() != AUTO:
        try:
            tried.insert(0, codecs.lookup(named).name)
            b"".decode(named)
        except (LookupError, ValueError):
            tried = tried[-2:]
    return min(tried, key=lambda encoding: raw.decode(encoding, "replace").count("\ufffd"))


def _is_chinese(text: str) -> bool:
    other = [ch for ch in text if not ch.isascii()]
    usual = sum(is_hanzi(ch) or "\u3000" <= ch <= "\u303f" or "\uff00" <= ch <= "\uffef" for ch in other)
    return bool(other) and "\0" not in text and usual >= _CHINESE * len(other)


def _is_binary(raw: bytes) -> bool:
    probe = raw[:_PROBE]
    return not any(_is_chinese(probe.decode(encoding, "ignore")) for encoding in ("utf-8", *_GUESSES))
