"""Where the documents of a text file begin and end, found line by line: the file is never held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, takewhile
from typing import Literal

from studio.data.errors import DataError

LONGEST = 1 << 28
"""Characters of one document. A document is held in memory, some of them in several copies; nothing else is."""

# A text without blank lines is cut into blocks of this many lines at the most, and into this many blocks if it can be.
_BLOCK_LINES = 50
_BLOCKS = 100

Cut = Literal["line", "blank_line", "file"]


def cut(lines: Callable[[], Iterator[str]], document: Cut) -> Iterator[tuple[int, str]]:
    """The documents of a text that can be gone through several times.

    A text without any blank line, which "blank_line" would leave in one piece, is cut into blocks of lines:
    a text in one piece could not be split.

    Args:
        lines: begins with the first line at each call.
        document: what a document is.

    Returns:
        (the number of its first line, counted from 1, and its text) of each, in order.

    Raises:
        DataError: if one is longer than `LONGEST`.
    """
    if document == "file":
        yield 1, _joined(1, lines())
    elif document == "line":
        yield from ((number, _joined(number, (line,))) for number, line in _solid(lines()))
    elif count := _only_block(lines()):
        size = min(_BLOCK_LINES, max(1, count // _BLOCKS))
        solid = _solid(lines())
        while block := list(islice(solid, size)):
            yield block[0][0], _joined(block[0][0], (line for _, line in block))
    else:
        yield from _blocks(lines())


def _solid(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers."""
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _joined(number: int, lines: Iterable[str]) -> str:
    kept: list[str] = []
    length = 0
    for line in lines:
        kept.append(line)
        length += len(line) + 1
        if length - 1 > LONGEST:
            raise DataError(
                f"the document that begins in line {number:,} is longer than {LONGEST:,} characters",
                "let a document be a line, or divide the text by blank lines",
            )
    return "\n".join(kept)


def _only_block(lines: Iterator[str]) -> int:
    """How many lines a text's only block has; 0 if a blank line divides it into several, or it has none."""
    count, ended = 0, False
    for line in lines:
        if not line.strip():
            ended = count > 0
        elif ended:
            return 0
        else:
            count += 1
    return count


def _blocks(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    numbered = enumerate(lines, 1)
    for first, line in numbered:
        if line.strip():
            rest = takewhile(str.strip, (line for _, line in numbered))
            yield first, _joined(first, chain((line,), rest))
