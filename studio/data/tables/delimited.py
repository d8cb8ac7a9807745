"""CSV: cells between delimiters, quoted where they hold delimiters, quotes or line ends.

Python's reader, one record at a time, rather than a faster one that reads blocks: a quote that is never closed would
swallow the rest of the file, and here costs the one line it stands in.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator

from studio.data.tables.lines import LONGEST
from studio.data.tables.problems import Problems

DELIMITERS = ("\t", ",", ";", "|")
_QUOTE = '"'
_MOST_LINES = 1000  # of one record
_SNIFFED = 200
_STEADY = 0.8

csv.field_size_limit(LONGEST)

NumberedLine = tuple[int, str]
Record = tuple[int, list[str]]


def records(lines: Iterator[NumberedLine], delimiter: str, problems: Problems) -> Iterator[Record]:
    """The records of a file: the number of the line on which each begins, and its cells.

    Blank lines are passed over. A record whose quotes do not fit together is told to `problems`, and reading goes on
    with the line after its first.
    """
    ahead: deque[NumberedLine] = deque()
    while True:
        first = ahead.popleft() if ahead else next(lines, None)
        if first is None:
            return
        number, line = first
        if _QUOTE not in line:
            if delimiter in line or line.strip():
                yield number, line.split(delimiter)
            continue
        cells = _cells(line, delimiter)
        if cells is None and line.count(_QUOTE) % 2:
            taken = _to_even(line, lines, ahead)
            if taken is not None:
                cells = _cells("\n".join([line, *(later for _, later in taken)]), delimiter)
                if cells is None:
                    ahead.extendleft(reversed(taken))
        if cells is None:
            problems.add(number, "its quotes do not fit together")
        else:
            yield number, cells


def _cells(record: str, delimiter: str) -> list[str] | None:
    """The cells of a record, or None if it is not whole or its quotes are wrong."""
    try:
        found = list(csv.reader([record], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _to_even(
    line: str, lines: Iterator[NumberedLine], ahead: deque[NumberedLine]
) -> list[NumberedLine] | None:
    """The lines up to the one with which the number of quotes is even; None, all put back, if there is none near."""
    taken: list[NumberedLine] = []
    size = len(line)
    while len(taken) < _MOST_LINES and size < LONGEST:
        later = ahead.popleft() if ahead else next(lines, None)
        if later is None:
            break
        taken.append(later)
        size += len(later[1])
        if later[1].count(_QUOTE) % 2:
            return taken
    ahead.extendleft(reversed(taken))
    return None


def sniff(lines: list[NumberedLine]) -> tuple[str, float]:
    """The delimiter of a file's first lines, and in what share of them it makes the same number of cells.

    Returns:
        ("", 0.0) if no delimiter makes two cells or more of most of them.
    """
    best, merit = ("", 0.0), (_STEADY, 1)
    for delimiter in DELIMITERS:
        found = [len(cells) for _, cells in records(iter(lines[:_SNIFFED]), delimiter, Problems())]
        if not found:
            continue
        width, count = Counter(found).most_common(1)[0]
        share = count / len(found)
        # Steadiness first: commas that happen to stand in texts make cells, but never the same number of them.
        if width > 1 and (round(share, 1), width) > merit:
            best, merit = (delimiter, share), (round(share, 1), width)
    return best
