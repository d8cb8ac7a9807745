"""Lines cut into words, and words left out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from studio.language.text import hanzi_spans
from studio.language.words import vocabulary


class WordCutter:
    """Cuts runs of hanzi into their likeliest words; whatever else stands in a text is left as it is.

    Args:
        own: kept whole where they stand, the longest first.
        stop: words that are left out.
        separated: whether a blank is put between words.
    """

    def __init__(self, own: Sequence[str], stop: Sequence[str], *, separated: bool) -> None:
        whole = sorted(filter(str.strip, own), key=len, reverse=True)
        self._whole = re.compile(f"({'|'.join(map(re.escape, whole))})") if whole else None
        self._stop = frozenset(stop)
        self._between = " " if separated else ""

    def __call__(self, text: str) -> str:
        return "\n".join(map(self._line, text.split("\n")))

    def _line(self, line: str) -> str:
        made: list[str] = []
        after_word = False
        for part, is_word in self._parts(line):
            if is_word and part in self._stop:
                continue
            if is_word and after_word:
                made.append(self._between)
            made.append(part)
            after_word = is_word
        return "".join(made)

    def _parts(self, line: str) -> Iterator[tuple[str, bool]]:
        """The words of a line and what stands between them, each with whether it is a word."""
        for place, piece in enumerate(self._whole.split(line) if self._whole else (line,)):
            if place % 2:
                yield piece, True
                continue
            behind = 0
            for start, end in hanzi_spans(piece):
                if start > behind:
                    yield piece[behind:start], False
                yield from ((word, True) for word in vocabulary().cut(piece[start:end]))
                behind = end
            if behind < len(piece):
                yield piece[behind:], False
