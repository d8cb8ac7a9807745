"""From clean text to the runs of hanzi that models learn from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from studio.language.pinyin import NoReadingError, label
from studio.language.text import clauses, clean, hanzi_runs, sentences
from studio.recipe import Cleaning

# What a reader passes over in silence: taking it out of a sentence joins the words on both sides.
_MARK = re.compile(r"[^\w\s]|_")


def examples_of(text: str, cleaning: Cleaning) -> list[str]:
    """The examples of one document, in order.

    Args:
        text: raw.
        cleaning: what to take off, where to cut, and how short and long an example may be.

    Returns:
        runs of hanzi, each of `min_length` to `max_length` characters.
    """
    text = clean(text, simplify_widths=cleaning.simplify_widths, strip_markup=cleaning.strip_markup)
    if cleaning.unit == "clause":
        pieces: Iterable[str] = clauses(text)
    else:
        pieces = (_MARK.sub("", sentence) for sentence in sentences(text))
    return [cut for piece in pieces for run in hanzi_runs(piece) for cut in _fit(run, cleaning)]


def _fit(run: str, cleaning: Cleaning) -> Iterator[str]:
    for start in range(0, len(run), cleaning.max_length):
        piece = run[start : start + cleaning.max_length]
        if len(piece) >= cleaning.min_length:
            yield piece


class Labeller:
    """Labels every distinct run once and remembers the runs that cannot be read."""

    def __init__(self) -> None:
        self._known: dict[str, np.ndarray | None] = {}
        self.unreadable: dict[str, int] = {}

    def __call__(self, run: str) -> np.ndarray | None:
        """The syllables of a run, uint16 [characters]; None if one of them has no known reading."""
        try:
            return self._known[run]
        except KeyError:
            pass
        try:
            labels: np.ndarray | None = np.array(label(run), np.uint16)
        except NoReadingError as error:
            self.unreadable[error.character] = self.unreadable.get(error.character, 0) + 1
            labels = None
        self._known[run] = labels
        return labels
