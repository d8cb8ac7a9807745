"""What stands somewhere else already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from studio.data.digests import Digests, digests_of
from studio.data.steps.stage import T, Tally, batches, with_text

_LETTERS = re.compile(r"[^\W_]+")


def letters_of(text: str) -> str:
    """Letters, digits and hanzi alone, without case: what two texts have to share to be the same."""
    return "".join(_LETTERS.findall(text)).casefold()


class Repeats:
    """Drops documents or lines whose letters were seen before, in this source or in one before it.

    Documents are looked at some at a time. Of what was seen eight bytes each stay in memory, a document or a line, and
    up to twelve more while they are sorted.

    Args:
        lines: look at lines rather than documents.
        shortest: what has fewer letters stays; what has none stays always.
    """

    def __init__(self, kind: str, *, lines: bool, shortest: int) -> None:
        self.tally = Tally(kind)
        self._lines, self._shortest = lines, max(1, shortest)
        self._seen = Digests()

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        for some in batches(documents):
            parts = [document.text.split("\n") if self._lines else [document.text] for document in some]
            stay = iter(self._first([part for of_one in parts for part in of_one]))
            for document, of_one in zip(some, parts, strict=True):
                kept = [part for part in of_one if next(stay)]
                text = document.text if len(kept) == len(of_one) else "\n".join(kept)
                dropped = len(of_one) - len(kept) if self._lines else 0
                made = with_text(document, text, self.tally, lines=dropped)
                if made is not None:
                    yield made

    def _first(self, texts: list[str]) -> list[bool]:
        """Which of some texts stay."""
        letters = [letters_of(text) for text in texts]
        stay = np.ones(len(texts), bool)
        long = np.array([len(one) >= self._shortest for one in letters], bool)
        stay[long] = self._seen.fresh(digests_of(one for one in letters if len(one) >= self._shortest))
        found: list[bool] = stay.tolist()
        return found
