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
        self._chances = {word[:end]: -math.inf for word in chances for end in range(2, len(word))}
        self._chances.update(chances)

    def words(self) -> list[str]:
        """All words."""
        return [word for word, chance in self._chances.items() if chance > -math.inf]

    def cut(self, run: str) -> list[str]:
        """The likeliest words of a run, in order; characters of no word stand alone."""
        chance_of, unseen = self._chances.get, self._unseen
        length = len(run)
        best = [0.0] * (length + 1)
        stops = [length] * (length + 1)
        for start in range(length - 1, -1, -1):
            most = chance_of(run[start], unseen) + best[start + 1]
            stop = start + 1
            for end in range(start + 2, length + 1):
                chance = chance_of(run[start:end])
                if chance is None:
                    break
                if chance + best[end] > most:
                    most = chance + best[end]
                    stop = end
            best[start] = most
            stops[start] = stop
        words: list[str] = []
        start = 0
        while start < length:
            words.append(run[start : stops[start]])
            start = stops[start]
        return words


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
