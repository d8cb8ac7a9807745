"""Hanzi to syllables, with and without tones: pypinyin's readings, chosen by the word a character stands in.

pypinyin itself takes the longest phrase from left to right, which reads 表明了 as 表·明了 (biao ming liao). Here
a run is first cut into its likeliest words, and pypinyin's dictionaries read each of them. Against the word
and part-of-speech tags of the People's Daily this leaves a fifteenth of the misread polyphonic characters.

Tones are those of the dictionary: 一 and 不 keep theirs whatever follows (yī gè, bù shì), since what a speaker makes of
them is a rule, which pypinyin's phrases follow here and there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from studio.language.corrections import CORRECTIONS
from studio.language.syllables import INDEX
from studio.language.tones import TONES, toned
from studio.language.words import vocabulary

# 地 between an adverb and what it modifies is the particle de; elsewhere it is the noun di.
_ADVERBS = frozenset("多好快慢深远")
_MEASURES = frozenset("块片亩处顷该各每某")
_AFTER_NOUN = frozenset("的市县州区厅级")
# 长 after a body's name or before these is zhang, the head of it or to grow; elsewhere chang, long.
_HEADED = frozenset("局处部团院校省市县区乡镇科司组队会厅署所站室系村舰连排班营外族旅园场盟狱")
_GROWN = frozenset("出得到大高成满着有在")
_DE, _DI, _CHANG, _ZHANG = (toned(reading) for reading in ("de", "dì", "cháng", "zhǎng"))
_SANDHI = {
    ("一", toned("yí")): toned("yī"),
    ("一", toned("yì")): toned("yī"),
    ("不", toned("bú")): toned("bù"),
}


class NoReadingError(ValueError):
    """A character whose reading is not known; `character` is the one."""

    def __init__(self, character: str) -> None:
        self.character = character
        code = f" (U+{ord(character):04X})" if len(character) == 1 else ""
        super().__init__(f"no reading is known for {character!r}{code}")


class _Reader:
    """pypinyin's dictionaries, as numbers of toned syllables. Loading takes about 0.3 s and 40 MB."""

    def __init__(self) -> None:
        from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

        self.characters: Mapping[int, str] = PINYIN_DICT
        self._phrases: Mapping[str, list[list[str]]] = PHRASES_DICT
        self._known = PHRASES_DICT.keys() | CORRECTIONS.keys()
        self._beginnings = {phrase[:end] for phrase in self._known for end in range(2, len(phrase) + 1)}
        self._read: dict[str, tuple[int, ...]] = {}

    def read(self, word: str) -> tuple[int, ...]:
        """The toned syllables of one word: of the longest phrases in it from left to right."""
        known = self._read.get(word)
        if known is None:
            found = self._corrected(word) if word in CORRECTIONS else self._phrase(word)
            known = self._read[word] = found or self._parts(word)
        return known

    def in_phrases(self) -> dict[str, tuple[int, ...]]:
        """The readings that each character has in phrases and corrections."""
        found: dict[str, dict[int, None]] = {}
        for word in (*self._phrases, *CORRECTIONS):
            reading = self._corrected(word) if word in CORRECTIONS else self._phrase(word)
            for character, number in zip(word, reading, strict=False):
                found.setdefault(character, {})[number] = None
        return {character: tuple(numbers) for character, numbers in found.items()}

    def _phrase(self, word: str) -> tuple[int, ...]:
        if len(word) == 1:
            return toned_readings(word)[:1]
        entry = self._phrases.get(word, [])
        if len(entry) != len(word):
            return ()
        read = ((ch, toned(place[0])) for ch, place in zip(word, entry, strict=True))
        return tuple(_SANDHI.get(pair, pair[1]) for pair in read)

    def _corrected(self, word: str) -> tuple[int, ...]:
        """A corrected reading, with the tones that phrase or characters have for its syllables."""
        syllables = [INDEX[part] for part in CORRECTIONS[word]]
        usual = self._phrase(word) if len(word) > 1 else ()
        found = []
        for place, syllable in enumerate(syllables):
            options = (*usual[place : place + 1], *toned_readings(word[place]))
            found.append(
                next((one for one in options if one // TONES == syllable), TONES * syllable + TONES - 1)
            )
        return tuple(found)

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
def readings(ch: str) -> tuple[int, ...]:
    """All toneless readings of a character, as indices into `SYLLABLES`, the most usual first.

    Raises:
        NoReadingError: if none is known.
    """
    return tuple(dict.fromkeys(number // TONES for number in toned_readings(ch)))


@cache
def toned_readings(ch: str) -> tuple[int, ...]:
    """All readings of a character with their tones (see `studio.language.tones`), the most usual first.

    Raises:
        NoReadingError: if none is known.
    """
    known = _reader().characters.get(ord(ch), "") if len(ch) == 1 else ""
    found: dict[int, None] = {}
    for reading in known.split(","):
        try:
            found[toned(reading)] = None
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
    return tuple(number // TONES for number in _reader().read(word))


@cache
def phrase_readings() -> Mapping[str, tuple[int, ...]]:
    """The toned readings that characters have in the phrases that pypinyin knows. Takes about 0.3 s."""
    return _reader().in_phrases()


def label(run: str) -> list[int]:
    """The syllable of every character of a run of hanzi, as indices into `SYLLABLES`.

    Raises:
        NoReadingError: if a character has none, or is no hanzi.
    """
    return [number // TONES for number in label_tones(run)]


def label_tones(run: str) -> list[int]:
    """The syllable with its tone of every character of a run of hanzi (see `studio.language.tones`).

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
        return _ZHANG
    if word[-1] == "地" and len(word) == 3 and word[0] == word[1]:
        return _DE
    return usual


def _read_di(words: Sequence[str], place: int) -> int:
    if 0 < place < len(words) - 1 and words[place + 1][0] not in _AFTER_NOUN:
        before = words[place - 1]
        measured = before[-1] in _MEASURES and before[-1:] != before[-2:-1]
        if before in _ADVERBS or (len(before) > 1 and not measured):
            return _DE
    return _DI


def _read_chang(words: Sequence[str], place: int) -> int:
    before = words[place - 1][-1] if place else ""
    after = words[place + 1][0] if place + 1 < len(words) else ""
    return _ZHANG if before in _HEADED or after in _GROWN else _CHANG


_SINGLES = {"地": _read_di, "长": _read_chang}
