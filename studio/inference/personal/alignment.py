"""Which syllable of the typed letters each character of a chosen text stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.keystrokes import pieces
from studio.language.pinyin import NoReadingError, label
from studio.language.syllables import SYLLABLES

Readings = Mapping[str, Sequence[str]]
_IMPOSSIBLE = 10_000


def readings_of(vocabulary: PinyinVocabulary) -> dict[str, list[str]]:
    """All syllables that a character may be, in the vocabulary's order."""
    found: dict[str, list[str]] = {}
    for syllable, characters in zip(vocabulary.syllables, vocabulary.candidates, strict=True):
        for character in characters:
            found.setdefault(character, []).append(syllable)
    return found


def syllables_of(letters: str, text: str, readings: Readings) -> tuple[str, ...] | None:
    """The syllables of a text of hanzi alone that was chosen for letters.

    Where the letters cannot be divided so (a slip of the fingers was put right, two sounds were taken for one), the
    text is read by itself; None if that is not possible either.
    """
    found = align(letters, text, readings)
    if found is not None:
        return found
    try:
        read = tuple(SYLLABLES[number] for number in label(text))
    except NoReadingError:
        return None
    return read if all(s in readings.get(ch, ()) for ch, s in zip(text, read, strict=True)) else None


def align(letters: str, text: str, readings: Readings) -> tuple[str, ...] | None:
    """Divide letters among characters: each gets its syllable or the beginning of it, few beginnings."""
    typed = pieces(letters)
    if len(typed) != 1 or typed[0].kind != "pinyin":
        return None
    piece = typed[0]

    @cache
    def best(character: int, place: int) -> tuple[int, tuple[str, ...]]:
        """How many characters from here on have only the beginning of their syllable, and all their syllables."""
        if character == len(text):
            return (0 if place == len(piece.text) else _IMPOSSIBLE), ()
        stop = min((b for b in piece.breaks if b > place), default=len(piece.text))
        found: tuple[int, tuple[str, ...]] = (_IMPOSSIBLE, ())
        for syllable in readings.get(text[character], ()):
            for spelling in _spellings(syllable):
                for length in range(min(len(spelling), stop - place), 0, -1):
                    if not piece.text.startswith(spelling[:length], place):
                        continue
                    cost, rest = best(character + 1, place + length)
                    cost += length < len(spelling)
                    if cost < found[0]:
                        found = (cost, (syllable, *rest))
        return found

    cost, syllables = best(0, 0)
    return syllables if cost < _IMPOSSIBLE else None


def _spellings(syllable: str) -> tuple[str, ...]:
    if syllable in ("lve", "nve"):
        return syllable, f"{syllable[0]}ue"
    if syllable[0] in "jqxy" and syllable[1:2] == "u":
        return syllable, f"{syllable[0]}v{syllable[2:]}"
    return (syllable,)
