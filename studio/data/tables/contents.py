"""What stands in the rows of a table, counted row by row in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from studio.data.reading import in_gb2312
from studio.language.pinyin import NoReadingError, readings
from studio.language.text import hanzi_runs, is_hanzi
from studio.language.words import vocabulary
from studio.runs.datasets import Bin, Contents, Counted

_SHOWN = 50
_MOST_LABELS = 10_000  # different ones; a column with more is no label, and would fill the memory
_WORD_CHARACTERS = 2_000_000  # in which words are counted: some two seconds
_LONGEST_LABEL = 200
_MOST_TYPES = 2_000_000
_STRIDE = 0.6180339887498949  # the golden ratio: its multiples lie evenly between whole numbers


class Counting:
    """Counts texts and labels. `expected` is a guess at all characters, from which the share of rows follows in
    which words are counted; a bad guess makes a larger or smaller sample.
    """

    def __init__(self, expected: float) -> None:
        self._share = min(1.0, _WORD_CHARACTERS / max(1.0, expected))
        self._rows = self._empty = self._longest = 0
        self._characters: Counter[str] = Counter()
        self._lengths: Counter[int] = Counter()
        self._labels: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._word_characters = 0
        self._phase = 0.0

    def add(self, text: str, label: str = "") -> None:
        """Count one row."""
        self._rows += 1
        label = label[:_LONGEST_LABEL]
        if label and (label in self._labels or len(self._labels) < _MOST_LABELS):
            self._labels[label] += 1
        if not text or text.isspace():
            self._empty += 1
            return
        self._characters.update(text)
        length = len(text)
        self._lengths[length.bit_length()] += 1
        self._longest = max(self._longest, length)
        self._phase = (self._phase + _STRIDE) % 1.0
        if self._phase < self._share and self._word_characters < 2 * _WORD_CHARACTERS:
            self._word_characters += length
            cut = vocabulary().cut
            for run in hanzi_runs(text):
                # A run without any mark may be a whole book; the cutter's tables grow with it.
                for start in range(0, len(run), 1000):
                    self._words.update(cut(run[start : start + 1000]))
            if len(self._words) > _MOST_TYPES:
                self._words = Counter(dict(self._words.most_common(_MOST_TYPES // 2)))

    def result(self) -> Contents:
        """What was counted so far."""
        hanzi = {ch: count for ch, count in self._characters.items() if is_hanzi(ch)}
        characters = sum(self._characters.values())
        solid = characters - sum(count for ch, count in self._characters.items() if ch.isspace())
        rare = Counter({ch: count for ch, count in hanzi.items() if not in_gb2312(ch)})
        unknown = Counter({ch: count for ch, count in hanzi.items() if not _is_known(ch)})
        return Contents(
            rows=self._rows,
            empty=self._empty,
            characters=characters,
            hanzi=sum(hanzi.values()),
            hanzi_share=round(sum(hanzi.values()) / max(1, solid), 4),
            lengths=tuple(
                Bin(1 << (bits - 1), (1 << bits) - 1, count) for bits, count in sorted(self._lengths.items())
            ),
            longest=self._longest,
            labels=_most(self._labels, 10 * _SHOWN),
            distinct_labels=len(self._labels),
            character_types=len(hanzi),
            outside_gb2312=_most(rare),
            outside_gb2312_count=rare.total(),
            unknown=_most(unknown),
            unknown_count=unknown.total(),
            words=_most(self._words),
            word_tokens=self._words.total(),
            word_types=len(self._words),
            word_characters=self._word_characters,
        )


def _is_known(ch: str) -> bool:
    try:
        readings(ch)
    except NoReadingError:
        return False
    return True


def _most(counts: Counter[str], shown: int = _SHOWN) -> tuple[Counted, ...]:
    found: Iterable[tuple[str, int]] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:shown]
    return tuple(Counted(name, count) for name, count in found)
