"""Cutting runs of hanzi into words: of all cuttings the likeliest, by the counts of single words.

The words are those of jieba's dictionary, read as a file, and the phrases that pypinyin knows readings for.
"""

from __future__ import annotations

import importlib.util
import math
from functools import cache
from pathlib import Path

from studio.language.text import all_hanzi

# Rarer words change hardly any cutting and make the tables three times as large.
_RAREST = 10
# What a phrase without a count, and a character that is no word, are taken to have been seen.
_UNSEEN = 0.5


class Vocabulary:
    """Words with the logarithms of their chances."""

    def __init__(self, counts: dict[str, int], phrases: frozenset[str]) -> None:
        total = sum(counts.values()) or 1
        self._unseen = math.log(_UNSEEN / total)
        chances = dict.fromkeys(phrases, self._unseen)
        chances.update((word, math.log(count / total)) for word, count in counts.items())
        # One look-up a step: a beginning that is no word itself has no chance, what begins no word is not there.
        known = {word[:end]: -math.inf for word in chances for end in range(2, len(word))}
        known.update(chances)
        self._words = [word for word, chance in known.items() if chance > -math.inf]
        # Most look-ups are for one and two characters: in tables of their own they are found sooner.
        self._alone = _Alone(self._unseen)
        self._pairs: dict[str, float] = {}
        self._longer: dict[str, float] = {}
        for word, chance in known.items():
            (self._alone, self._pairs, self._longer)[min(len(word), 3) - 1][word] = chance

    def words(self) -> list[str]:
        """All words."""
        return list(self._words)

    def cut(self, run: str) -> list[str]:
        """The likeliest words of a run, in order; characters of no word stand alone."""
        pair_of, longer_of = self._pairs.get, self._longer.get
        length = len(run)
        best = [0.0] * (length + 1)
        stops = list(range(1, length + 2))
        start = length
        behind = 0.0
        for alone in map(self._alone.__getitem__, reversed(run)):
            start -= 1
            most = alone + behind
            end = start + 2
            chance = pair_of(run[start:end]) if end <= length else None
            while chance is not None:
                if chance + best[end] > most:
                    most = chance + best[end]
                    stops[start] = end
                end += 1
                chance = longer_of(run[start:end]) if end <= length else None
            best[start] = behind = most
        words: list[str] = []
        start = 0
        while start < length:
            words.append(run[start : stops[start]])
            start = stops[start]
        return words


class _Alone(dict[str, float]):
    """The chances of characters as words; those that are none have the same."""

    def __init__(self, unseen: float) -> None:
        super().__init__()
        self._unseen = unseen

    def __missing__(self, _: str) -> float:
        return self._unseen


@cache
def vocabulary() -> Vocabulary:
    """The words of jieba and pypinyin; loading takes about half a second and 60 MB."""
    from pypinyin.constants import PHRASES_DICT

    phrases = frozenset(phrase for phrase in PHRASES_DICT if len(phrase) > 1 and all_hanzi(phrase))
    return Vocabulary(_counts(), phrases)


def _counts() -> dict[str, int]:
    # find_spec on a top-level name runs none of the package's code.
    spec = importlib.util.find_spec("jieba")
    if spec is None or not spec.submodule_search_locations:
        return {}
    text = (Path(spec.submodule_search_locations[0]) / "dict.txt").read_text(encoding="utf-8")
    counts: dict[str, int] = {}
    for line in text.splitlines():
        word, count, *_ = (*line.split(" "), "", "")
        if count.isdigit() and (int(count) >= _RAREST or len(word) == 1) and all_hanzi(word):
            counts[word] = max(1, int(count))
    return counts
