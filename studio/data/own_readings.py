"""Readings that a recipe gives words itself, before those of all dictionaries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.data.errors import DataError
from studio.language.pinyin import NoReadingError, label_tones, toned_readings
from studio.language.syllables import INDEX, normalise
from studio.language.text import all_hanzi
from studio.language.tones import TONES, toned

_REMEDY = "write the word, a blank, and a syllable for each of its characters, as in 重庆 chong2 qing4"
_TONE = re.compile(r"[1-5]$")


class OwnReadings:
    """Puts given readings where their words stand; of words that overlap, the first and longest.

    Args:
        lines: a word and its syllables each, with tones (digits or marks) or without; without them a character has the
            tone that dictionaries give it with this syllable.

    Raises:
        DataError: for a line that is none.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._readings = dict(_parsed(line) for line in lines)
        longest_first = sorted(self._readings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def read(self, run: str) -> list[int]:
        """The toned syllables of a run of hanzi, as `language.pinyin.label_tones` has them.

        Raises:
            NoReadingError: if a character has none.
        """
        numbers = label_tones(run)
        if self._pattern is not None:
            for found in self._pattern.finditer(run):
                numbers[found.start() : found.end()] = self._readings[found[0]]
        return numbers

    def syllables(self, run: str) -> list[int]:
        """The same without tones, as `language.pinyin.label` has them."""
        return [number // TONES for number in self.read(run)]


def _parsed(line: str) -> tuple[str, tuple[int, ...]]:
    word, _, written = line.strip().partition(" ")
    syllables = written.split()
    if not word or not all_hanzi(word) or len(syllables) != len(word):
        raise DataError(f"data.cleaning.readings: {line!r} is no word with its reading", _REMEDY)
    try:
        return word, tuple(map(_toned, word, syllables))
    except ValueError as error:
        raise DataError(f"data.cleaning.readings: {line!r}: {error}", _REMEDY) from error


def _toned(character: str, written: str) -> int:
    number = toned(written)
    syllable = INDEX[normalise(written)]
    if number % TONES != TONES - 1 or _TONE.search(written):
        return number
    try:
        known = toned_readings(character)
    except NoReadingError:
        return number
    return next((one for one in known if one // TONES == syllable), number)
