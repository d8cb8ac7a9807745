"""Hanzi to toneless syllables: pypinyin's readings, chosen by the word a character stands in.

pypinyin itself takes the longest phrase from left to right, which reads 表明了 as 表·明了 (biao ming liao). Here
a run is first cut into its likeliest words, and pypinyin's dictionaries read each of them. Against the word
and part-of-speech tags of the People's Daily this leaves a fifteenth of the misread polyphonic characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from studio.language.corrections import CORRECTIONS
from studio.language.syllables import INDEX, normalise
from studio.language.words import vocabulary

# 地 between an adverb and what it modifies is the particle de; elsewhere it is the noun di.
_ADVERBS = frozenset("多好快慢深远")
_MEASURES = frozenset("块片亩处顷该各每某")
_AFTER_NOUN = frozenset("的市县州区厅级")
# 长 after a body's name or before these is zhang, the head of it or to grow; elsewhere chang, long.
_HEADED = frozenset("局处部团院校省市县区乡镇科司组队会厅署所站室系村舰连排班营外族旅园场盟狱")
_GROWN = frozenset("出得到大高成满着有在")


class NoReadingError(ValueError):
    """A character whose reading is not known; `character` is the one."""

    def __init__(self, character: str) -> None:
        self.character = character
        code = f" (U+{ord(character):04X})" if len(character) == 1 else ""
        super().__init__(f"no reading is known for {character!r}{code}")


class _Reader:
    """pypinyin's dictionaries, as numbers. Loading takes about 0.3 s and 40 MB."""

    def __init__(self) -> None:
        from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

        self.characters: Mapping[int, str] = PINYIN_DICT
        self._phrases: Mapping[str, list[list[str]]] = PHRASES_DICT
        self._known = PHRASES_DICT.keys() | CORRECTIONS.keys()
        self._beginnings = {phrase[:end] for phrase in self._known for end in range(2, len(phrase) + 1)}
        self._read = {word: tuple(INDEX[part] for part in reading) for word, reading in CORRECTIONS.items()}

    def read(self, word: str) -> tuple[int, ...]:
        """The syllables of one word: of the longest phrases in it from left to right."""
        known = self._read.get(word)
        if known is None:
            known = self._read[word] = self._phrase(word) or self._parts(word)
        return known

    def _phrase(self, word: str) -> tuple[int, ...]:
        if len(word) == 1:
            return readings(word)[:1]
        entry = self._phrases.get(word, [])
        return tuple(_number(place[0]) for place in entry) if len(entry) == len(word) else ()

    def _parts(self, word: str) -> tuple[int, ...]:
        parts: list[int] = []
        start = 0
        while start < len(word):
            stop = end = start + 1
            while end < len(word) and word[start : end + 1] in self._beginnings:
                end += 1
                # The word itself is not among its parts, or this would not end.
                if end - start < len(word) and word[start:end] in self._known:
                    stop = end
            parts.extend(self.read(word[start:stop]))
            if stop == len(word) == start + 1:
                parts[-1] = _read_last(word, parts[-1])
            start = stop
        return tuple(parts)


@cache
def _reader() -> _Reader:
    return _Reader()


@cache
def _number(reading: str) -> int:
    return INDEX[normalise(reading)]


@cache
def readings(ch: str) -> tuple[int, ...]:
    """All toneless readings of a character, as indices into `SYLLABLES`, the most usual first.

    Raises:
        NoReadingError: if none is known.
    """
    known = _reader().characters.get(ord(ch), "") if len(ch) == 1 else ""
    found: dict[int, None] = {}
    for reading in known.split(","):
        try:
            found[_number(reading)] = None
        except ValueError:  # a handful of dialect readings (wong, din, bong) of characters hardly ever seen
            continue
    if not found:
        raise NoReadingError(ch)
    return tuple(found)


def read_word(word: str) -> tuple[int, ...]:
    """The syllables of a word that stands alone, as indices into `SYLLABLES`.

    Raises:
        NoReadingError: if a character has none, or is no hanzi.
    """
    return _reader().read(word)


def label(run: str) -> list[int]:
    """The syllable of every character of a run of hanzi, as indices into `SYLLABLES`.

    Raises:
        NoReadingError: if a character has none, or is no hanzi.
    """
    read = _reader().read
    words = vocabulary().cut(run)
    labels: list[int] = []
    for place, word in enumerate(words):
        special = _SINGLES.get(word)
        if special is None:
            labels += read(word)
        else:
            labels.append(special(words, place))
    return labels


def _read_last(word: str, usual: int) -> int:
    """The reading of the last character of a word in which it stands alone, as in 秘书·长 and 轻轻·地."""
    if word[-1] == "长" and (len(word) > 2 or word[0] in _HEADED):
        return INDEX["zhang"]
    if word[-1] == "地" and len(word) == 3 and word[0] == word[1]:
        return INDEX["de"]
    return usual


def _read_di(words: Sequence[str], place: int) -> int:
    if 0 < place < len(words) - 1 and words[place + 1][0] not in _AFTER_NOUN:
        before = words[place - 1]
        measured = before[-1] in _MEASURES and before[-1:] != before[-2:-1]
        if before in _ADVERBS or (len(before) > 1 and not measured):
            return INDEX["de"]
    return INDEX["di"]


def _read_chang(words: Sequence[str], place: int) -> int:
    before = words[place - 1][-1] if place else ""
    after = words[place + 1][0] if place + 1 < len(words) else ""
    return INDEX["zhang" if before in _HEADED or after in _GROWN else "chang"]


_SINGLES = {"地": _read_di, "长": _read_chang}
