"""Word lists made comparable, merged, and labelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from studio.data.builtin import Entry
from studio.data.dataset import SplitBuilder
from studio.language.pinyin import NoReadingError, read_word
from studio.language.syllables import INDEX, normalise
from studio.language.text import all_hanzi

LONGEST = 8
OWN_LONGEST = 24
"""Characters of a word of the user's own lists, which hold terms rather than phrases."""
_PER = 1e6
_USUAL_WORDS = 10_000  # a shorter list of the user's has as much less weight in all
_POLL = 4096

Reading = tuple[int, ...]


@dataclass(slots=True)
class _Word:
    source: int
    weight: float


class Lexicon:
    """Words of several lists; the same word with the same reading is one entry, its weights summed.

    A list's counts are first made counts per million of that list, because one counts words, another
    gives frequencies. A word that a list has without a reading gets those which other lists give it.
    """

    def __init__(self, check: Callable[[int, int], None]) -> None:
        """`check` is called now and then with words done and words in all; it may raise to call it off."""
        self._check = check
        self._words: dict[tuple[str, Reading], _Word] = {}
        self._unread: list[tuple[str, int, float]] = []
        self._readings: dict[str, list[Reading]] = {}
        self.dropped = 0

    def add(self, entries: Iterable[Entry], source: int, own: float | None = None) -> tuple[int, int]:
        """Take in one list.

        Args:
            own: the weight that the user gives a list of theirs: a few terms then do not count as much as all words of
                a dictionary together.

        Returns:
            how many words of it are of use, and how many characters those have.
        """
        usable = [entry for entry in entries if is_usable(entry, LONGEST if own is None else OWN_LONGEST)]
        if own is not None and not any(entry.count for entry in usable):
            usable = [replace(entry, count=1.0) for entry in usable]
        scale = 1.0 if own is None else own * min(1.0, len(usable) / _USUAL_WORDS)
        total = sum(entry.count for entry in usable) or 1.0
        smallest = min((entry.count for entry in usable if entry.count > 0), default=1.0)
        characters = 0
        for done, entry in enumerate(usable):
            if done % _POLL == 0:
                self._check(done, len(usable))
            characters += len(entry.word)
            # A count of zero says "rare": half of the least count there is.
            weight = scale * _PER * (entry.count or smallest / 2) / total
            if not entry.reading:
                self._unread.append((entry.word, source, weight))
                continue
            reading = _numbers(entry)
            if reading is None:
                self.dropped += 1
                continue
            self._merge(entry.word, reading, source, weight)
            known = self._readings.setdefault(entry.word, [])
            if reading not in known:
                known.append(reading)
        return len(usable), characters

    def build(self, into: SplitBuilder) -> None:
        """Add every entry to a split, ordered by source."""
        for done, (word, source, weight) in enumerate(self._unread):
            if done % _POLL == 0:
                self._check(done, len(self._unread))
            for reading, share in self._shares(word):
                self._merge(word, reading, source, weight * share)
        self._unread.clear()
        by_source: list[list[tuple[str, Reading, float]]] = [[] for _ in range(256)]
        for (word, reading), entry in self._words.items():
            by_source[entry.source].append((word, reading, entry.weight))
        for source, words in enumerate(by_source):
            for word, reading, weight in words:
                into.add(word, reading, source, weight)

    def _merge(self, word: str, reading: Reading, source: int, weight: float) -> None:
        known = self._words.get((word, reading))
        if known is None:
            self._words[word, reading] = _Word(source, weight)
        else:
            known.weight += weight
            known.source = min(known.source, source)

    def _shares(self, word: str) -> Iterator[tuple[Reading, float]]:
        """The readings of a word that came without one, and how its weight is divided among them."""
        known = self._readings.get(word)
        if known is not None:
            weights = [self._words[word, reading].weight for reading in known]
            total = sum(weights)
            yield from ((reading, own / total) for reading, own in zip(known, weights, strict=True))
            return
        try:
            yield read_word(word), 1.0
        except NoReadingError:
            self.dropped += 1


def is_usable(entry: Entry, longest: int = LONGEST) -> bool:
    """Whether an entry is a word of 2 hanzi and more, or a single one with its reading."""
    length = len(entry.word)
    return (2 if not entry.reading else 1) <= length <= longest and all_hanzi(entry.word)


@cache
def _number(syllable: str) -> int:
    return INDEX[normalise(syllable)]


def _numbers(entry: Entry) -> Reading | None:
    if len(entry.reading) != len(entry.word):
        return None
    try:
        return tuple(_number(syllable) for syllable in entry.reading)
    except ValueError:
        return None
