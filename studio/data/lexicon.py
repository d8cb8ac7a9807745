"""Word lists made comparable, merged, and labelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from studio.data.builtin import Entry
from studio.data.dataset import SplitBuilder
from studio.language.pinyin import NoReadingError, label
from studio.language.syllables import INDEX, normalise
from studio.language.text import hanzi_runs

_LONGEST = 8
_PER = 1e6


@dataclass
class _Word:
    source: int
    weight: float


class Lexicon:
    """Words of several lists; the same word with the same reading is one entry, its weights summed.

    A list's counts are first made counts per million of that list, because one counts words, another
    gives frequencies. A word that a list has without a reading gets those which other lists give it.
    """

    def __init__(self) -> None:
        self._words: dict[tuple[str, tuple[int, ...]], _Word] = {}
        self._unread: list[tuple[str, int, float]] = []
        self._readings: dict[str, list[tuple[int, ...]]] = {}
        self.dropped = 0

    def add(self, entries: Iterable[Entry], source: int) -> None:
        """Take in one list. Words of other than 1 to 8 hanzi are passed over; single ones need a reading."""
        usable = [entry for entry in entries if hanzi_runs(entry.word) == [entry.word]]
        total = sum(entry.count for entry in usable) or 1.0
        smallest = min((entry.count for entry in usable if entry.count > 0), default=1.0)
        for entry in usable:
            # A count of zero says "rare": half of the least count there is.
            weight = _PER * (entry.count or smallest / 2) / total
            if len(entry.word) > _LONGEST or (len(entry.word) == 1 and not entry.reading):
                continue
            if not entry.reading:
                self._unread.append((entry.word, source, weight))
            elif (reading := self._reading(entry)) is not None:
                self._merge(entry.word, reading, source, weight)
                self._readings.setdefault(entry.word, []).append(reading)

    def _reading(self, entry: Entry) -> tuple[int, ...] | None:
        try:
            reading = tuple(INDEX[normalise(syllable)] for syllable in entry.reading)
        except ValueError:
            reading = ()
        if len(reading) == len(entry.word):
            return reading
        self.dropped += 1
        return None

    def _merge(self, word: str, reading: tuple[int, ...], source: int, weight: float) -> None:
        known = self._words.get((word, reading))
        if known is None:
            self._words[word, reading] = _Word(source, weight)
        else:
            known.weight += weight
            known.source = min(known.source, source)

    def build(self, into: SplitBuilder, check: Callable[[int, int], None]) -> Iterator[tuple[int, int]]:
        """Add every entry to a split.

        Args:
            into: gets the entries, in order of source.
            check: called now and then with words done and words in all; may raise to call it off.

        Yields:
            source and characters of each entry added.
        """
        for done, (word, source, weight) in enumerate(self._unread):
            if done % 4096 == 0:
                check(done, len(self._unread))
            for reading, share in self._shares(word):
                self._merge(word, reading, source, weight * share)
        self._unread.clear()
        for (word, reading), entry in sorted(self._words.items(), key=lambda item: item[1].source):
            into.add(word, np.array(reading, np.uint16), entry.source, entry.weight)
            yield entry.source, len(word)

    def _shares(self, word: str) -> Iterator[tuple[tuple[int, ...], float]]:
        known = self._readings.get(word)
        if known:
            weights = [self._words[word, reading].weight for reading in dict.fromkeys(known)]
            total = sum(weights)
            yield from (
                (reading, own / total) for reading, own in zip(dict.fromkeys(known), weights, strict=True)
            )
            return
        try:
            yield tuple(label(word)), 1.0
        except NoReadingError:
            self.dropped += 1
