"""What stands somewhere else already."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from studio.data.steps.stage import T, Tally, with_text

_LETTERS = re.compile(r"[^\W_]+")


def letters_of(text: str) -> str:
    """Letters, digits and hanzi alone, without case: what two texts have to share to be the same."""
    return "".join(_LETTERS.findall(text)).casefold()


def digest_of(letters: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Repeats:
    """Drops documents or lines whose letters were seen before, in this source or in one before it.

    Args:
        lines: look at lines rather than documents.
        shortest: what has fewer letters stays; what has none stays always.
    """

    def __init__(self, kind: str, *, lines: bool, shortest: int) -> None:
        self.tally = Tally(kind)
        self._lines, self._shortest = lines, max(1, shortest)
        self._seen: set[bytes] = set()

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        for document in documents:
            text = document.text
            if self._lines:
                lines = text.split("\n")
                kept = [line for line in lines if not self._is_repeated(line)]
                text = text if len(kept) == len(lines) else "\n".join(kept)
                made = with_text(document, text, self.tally, lines=len(lines) - len(kept))
            else:
                made = with_text(document, "" if self._is_repeated(text) else text, self.tally)
            if made is not None:
                yield made

    def _is_repeated(self, text: str) -> bool:
        letters = letters_of(text)
        if len(letters) < self._shortest:
            return False
        digest = digest_of(letters)
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False
