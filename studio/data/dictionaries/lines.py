"""Word lists of a word a line: libime's and fcitx 5's, Sogou's as text, and plain ones."""

from __future__ import annotations

import re
from collections.abc import Callable

from studio.data.dictionaries.words import WordList
from studio.language.text import is_hanzi

_LOOKED_AT = 400  # lines that tell the format
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?$")
_APOSTROPHES = str.maketrans("’‘`", "'''")

Take = Callable[[int, str, WordList], None]


def format_of(text: str) -> str:
    """The format that most of the first lines have: "libime", "sogou" or "plain"."""
    votes = {"libime": 0, "sogou": 0, "plain": 0}
    for line in [line for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if not _is_passed(line)]:
        fields = line.translate(_APOSTROPHES).split()
        if fields[0].startswith("'") and len(fields) > 1:
            votes["sogou"] += 1
        elif len(fields) == 3 and not fields[1].isdigit() and fields[1].isascii() and "\t" not in line:
            votes["libime"] += 1
        else:
            votes["plain"] += 1
    return max(votes, key=lambda name: (votes[name], name == "plain"))


def read_lines(text: str, format: str, name: str) -> WordList:
    """The words of a list in one of these formats."""
    take: Take = {"libime": _libime, "sogou": _sogou, "plain": _plain}[format]
    found = WordList(format, name)
    for number, line in enumerate(text.split("\n"), start=1):
        if _is_passed(line):
            found.passed_over += 1
        else:
            take(number, line.translate(_APOSTROPHES).strip("\r "), found)
    return found


def _libime(number: int, line: str, found: WordList) -> None:
    """`词 pin'yin 频率`; the frequency, a logarithm in libime's own lists, may be missing."""
    fields = line.split()
    if len(fields) not in (2, 3):
        found.refuse(number, f"{len(fields)} fields instead of 2 or 3: `词 pin'yin frequency` is expected")
        return
    weight = fields[2] if len(fields) == 3 else ""
    # A logarithm says how rare a word is, not how heavy: below 0 no weight is known.
    if weight.startswith("-") and _NUMBER.match(weight):
        weight = ""
    found.add(number, fields[0], fields[1].strip("'").split("'"), weight)


def _sogou(number: int, line: str, found: WordList) -> None:
    """`'pin'yin 词`, as the exports of Sogou's own dictionaries have it."""
    fields = line.split()
    if len(fields) not in (2, 3):
        found.refuse(number, f"{len(fields)} fields instead of 2 or 3: `'pin'yin 词` is expected")
        return
    found.add(number, fields[1], fields[0].strip("'").split("'"), fields[2] if len(fields) == 3 else "")


def _plain(number: int, line: str, found: WordList) -> None:
    """`词<TAB>pin yin<TAB>count` in this or another order of the last two, either of them or both left out."""
    fields = [part.strip() for part in line.split("\t")] if "\t" in line else _blocks(line)
    text, syllables, weight = fields[0], None, ""
    for part in filter(None, fields[1:]):
        if _NUMBER.match(part) and not weight:
            weight = part
        elif syllables is None:
            syllables = part.replace("'", " ").split()
        else:
            found.refuse(number, f"{part!r} is neither a reading nor a count")
            return
    found.add(number, text, syllables, weight)


def _blocks(line: str) -> list[str]:
    """A line without tabs: the word, its syllables, a number at its end."""
    first, *rest = line.split()
    numbers = [rest.pop()] if rest and _NUMBER.match(rest[-1]) else []
    # Two words with a blank between them are no word with a reading.
    if any(is_hanzi(ch) for part in rest for ch in part):
        return [line]
    return [first, " ".join(rest), *numbers]


def _is_passed(line: str) -> bool:
    return not line.strip() or line.startswith("#")
