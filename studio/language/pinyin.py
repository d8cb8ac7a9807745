"""Hanzi to toneless syllables: readings by pypinyin, chosen by the phrase a character stands in.

pypinyin cuts a run into the longest phrases of its dictionary from left to right and reads each phrase as a
whole. The same cutting is done here on its dictionaries, with every phrase's reading kept as numbers: the
result is the same (a test compares them), at several times the speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from studio.language.syllables import INDEX, normalise


class NoReadingError(ValueError):
    """A character whose reading is not known; `character` is the one."""

    def __init__(self, character: str) -> None:
        self.character = character
        super().__init__(f"no reading is known for {character!r} (U+{ord(character):04X})")


class _Tables:
    """pypinyin's dictionaries, as numbers. Loading takes about 0.4 s and 40 MB."""

    def __init__(self) -> None:
        from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

        self.characters: Mapping[int, str] = PINYIN_DICT
        self.phrases: Mapping[str, list[list[str]]] = PHRASES_DICT
        self.prefixes = {phrase[:end] for phrase in PHRASES_DICT for end in range(2, len(phrase) + 1)}
        self._read: dict[str, tuple[int, ...]] = {}

    def read(self, phrase: str) -> tuple[int, ...]:
        """The syllables of a phrase of the dictionary or of a single character."""
        known = self._read.get(phrase)
        if known is None:
            entry = self.phrases.get(phrase)
            if entry is not None and len(entry) == len(phrase):
                known = tuple(_number(place[0]) for place in entry)
            else:
                known = tuple(readings(character)[0] for character in phrase)
            self._read[phrase] = known
        return known


@cache
def _tables() -> _Tables:
    return _Tables()


@cache
def _number(reading: str) -> int:
    return INDEX[normalise(reading)]


@cache
def readings(ch: str) -> tuple[int, ...]:
    """All toneless readings of a character, as indices into `SYLLABLES`, the most usual first.

    Raises:
        NoReadingError: if none is known.
    """
    found: dict[int, None] = {}
    for reading in _tables().characters.get(ord(ch), "").split(","):
        try:
            found[_number(reading)] = None
        except ValueError:  # a handful of dialect readings (wong, din, bong) of characters hardly ever seen
            continue
    if not found:
        raise NoReadingError(ch)
    return tuple(found)


def label(run: str) -> list[int]:
    """The syllable of every character of a run of hanzi, as indices into `SYLLABLES`.

    Raises:
        NoReadingError: if a character has none, or is no hanzi.
    """
    tables = _tables()
    prefixes, phrases, read = tables.prefixes, tables.phrases, tables.read
    labels: list[int] = []
    start, end_of_run = 0, len(run)
    while start < end_of_run:
        stop = end = start + 1
        while end < end_of_run:
            end += 1
            piece = run[start:end]
            if piece not in prefixes:
                break
            if piece in phrases:
                stop = end
        labels.extend(read(run[start:stop]))
        start = stop
    return labels
