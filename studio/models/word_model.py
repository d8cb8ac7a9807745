"""N-grams of words over texts written without spaces: which words a text is best read as, and how likely that is.

What stands beside what is a matter of words, and the units that a decoder walks along are characters: four of them
are two words. A text's score is that of its likeliest reading, found by dynamic programming over all ways to cut it
(as in Viterbi segmentation with a bigram model, here over pairs of words).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studio.models.backoff import BackoffModel, Level, bits_for
from studio.models.packed_ngrams import pack, unpack
from studio.models.pruning import prune

ORDER = 3
_WORDS_KEPT = 150_000  # of a model that is made smaller, besides those that its n-grams hold
_UNHEARD = -20.0  # log-probability in one model of a word that only the other knows
_LISTED = "list"


@dataclass(frozen=True)
class WordModel:
    """A back-off model whose units are words.

    Attributes:
        words: by their numbers; hanzi alone.
        ngrams: of order 3 over these numbers.
    """

    words: tuple[str, ...]
    ngrams: BackoffModel

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def longest(self) -> int:
        """Characters of the longest word."""
        return max(map(len, self.words), default=1)

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays, for a file."""
        return {_LISTED: np.frombuffer("\n".join(self.words).encode("utf-8"), np.uint8), **pack(self.ngrams)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> WordModel:
        """What `arrays` was made from.

        Raises:
            ValueError: if the arrays are not such a model's.
        """
        if _LISTED not in arrays:
            raise ValueError("the list of words is missing")
        rest = {name: array for name, array in arrays.items() if name != _LISTED}
        words = tuple(arrays[_LISTED].tobytes().decode("utf-8").split("\n"))
        ngrams = unpack(rest)
        if ngrams.units != len(words):
            raise ValueError(f"{len(words)} words do not fit n-grams of {ngrams.units}")
        return cls(words, ngrams)

    def among(self, words: Sequence[str]) -> BackoffModel:
        """Its n-grams over a longer list of words, all of its own among them; the others are all but impossible.

        Raises:
            KeyError: if one of its own is missing.
        """
        numbers = {word: number for number, word in enumerate(words)}
        return _renumbered(
            self.ngrams, np.array([numbers[word] for word in self.words], np.int64), len(words)
        )

    def pruned(self, most: int) -> WordModel:
        """The model with at most so many pairs and triples, those that say most, and without the rarest words."""
        smaller = prune(self.ngrams, most)
        kept = np.zeros(smaller.units + 3, bool)
        kept[np.argsort(-smaller.levels[0].log[: smaller.units], kind="stable")[:_WORDS_KEPT]] = True
        for length, level in enumerate(smaller.levels[1:], start=2):
            for place in range(length):
                kept[level.keys >> smaller.bits * place & (1 << smaller.bits) - 1] = True
        # Frequent words come first: what follows a word then has small numbers, which take fewer bits in a file.
        chosen = np.argsort(-smaller.levels[0].log[: smaller.units], kind="stable")
        chosen = chosen[kept[chosen]]
        numbers = np.full(smaller.units, -1, np.int64)
        numbers[chosen] = np.arange(len(chosen))
        words = tuple(self.words[number] for number in chosen.tolist())
        return WordModel(words, _renumbered(smaller, numbers, len(words)))


def _renumbered(model: BackoffModel, numbers: np.ndarray, size: int) -> BackoffModel:
    """The model with units `numbers` [units] of `size` instead of its own; those of number -1 are in no n-gram."""
    bits = bits_for(size)
    known = numbers >= 0
    moved = np.concatenate([numbers, size + np.arange(3)])
    single, back = np.full(size + 3, _UNHEARD, np.float32), np.zeros(size + 3, np.float32)
    there = np.concatenate([known, np.ones(3, bool)])
    single[moved[there]] = model.levels[0].log[there]
    back[moved[there]] = model.levels[0].back[there]
    levels = [Level(np.zeros(0, np.int64), single, back)]
    for length, level in enumerate(model.levels[1:], start=2):
        keys = np.zeros(len(level.keys), np.int64)
        for place in range(length - 1, -1, -1):
            keys = keys << bits | moved[level.keys >> model.bits * place & (1 << model.bits) - 1]
        order = np.argsort(keys, kind="stable")
        weights = level.back[order] if len(level.back) else level.back
        levels.append(Level(keys[order], level.log[order], weights))
    return BackoffModel(tuple(levels))
