"""From a recipe's data section to a data set: found in the cache, or made and kept there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.data import cache
from studio.data.dataset import Dataset, SourceInfo, Split, SplitBuilder
from studio.data.errors import Cancelled, DataError
from studio.data.examples import Labeller, examples_of
from studio.data.fingerprint import fingerprint
from studio.data.lexicon import Lexicon
from studio.data.sources import Document, Origin, documents, entries, locate
from studio.data.splits import TEST, TRAIN, VALIDATION, assign
from studio.language.text import hanzi_only
from studio.recipe import BuiltinSource, Data

Progress = Callable[[str, int, int], None]

READING, CLEANING, LABELLING, WORDS, WRITING = "reading", "cleaning", "labelling", "words", "writing"
_POLL = 512


def silent(phase: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def prepare(
    data: Data,
    *,
    progress: Progress = silent,
    cancelled: Callable[[], bool] = lambda: False,
) -> Dataset:
    """The data set of a recipe, opened from the cache; prepared first if it is not there.

    Args:
        data: the recipe's data section.
        progress: called now and then with the phase, how much of it is done, and how much there is.
        cancelled: asked often; when true, the preparation ends and leaves nothing behind.

    Raises:
        DataError: what is wrong with the data or the disk, and what would be right.
        Cancelled: if `cancelled` said so.
    """
    origins = [locate(source) for source in data.sources]
    name = fingerprint(data, origins, cache.folder())
    found = cache.load(name)
    if found is not None:
        return found
    return cache.store(_Preparation(data, origins, progress, cancelled).run(name))


@dataclass(frozen=True)
class _Kept:
    """A distinct document: its content as hanzi alone, and where it stands."""

    document: Document
    key: str


class _Preparation:
    """One preparation from start to end; made for one call of `run`."""

    def __init__(
        self, data: Data, origins: list[Origin], progress: Progress, cancelled: Callable[[], bool]
    ) -> None:
        self._data = data
        self._origins = origins
        self._progress = progress
        self._cancelled = cancelled
        self._documents = [0] * len(origins)
        self._characters = [0] * len(origins)
        self._entries = [0] * len(origins)
        self._notes: list[str] = []

    def run(self, name: str) -> Dataset:
        kept = self._read()
        self._check(CLEANING, 0, len(kept))
        split_of = assign([item.key for item in kept], self._data.splits)
        train, validation, test = self._examples(kept, split_of)
        self._refuse_empty(train, validation, test, len(kept))
        lexicon = self._lexicon()
        self._check(WRITING, 0, 1)
        return Dataset(train, lexicon, validation, test, self._infos(), name, tuple(self._notes))

    def _check(self, phase: str, done: int, total: int) -> None:
        if self._cancelled():
            raise Cancelled
        self._progress(phase, done, total)

    def _read(self) -> list[_Kept]:
        kept: list[_Kept] = []
        seen: set[str] = set()
        for number, source in enumerate(self._data.sources):
            self._check(READING, number, len(self._data.sources))
            empty = repeated = 0
            for place, document in enumerate(documents(source, number)):
                if place % _POLL == 0:
                    self._check(READING, number, len(self._data.sources))
                key = hanzi_only(document.text)
                if not key:
                    empty += 1
                    continue
                if self._data.cleaning.deduplicate_documents:
                    if key in seen:
                        repeated += 1
                        continue
                    seen.add(key)
                kept.append(_Kept(document, key))
                self._documents[number] += 1
                self._characters[number] += len(key)
            self._note(number, empty, "without a single hanzi set aside")
            self._note(number, repeated, "that repeat an earlier one set aside")
            if self._origins[number].kind == "text" and not self._documents[number] and not repeated:
                raise DataError(
                    f"{self._origins[number].files[0]} holds no Chinese characters",
                    "choose a file with Chinese text, or name its encoding in the recipe",
                )
        return kept

    def _note(self, number: int, count: int, what: str) -> None:
        if count:
            documents = "document" if count == 1 else "documents"
            self._notes.append(f"{self._origins[number].name}: {count:,} {documents} {what}")

    def _examples(self, kept: list[_Kept], split_of: np.ndarray) -> tuple[Split, Split, Split]:
        """Train first, so that the others can leave out what it holds."""
        labeller = Labeller()
        seen: set[str] = set()
        built: list[Split] = []
        done = shared = 0
        for split in (TRAIN, VALIDATION, TEST):
            builder = SplitBuilder()
            for place in np.flatnonzero(split_of == split):
                if done % _POLL == 0:
                    self._check(LABELLING, done, len(kept))
                done += 1
                for run in examples_of(kept[place].document.text, self._data.cleaning):
                    if run in seen and split != TRAIN:
                        shared += 1
                        continue
                    labels = labeller(run)
                    if labels is not None:
                        builder.add(run, labels, kept[place].document.source)
                        seen.add(run)
            built.append(builder.build())
        if shared:
            self._notes.append(
                f"{shared:,} examples of the validation and test splits left out because they occur before"
            )
        for character, count in sorted(labeller.unreadable.items(), key=lambda item: -item[1])[:5]:
            self._notes.append(f"{count:,} examples with {character} left out: no reading is known for it")
        return built[0], built[1], built[2]

    def _refuse_empty(self, train: Split, validation: Split, test: Split, count: int) -> None:
        for name, split in (("training", train), ("validation", validation), ("test", test)):
            if not len(split):
                documents = "1 document" if count == 1 else f"{count:,} documents"
                raise DataError(
                    f"no example is left for the {name} split: the sources hold {documents}",
                    "add text, let a document be a line, or raise the share of the split",
                )

    def _lexicon(self) -> Split:
        lexicon = Lexicon()
        for number, source in enumerate(self._data.sources):
            if isinstance(source, BuiltinSource) and self._origins[number].kind == "lexicon":
                self._check(WORDS, 0, 1)
                lexicon.add(entries(source), number)
        builder = SplitBuilder()
        for number, characters in lexicon.build(builder, lambda done, total: self._check(WORDS, done, total)):
            self._entries[number] += 1
            self._characters[number] += characters
        if lexicon.dropped:
            self._notes.append(
                f"{lexicon.dropped:,} words of the lexicons set aside: no reading is known for them"
            )
        return builder.build()

    def _infos(self) -> tuple[SourceInfo, ...]:
        return tuple(
            SourceInfo(
                origin.name,
                origin.title,
                origin.licence,
                origin.kind,
                self._documents[number],
                self._characters[number],
                self._entries[number],
            )
            for number, origin in enumerate(self._origins)
        )
