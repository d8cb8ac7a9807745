"""From clean text to the runs of hanzi that models learn from."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator

from studio.data.own_readings import OwnReadings
from studio.language.pinyin import NoReadingError, readings
from studio.language.syllables import INDEX, normalise
from studio.language.text import clauses, clean, hanzi_only, hanzi_runs, sentences
from studio.recipe import Cleaning

# What a reader passes over in silence: taking it out of a sentence joins the words on both sides.
_MARK = re.compile(r"[^\w\s]|_")
BETWEEN = re.compile(r"[\s'’,，.。;；!！?？、|/-]+")
"""Between the syllables of a reading that a source gives: blanks and marks, as in "jīn tiān, xi'an"."""

_BLOCK = 1 << 16
_REMEMBERED = 50_000  # runs: some 20 MB in each process


def examples_of(text: str, cleaning: Cleaning) -> Iterator[str]:
    """The examples of one document, in order.

    Args:
        text: raw.
        cleaning: what to take off, where to cut, and how short and long an example may be.

    Yields:
        runs of hanzi, each of `min_length` to `max_length` characters.
    """
    for block in _blocks(text):
        clean_text = clean(
            block, simplify_widths=cleaning.simplify_widths, strip_markup=cleaning.strip_markup
        )
        if cleaning.unit == "clause":
            pieces: Iterable[str] = clauses(clean_text)
        else:
            pieces = (_MARK.sub("", sentence) for sentence in sentences(clean_text))
        for piece in pieces:
            for run in hanzi_runs(piece):
                yield from _fit(run, cleaning)


def _blocks(text: str) -> Iterator[str]:
    """A book in one piece is worked on in blocks of whole lines, so that its first examples come at once."""
    start = 0
    while len(text) - start > _BLOCK:
        stop = text.find("\n", start + _BLOCK) + 1
        if not stop:
            break
        yield text[start:stop]
        start = stop
    yield text[start:] if start else text


def _fit(run: str, cleaning: Cleaning) -> Iterator[str]:
    for start in range(0, len(run), cleaning.max_length):
        piece = run[start : start + cleaning.max_length]
        if len(piece) >= cleaning.min_length:
            yield piece


class Given:
    """The reading of a text as its source gives it: used if it fits, a syllable a hanzi, each a known reading of it."""

    def __init__(self, text: str, pinyin: str) -> None:
        self._hanzi = hanzi_only(text)
        self._place = 0
        self._syllables = array("H")
        self.fits = False
        try:
            written = (syllable for syllable in BETWEEN.split(pinyin) if syllable)
            self._syllables = array("H", [INDEX[normalise(syllable)] for syllable in written])
            self.fits = len(self._syllables) == len(self._hanzi) and all(
                syllable in readings(ch) for ch, syllable in zip(self._hanzi, self._syllables, strict=True)
            )
        except ValueError:  # no syllable, or a hanzi without any known reading
            return

    def of(self, run: str) -> array[int] | None:
        """The syllables of the next run of the text; None if the reading does not fit, or the run was changed."""
        start = self._hanzi.find(run, self._place) if self.fits else -1
        if start < 0:
            return None
        self._place = start + len(run)
        return self._syllables[start : self._place]


class Labeller:
    """Labels runs, remembers those that came lately, and those that cannot be read.

    Args:
        readings: words with readings of their own, see `OwnReadings`.

    Raises:
        DataError: if one of these is none.
    """

    def __init__(self, readings: Iterable[str] = ()) -> None:
        self._own = OwnReadings(readings)
        self._known: dict[str, array[int]] = {}
        self.strange: dict[str, str] = {}
        """Runs that cannot be read, and the character in each that has no reading."""

    @property
    def unreadable(self) -> Counter[str]:
        """For each character without a known reading, how many runs could not be read because of it."""
        return Counter(self.strange.values())

    def __call__(self, run: str) -> array[int] | None:
        """The syllables of a run, one a character; None if one of them has no known reading."""
        known = self._known.get(run)
        if known is not None:
            return known
        if run in self.strange:
            return None
        try:
            labels = array("H", self._own.syllables(run))
        except NoReadingError as error:
            self.strange[run] = error.character
            return None
        if len(self._known) >= _REMEMBERED:  # what comes often is soon known again
            self._known.clear()
        self._known[run] = labels
        return labels
