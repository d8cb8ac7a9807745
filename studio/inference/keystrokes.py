"""What was typed, divided into letters that mean pinyin and text that means itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Piece:
    """A stretch of the typed text.

    Attributes:
        kind: "pinyin" for letters to be divided into syllables, "literal" for text that stays as it is.
        text: the letters as the lexicon writes them (lower case, `v` for ü), or the literal text.
        starts: for each letter of `text`, where it began in the typed text; one more for the end.
        breaks: places in `text` before which a syllable must begin, where ' or a space was typed.
    """

    kind: Literal["pinyin", "literal"]
    text: str
    starts: tuple[int, ...]
    breaks: frozenset[int]


_SEPARATORS = frozenset(" '’‘`\t")
_UMLAUTS = frozenset(":\u0308")  # the second is the dots alone, as some systems take ü apart


def pieces(typed: str) -> list[Piece]:
    """Divide typed text. Separators belong to the letters around them; other characters are literal.

    Letters may be upper case, and ü may be written ü, v or, after n and l, u: (as in `lu:se`).
    """
    result: list[Piece] = []
    letters: list[tuple[str, int]] = []
    breaks: set[int] = set()
    literal: list[tuple[str, int]] = []

    def close(end: int) -> None:
        for kind, content in (("pinyin", letters), ("literal", literal)):
            if content:
                starts = (*(start for _, start in content), end)
                text = "".join(character for character, _ in content)
                marks = frozenset(b for b in breaks if 0 < b < len(text)) if kind == "pinyin" else frozenset()
                result.append(Piece(kind, text, starts, marks))  # type: ignore[arg-type]
                content.clear()
        breaks.clear()

    place = 0
    while place < len(typed):
        character = typed[place]
        letter = _letter(character)
        if letter:
            if literal:
                close(place)
            letters.append((letter, place))
        elif character in _UMLAUTS and letters and letters[-1] == ("u", place - 1):
            # Elsewhere a colon behind u is a colon.
            if character == ":" and not (len(letters) > 1 and letters[-2][0] in "nl"):
                close(place)
                literal.append((character, place))
            else:
                letters[-1] = ("v", place - 1)
        elif character in _SEPARATORS:
            if literal:
                literal.append((character, place))
            else:
                breaks.add(len(letters))
        else:
            if letters:
                close(place)
            literal.append((character, place))
        place += 1
    close(len(typed))
    return result


def _letter(character: str) -> str:
    lower = character.lower()
    if lower in ("ü", "ǖ", "ǘ", "ǚ", "ǜ"):
        return "v"
    if len(lower) == 1 and "a" <= lower <= "z":
        return lower
    # Full-width letters, as some keyboards make them in the wrong mode.
    return chr(ord(lower) - 0xFEE0) if len(lower) == 1 and "ａ" <= lower <= "ｚ" else ""
