"""A glance at what a recipe's data section makes of its sources, without preparing all of it."""

from __future__ import annotations

import contextlib
import heapq
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from studio import paths
from studio.data import cache
from studio.data.builtin import Entry
from studio.data.corpus import Corpus, read_corpus
from studio.data.errors import Cancelled
from studio.data.examples import examples_of
from studio.data.fingerprint import fingerprint
from studio.data.lexicon import LONGEST, OWN_LONGEST, is_usable
from studio.data.own_readings import OwnReadings
from studio.data.sources import Document, Documents, Origin, entries, locate
from studio.data.sources import documents as documents_of
from studio.data.splits import NAMES
from studio.language.pinyin import NoReadingError, read_word
from studio.language.syllables import SYLLABLES, normalise
from studio.recipe import Cleaning, Data, LexiconSource, Source
from studio.runs import atomic
from studio.runs.requests import PreviewRow, SourceSummary

# Of a long document only its beginning is shown.
_RAW = 240
_EXAMPLES = 24
# The most words of a lexicon that can be asked for.
_WORDS = 200
# Files up to this size, in bytes together, are kept in memory for the next preview.
_REMEMBERED = 64 << 20
_KEPT = 24

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Preview:
    """What `studio.runs.requests.DataPreviewed` shows.

    Attributes:
        sources: every source, counted in whole.
        rows: the first documents of each running text with their splits and examples; for each lexicon one
            row, of the split "lexicon", with its most frequent words.
        notes: complaints that do not stop a run.
    """

    sources: tuple[SourceSummary, ...]
    rows: tuple[PreviewRow, ...]
    notes: tuple[str, ...]


_stored = TypeAdapter(Preview)


def preview(data: Data, documents: int = 20, *, cancelled: Callable[[], bool] = lambda: False) -> Preview:
    """Look at the first documents of each source.

    Args:
        data: the recipe's data section.
        documents: rows for each running text, and words for each lexicon.
        cancelled: asked often; when true, the preview ends.

    Raises:
        DataError: what is wrong with the data, and what would be right.
        Cancelled: if `cancelled` said so.
    """

    origins = [locate(source) for source in data.sources]
    path = paths.cache_home() / "previews" / f"{fingerprint(data, origins, cache.folder())}-{documents}.json"
    known = _recall(path)
    if known is None:
        known = _look(data, origins, documents, cancelled)
        _remember(path, known)
    return known


def _look(data: Data, origins: list[Origin], documents: int, cancelled: Callable[[], bool]) -> Preview:
    def check(_: int) -> None:
        if cancelled():
            raise Cancelled

    corpus = read_corpus(data, origins, check, _load)
    rows: list[PreviewRow] = []
    sources: list[SourceSummary] = []
    for number, (source, origin) in enumerate(zip(data.sources, origins, strict=True)):
        check(number)
        words = _Words(0, 0, ())
        if origin.kind == "lexicon":
            words = _words(source, _stamp(source))
            corpus.notes += words.notes
            rows.append(_lexicon_row(origin.name, words.most_frequent[:documents]))
        else:
            rows.extend(_text_rows(corpus, number, origin.name, data.cleaning, documents))
        sources.append(
            SourceSummary(
                source=origin.name,
                title=origin.title,
                licence=origin.licence,
                documents=corpus.counts[number],
                characters=corpus.characters[number] + words.characters,
                entries=words.count,
            )
        )
    return Preview(tuple(sources), tuple(rows), tuple(corpus.notes))


def _recall(path: Path) -> Preview | None:
    try:
        return _stored.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def _remember(path: Path, shown: Preview) -> None:
    """Keep a preview for the next start; if it cannot be kept, it is made again."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(path, _stored.dump_json(shown))
        for old in sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-_KEPT]:
            old.unlink()


def _text_rows(corpus: Corpus, number: int, name: str, cleaning: Cleaning, count: int) -> list[PreviewRow]:
    rows: list[PreviewRow] = []
    own = OwnReadings(cleaning.readings)
    for document, split in zip(corpus.documents, corpus.split, strict=True):
        if document.source != number:
            continue
        if len(rows) == count:
            break
        shown = itertools.islice(examples_of(document.text, cleaning), _EXAMPLES)
        examples = tuple((run, _pinyin(run, own)) for run in shown)
        rows.append(PreviewRow(source=name, split=NAMES[split], raw=document.text[:_RAW], examples=examples))
    return rows


def _pinyin(run: str, own: OwnReadings) -> str:
    try:
        return " ".join(SYLLABLES[number] for number in own.syllables(run))
    except NoReadingError as error:
        return f"({error})"


def _lexicon_row(name: str, words: tuple[Entry, ...]) -> PreviewRow:
    examples = []
    for entry in words:
        try:
            if entry.reading:
                reading = " ".join(normalise(syllable) for syllable in entry.reading)
            else:
                reading = " ".join(SYLLABLES[number] for number in read_word(entry.word))
        except ValueError as error:
            reading = f"({error})"
        examples.append((entry.word, reading))
    return PreviewRow(
        source=name, split="lexicon", raw=" ".join(entry.word for entry in words), examples=tuple(examples)
    )


def _load(source: Source, number: int) -> Iterable[Document]:
    stamp = _stamp(source)
    if sum(size for _, size, _ in stamp) > _REMEMBERED:
        return documents_of(source, number)
    known, notes = _documents(source, stamp)
    return Documents((replace(document, source=number) for document in known), list(notes))


@lru_cache(maxsize=4)
def _documents(source: Source, stamp: Stamp) -> tuple[tuple[Document, ...], tuple[str, ...]]:  # noqa: ARG001 - the stamp is for the cache
    found = documents_of(source, 0)
    return tuple(found), tuple(found.notes)


@dataclass(frozen=True)
class _Words:
    count: int
    characters: int
    most_frequent: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=4)
def _words(source: Source, stamp: Stamp) -> _Words:  # noqa: ARG001 - the stamp is for the cache
    notes: list[str] = []
    longest = OWN_LONGEST if isinstance(source, LexiconSource) else LONGEST
    usable = [entry for entry in entries(source, notes) if is_usable(entry, longest)]
    most = heapq.nlargest(_WORDS, usable, key=lambda entry: entry.count)
    return _Words(len(usable), sum(len(entry.word) for entry in usable), tuple(most), tuple(notes))


def _stamp(source: Source) -> Stamp:
    """Changes when one of the source's files does."""
    stamps = []
    for path in locate(source).files:
        try:
            state = path.stat()
            stamps.append((str(path), state.st_size, state.st_mtime_ns))
        except (OSError, ValueError):  # reading it will say what is wrong
            stamps.append((str(path), -1, -1))
    return tuple(stamps)
