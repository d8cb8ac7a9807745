"""Word lists: words, pairs or triples with counts, or words with their pinyin, one a line.

Of the kinds that are about: `word<TAB>count` and `word count`, also with a tag behind (jieba, Rime's essay, frequency
lists), `word<TAB>word<TAB>count` (libpinyin), and `word pin'yin`, `word<TAB>pin yin<TAB>figure` (dictionaries).
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from studio.data.errors import DataError
from studio.data.language_models.arpa import LONGEST
from studio.data.language_models.lines import Problems, Tick, opened
from studio.data.language_models.table import Counted
from studio.language.syllables import INDEX, normalise
from studio.language.text import all_hanzi

Spelt = tuple[tuple[int, ...], float | None]
"""A reading as syllables, and the figure behind it, if there is one."""


@dataclass
class Lists:
    """What one or more word lists hold.

    Attributes:
        number: each word's number.
        counts: of the words; pairs and triples: of the n-grams, by their words' numbers.
        readings: of words that came with any.
    """

    number: dict[str, int] = field(default_factory=dict)
    counts: array[float] = field(default_factory=lambda: array("d"))
    grams: dict[int, tuple[array[int], array[float]]] = field(
        default_factory=lambda: {2: (array("i"), array("d")), 3: (array("i"), array("d"))}
    )
    readings: dict[str, list[Spelt]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)

    def word(self, word: str) -> int:
        """A word's number; a new word gets one."""
        found = self.number.get(word)
        if found is None:
            found = self.number[word] = len(self.counts)
            self.counts.append(0.0)
        return found


def read_lists(paths: list[Path], problems: Problems, tick: Tick) -> Lists:
    """Take in word lists; lines that are not of hanzi are passed over, others that cannot be used are counted.

    Raises:
        DataError: if a file cannot be read, or not one line of it can be used.
    """
    lists = Lists()
    for path in paths:
        before, bad = lists.kinds.total(), problems.count
        with opened(path) as source:
            for number, line in source.numbered(tick):
                if line[0] == "#" or line.isspace():
                    continue
                try:
                    _add(lists, line)
                except ValueError as error:
                    problems.add(number, str(error))
        if lists.kinds.total() == before:
            why = f" ({problems.first[0]})" if problems.count > bad and problems.first else ""
            raise DataError(
                f"{path} holds no line with Chinese words and counts{why}",
                "give an ARPA file, or lines of `word<TAB>count`, `word<TAB>word<TAB>count` or `word<TAB>pin yin`",
            )
    return lists


def _add(lists: Lists, line: str) -> None:
    fields = line.split("\t") if "\t" in line else line.split()
    fields = [part for part in (part.strip() for part in fields) if part]
    words = 0
    while words < len(fields) and words < 3 and _is_word(fields[words]):
        words += 1
    if words == 0:
        if fields and _could_be_word(fields[0]):
            return  # Latin, numbers, punctuation: nothing to convert
        raise ValueError("it begins with no word")
    rest = fields[words:]
    if words == 1 and rest and rest[0][0].isascii() and rest[0][0].isalpha() and _add_reading(lists, fields):
        return
    if words > 1 and not rest:
        raise ValueError("words without a count")
    if words == 1 and len(rest) > 1 and _could_be_word(rest[0]) and not _is_number(rest[0]):
        return  # a pair of which one is no word of hanzi
    count = _count(rest[0]) if rest else 1.0
    numbers = [lists.word(word) for word in fields[:words]]
    if words == 1:
        lists.counts[numbers[0]] += count
    else:
        grams, counts = lists.grams[words]
        grams.extend(numbers)
        counts.append(count)
    lists.kinds["words" if words == 1 else "pairs" if words == 2 else "triples"] += 1


def _add_reading(lists: Lists, fields: list[str]) -> bool:
    """Take in a line of `word`, pinyin and perhaps a figure; False if it is none."""
    word, *rest = fields
    figure = float(rest.pop()) if _is_number(rest[-1]) else None
    written = " ".join(rest).replace("'", " ").replace("’", " ").split()
    if len(written) != len(word):
        return False
    try:
        syllables = tuple(INDEX[normalise(part)] for part in written)
    except ValueError:
        return False
    number = lists.word(word)
    if figure is not None and figure > 0:
        lists.counts[number] += figure
    known = lists.readings.setdefault(word, [])
    if syllables not in [spelt for spelt, _ in known]:
        known.append((syllables, figure))
    lists.kinds["readings"] += 1
    return True


def shares(readings: list[Spelt]) -> list[tuple[tuple[int, ...], float]]:
    """How readings of one word divide it: by their figures, which are counts, or, if none is above 0, logarithms.

    Logarithms are to base 10, as libime's dictionary has them. Where figures are missing, the first one counts most.
    """
    figures = [figure for _, figure in readings if figure is not None]
    if len(figures) < len(readings):
        weights = [1.0 if place == 0 else 0.1 for place in range(len(readings))]
    elif max(figures) > 0:
        weights = [max(figure, 0.0) for figure in figures]
    else:
        weights = [10**figure for figure in figures]
    total = sum(weights)
    return [(spelt, weight / total) for (spelt, _), weight in zip(readings, weights, strict=True)]


def counted(lists: Lists) -> Counted:
    """Counts as probabilities. Where a list has pairs or triples alone, words count as often as they begin one."""
    size = len(lists.number)
    single = np.array(lists.counts, np.float64)
    grams = {
        length: np.array(words, np.int32).reshape(-1, length) for length, (words, _) in lists.grams.items()
    }
    counts = {length: np.array(numbers, np.float64) for length, (_, numbers) in lists.grams.items()}
    if not single.any():
        longer = 2 if len(counts[2]) else 3
        for words in grams[longer].T:
            single += np.bincount(words, counts[longer], minlength=size)
    if not single.any():
        single[:] = 1.0
    # A count of zero says "rare": half of the least count there is.
    single[single <= 0] = single[single > 0].min() / 2
    total = max(single.sum(), counts[2].sum(), counts[3].sum())
    return Counted(
        words=tuple(lists.number),
        single=(single / single.sum()).astype(np.float32),
        pairs=grams[2],
        pair=(counts[2] / total).astype(np.float32),
        triples=grams[3],
        triple=(counts[3] / total).astype(np.float32),
    )


def _is_word(text: str) -> bool:
    return len(text) <= LONGEST and all_hanzi(text)


def _could_be_word(text: str) -> bool:
    return "\ufffd" not in text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _count(text: str) -> float:
    try:
        count = float(text.replace(",", ""))
    except ValueError:
        raise ValueError(f"{text!r} is no count") from None
    if not (count >= 0 and math.isfinite(count)):
        raise ValueError(f"{text!r} is no count")
    return count
