"""Syllables with tones: their numbers, and the ways in which people write them.

A toned syllable is a number: `TONES` times that of the syllable without tone (`studio.language.syllables`), and its
tone less one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from studio.language.syllables import INDEX, SYLLABLES, normalise

TONES = 5
"""Tones of Mandarin; the fifth is the neutral one."""

TONED = TONES * len(SYLLABLES)
"""How many numbers there are; most of them are syllables that nobody says."""

_MARKS = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0306": 3, "\u0300": 4}
_WRITTEN = {1: "\u0304", 2: "\u0301", 3: "\u030c", 4: "\u0300"}
_DIGIT = re.compile(r"([0-5])$")


@cache
def toned(reading: str) -> int:
    """The number of a syllable as people write it: zhōng, zhong1, ZHONG1; without tone it is the neutral one.

    Raises:
        ValueError: if it is no syllable of Mandarin.
    """
    syllable = INDEX[normalise(reading)]
    plain = unicodedata.normalize("NFKC", reading).strip()
    tone = next((_MARKS[mark] for mark in unicodedata.normalize("NFD", plain) if mark in _MARKS), 0)
    digit = _DIGIT.search(plain)
    if not tone and digit is not None:
        tone = int(digit[1])
    return TONES * syllable + (tone or TONES) - 1


@cache
def digits(number: int) -> str:
    """A toned syllable in letters with its tone behind it: zhong1, de5; ü is written v, as typed."""
    return f"{SYLLABLES[number // TONES]}{number % TONES + 1}"


@cache
def marks(number: int) -> str:
    """A toned syllable as textbooks print it: zhōng, lǜ, de."""
    letters = SYLLABLES[number // TONES].replace("v", "ü")
    mark = _WRITTEN.get(number % TONES + 1)
    if mark is None:
        return letters
    place = _place(letters)
    return unicodedata.normalize("NFC", letters[: place + 1] + mark + letters[place + 1 :])


def _place(letters: str) -> int:
    """Which letter carries the mark: a or e, the o of ou, else the last vowel; of m, n and ng the consonant."""
    for vowel in ("a", "e", "ou"):
        if vowel in letters:
            return letters.index(vowel)
    vowels = [place for place, letter in enumerate(letters) if letter in "iouü"]
    if vowels:
        return vowels[-1]
    return next(place for place, letter in enumerate(letters) if letter in "mn")
