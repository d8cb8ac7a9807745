"""Letters and punctuation as an input method takes them, and pasted pinyin as if it had been typed."""

from __future__ import annotations

import re
import unicodedata

MAX_LETTERS = 120
"""Longer than anyone composes at once; a longer paste is cut into pieces of about this length."""

PUNCTUATION = {
    ",": "，", ".": "。", "?": "？", "!": "！", ";": "；", ":": "：", "\\": "、",
    "(": "（", ")": "）", "<": "《", ">": "》", "[": "【", "]": "】",
}  # fmt: skip
QUOTES = {'"': "“”", "'": "‘’"}
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_SEPARATORS = frozenset("' ")


def mark(key: str, opened: dict[str, bool]) -> str:
    """What a key stands for outside a composition; `opened` remembers which quotes are open."""
    if key in QUOTES:
        opened[key] = not opened.get(key, False)
        return QUOTES[key][0 if opened[key] else 1]
    return PUNCTUATION.get(key, key)


def plain_pinyin(text: str) -> str:
    """Pinyin without its tones, whether they are written as marks or as digits; ü is v."""
    spread = unicodedata.normalize("NFD", text.lower()).replace("u\u0308", "v")
    bare = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", spread))
    return re.sub(r"(?<=[a-z])[1-5](?!\d)", " ", bare)


def pieces_of(text: str) -> list[tuple[str, str]]:
    """Pasted letters as pieces no longer than a composition, each with the mark that ends it (or none)."""
    pieces: list[tuple[str, str]] = []
    letters = ""
    for char in text.strip().replace("\r\n", "\n"):
        if char in LETTERS or (char in _SEPARATORS and letters):
            if len(letters) >= MAX_LETTERS:
                letters, rest = _cut(letters)
                pieces.append((letters, ""))
                letters = rest
            letters += "" if char in _SEPARATORS and letters[-1:] in ("", " ", "'") else char
        elif char != " ":
            pieces.append((letters.strip(), PUNCTUATION.get(char, char)))
            letters = ""
    return [*pieces, (letters.rstrip(), "")] if letters.strip() else pieces


def _cut(letters: str) -> tuple[str, str]:
    """Cut at the last separator, if there is one, so that no syllable is torn."""
    at = max(letters.rfind(" "), letters.rfind("'"))
    return (letters[:at], letters[at + 1 :]) if at > 0 else (letters, "")
