"""Whether the first row of a table names its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from studio.data.tables.mapping import known_name
from studio.language.text import hanzi_only

_LONGEST_NAME = 60
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")
_SENTENCE = re.compile("[。！？!?，,；;]")
_LOOKED_AT = 100
_LONGER = 3  # times a name that the texts of a column are

Raw = Sequence[tuple[int, "list[str] | dict[str, str]"]]


def names_of(form: str, first: Raw, given: str, own: tuple[str, ...] | None) -> tuple[bool, tuple[str, ...]]:
    """Whether the first row is a header, and the names of the columns.

    Args:
        form: the format.
        first: the first rows as they are written.
        given: "yes" or "no" if the recipe says so, else "auto".
        own: the names, where the format has them.
    """
    if own is not None:
        return False, _distinct(own)
    if form in ("json", "jsonl"):
        keys = dict.fromkeys(key for _, cells in first if isinstance(cells, dict) for key in cells)
        return False, tuple(keys)
    rows = [cells for _, cells in first if isinstance(cells, list)]
    if not rows:
        return False, ()
    header = given == "yes" or (given == "auto" and _is_header(rows[0], rows[1 : 1 + _LOOKED_AT]))
    if header:
        return True, _distinct(tuple(cell.strip() for cell in rows[0]))
    widths = [len(row) for row in rows]
    width = max(set(widths), key=lambda one: (widths.count(one), one))
    return False, tuple(str(place) for place in range(1, width + 1))


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of which none is empty or there twice."""
    found: dict[str, None] = {}
    for place, name in enumerate(names, start=1):
        new, further = name or str(place), 2
        while new in found:
            new, further = f"{name or place} ({further})", further + 1
        found[new] = None
    return tuple(found)


def _is_header(first: list[str], later: list[list[str]]) -> bool:
    names = [cell.strip() for cell in first]
    filled = [name for name in names if name]
    if not filled or len(set(filled)) < len(filled) or any(len(name) > _LONGEST_NAME for name in filled):
        return False
    if any(_NUMBER.fullmatch(name) for name in filled):
        return False
    if any(known_name(name) for name in filled):
        return True
    if len(filled) < len(names) or any(_SENTENCE.search(name) for name in filled):
        return False
    votes = 0
    for place, name in enumerate(names):
        below = [row[place].strip() for row in later if len(row) > place and row[place].strip()]
        if not below:
            continue
        if name in below:
            votes -= 2
        numbers = sum(_NUMBER.fullmatch(cell) is not None for cell in below)
        if numbers >= 0.9 * len(below) or median(map(len, below)) >= _LONGER * len(name):
            votes += 1
        if name.isascii() and sum(bool(hanzi_only(cell)) for cell in below) >= 0.9 * len(below):
            votes += 1
    return votes > 0
