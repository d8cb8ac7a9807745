"""What an imported model says about words: how likely each, each pair and each triple is, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

BEGIN, END = "<s>", "</s>"
"""Words that stand for the two ends of a sentence."""

UNDECIDED = -1.0
"""The share of a reading among those of its word where nothing says how they are divided."""


@dataclass(frozen=True)
class Readings:
    """How words are read; a word may have several readings, which stand together, and some have none.

    Attributes:
        word: whose reading it is, int32 [readings], ascending.
        syllables: indices into `SYLLABLES`, one for each character, reading after reading: uint16 [characters].
        share: how much of the word's probability it takes, float32 [readings]; `UNDECIDED` where that is open.
    """

    word: np.ndarray
    syllables: np.ndarray
    share: np.ndarray


@dataclass(frozen=True)
class WordNgrams:
    """Words with their probabilities, all of them joint ones, by running text.

    Attributes:
        words: of hanzi alone, `BEGIN` and `END` aside.
        single: of each word, float32 [words].
        pairs: int32 [pairs, 2] words; pair: float32 [pairs].
        triples: int32 [triples, 3] words; triple: float32 [triples].
        readings: of the words.
    """

    words: tuple[str, ...]
    single: np.ndarray
    pairs: np.ndarray
    pair: np.ndarray
    triples: np.ndarray
    triple: np.ndarray
    readings: Readings

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays, for a file."""
        return {
            "words": np.frombuffer("\n".join(self.words).encode("utf-8"), np.uint8),
            "single": self.single,
            "pairs": self.pairs,
            "pair": self.pair,
            "triples": self.triples,
            "triple": self.triple,
            "reading.word": self.readings.word,
            "reading.syllables": self.readings.syllables,
            "reading.share": self.readings.share,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> WordNgrams:
        """What `arrays` was made from.

        Raises:
            KeyError, ValueError: if the arrays are not such a model's.
        """
        words = tuple(arrays["words"].tobytes().decode("utf-8").split("\n"))
        readings = Readings(arrays["reading.word"], arrays["reading.syllables"], arrays["reading.share"])
        found = cls(
            words,
            arrays["single"],
            arrays["pairs"],
            arrays["pair"],
            arrays["triples"],
            arrays["triple"],
            readings,
        )
        lengths = np.array([len(word) for word in words], np.int64)
        numbers = (found.pairs, found.triples, readings.word)
        if len(found.single) != len(words) or any(n.size and n.max() >= len(words) for n in numbers):
            raise ValueError("its words do not fit its n-grams")
        if len(found.pair) != len(found.pairs) or len(found.triple) != len(found.triples):
            raise ValueError("its n-grams do not fit their probabilities")
        if int(lengths[readings.word].sum()) != len(readings.syllables):
            raise ValueError("its readings do not fit its words")
        return found


@dataclass(frozen=True)
class Counted:
    """N-grams of words as a file gives them, before anything is known about readings; fields as in `WordNgrams`."""

    words: tuple[str, ...]
    single: np.ndarray
    pairs: np.ndarray
    pair: np.ndarray
    triples: np.ndarray
    triple: np.ndarray
