"""Which characters a syllable can be, and how often each of them is it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.dataset import Dataset, Split
from studio.language.syllables import SYLLABLES
from studio.recipe import LEXICONS

FORMAT = 1
_RANGE = 0x110000  # one past the largest code point
_LEXICON_WEIGHT = 0.05  # a word list counts, but running text decides how often a character is what is read
_SMOOTHING = 0.3  # added to every count, so that a candidate never seen keeps a chance


@dataclass(frozen=True)
class PinyinVocabulary:
    """Candidate units, syllable by syllable; within a syllable the most frequent character first.

    Attributes:
        syllables: as the model numbers them.
        candidates: for each syllable, its characters as one string.
    """

    syllables: tuple[str, ...]
    candidates: tuple[str, ...]

    @cached_property
    def starts(self) -> np.ndarray:
        """First unit of each syllable and, last, the number of units: int64 [syllables + 1]."""
        return np.concatenate([[0], np.cumsum([len(c) for c in self.candidates])]).astype(np.int64)

    @cached_property
    def characters(self) -> str:
        """The character of each unit."""
        return "".join(self.candidates)

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each syllable."""
        return {syllable: number for number, syllable in enumerate(self.syllables)}

    @cached_property
    def _keys(self) -> tuple[np.ndarray, np.ndarray]:
        points = np.frombuffer(self.characters.encode("utf-32-le"), "<u4").astype(np.int64)
        owners = np.repeat(np.arange(len(self.candidates)), np.diff(self.starts))
        keys = owners * _RANGE + points
        order = np.argsort(keys)
        return keys[order], order

    def units(self, text: np.ndarray, syllables: np.ndarray) -> np.ndarray:
        """The unit of each (character, syllable) pair, -1 where the syllable has no such candidate.

        Args:
            text: code points [positions].
            syllables: [positions].

        Returns:
            int32 [positions].
        """
        keys, order = self._keys
        wanted = syllables.astype(np.int64) * _RANGE + text.astype(np.int64)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, order[place], -1).astype(np.int32)

    def save(self, path: Path) -> None:
        """Write `vocabulary.json`."""
        table = dict(zip(self.syllables, self.candidates, strict=True))
        path.write_text(
            json.dumps({"format": FORMAT, "candidates": table}, ensure_ascii=False, indent=0) + "\n",
            encoding="utf-8",
        )

    @classmethod
    def load(cls, path: Path) -> PinyinVocabulary:
        """Read `vocabulary.json`.

        Raises:
            ValueError: if the file is no vocabulary of a format this studio reads.
        """
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise ValueError(f"{path} is no vocabulary of format {FORMAT}")
        table = values["candidates"]
        return cls(tuple(table), tuple(table.values()))


@dataclass(frozen=True)
class PinyinCounts:
    """What counting alone knows, in natural logarithms.

    Attributes:
        log_prior: of each unit given its syllable, float32 [units].
        transitions: of each syllable given the one before it, float32 [syllables + 1, syllables + 1]; the
            last row is the beginning of a clause, the last column its end.
    """

    log_prior: np.ndarray
    transitions: np.ndarray


def build(dataset: Dataset) -> tuple[PinyinVocabulary, PinyinCounts]:
    """Vocabulary and counts of a data set's training split and lexicons.

    Candidates are all pairs seen in training text, and every reading of the 6,763 characters of GB 2312, so
    that a rare character can at least be chosen. Lexicons add readings and counts to characters known so,
    but no characters of their own: word lists hold thousands, many of them traditional forms, that nobody
    means when typing simplified text. The user's own lists do add them: what stands there is meant.
    """
    standard = np.array(_standard_pairs(), np.int64)
    points = np.union1d(standard % _RANGE, np.flatnonzero(np.bincount(dataset.train.text)))
    own = [
        n for n, info in enumerate(dataset.sources) if info.kind == "lexicon" and info.name not in LEXICONS
    ]
    if own:
        theirs = np.repeat(np.isin(dataset.lexicon.source, own), dataset.lexicon.lengths)
        points = np.union1d(points, dataset.lexicon.text[theirs])
    # Pairs are counted in one array of syllables by characters, which needs no sorting of millions of keys.
    column = np.full(_RANGE, -1, np.int64)
    column[points] = np.arange(len(points))
    size = len(SYLLABLES) * len(points)
    counts = np.zeros(size)
    for split, share in ((dataset.train, 1.0), (dataset.lexicon, _LEXICON_WEIGHT)):
        columns = column[split.text]
        kept = columns >= 0
        weights = np.repeat(np.asarray(split.weight, np.float64), split.lengths)[kept] * share
        pairs = split.syllables[kept].astype(np.int64) * len(points) + columns[kept]
        counts += np.bincount(pairs, weights, minlength=size)
    candidate = counts > 0
    candidate[standard // _RANGE * len(points) + column[standard % _RANGE]] = True
    rows: list[str] = []
    priors: list[np.ndarray] = []
    for chosen, row in zip(candidate.reshape(-1, len(points)), counts.reshape(-1, len(points)), strict=True):
        places = np.flatnonzero(chosen)
        places = places[np.argsort(-row[places], kind="stable")]
        rows.append("".join(map(chr, points[places])))
        smoothed = row[places] + _SMOOTHING
        priors.append(np.log(smoothed / smoothed.sum()))
    return PinyinVocabulary(SYLLABLES, tuple(rows)), PinyinCounts(
        np.concatenate(priors).astype(np.float32), _transitions(dataset.train, len(SYLLABLES))
    )


def _standard_pairs() -> list[int]:
    from studio.language.pinyin import NoReadingError, readings

    keys: list[int] = []
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                character = bytes((high, low)).decode("gb2312")
                keys.extend(syllable * _RANGE + ord(character) for syllable in readings(character))
            except (UnicodeDecodeError, NoReadingError):
                continue
    return keys


def _transitions(split: Split, syllables: int) -> np.ndarray:
    """Bigram log-probabilities with Witten-Bell interpolation (Witten and Bell 1991)."""
    size = syllables + 1
    edge = syllables
    following = np.full(len(split.syllables) + len(split), edge, np.int64)
    # Each clause is followed by one boundary symbol, which also precedes the next clause.
    places = np.arange(len(split.syllables)) + np.repeat(np.arange(len(split)), split.lengths)
    following[places] = split.syllables
    preceding = np.concatenate([[edge], following[:-1]])
    pairs = np.bincount(preceding * size + following, minlength=size * size).reshape(size, size).astype(float)
    unigram = pairs.sum(axis=0) + 0.5
    unigram /= unigram.sum()
    total = pairs.sum(axis=1, keepdims=True)
    kinds = (pairs > 0).sum(axis=1, keepdims=True) + 1.0
    return np.log((pairs + kinds * unigram) / (total + kinds)).astype(np.float32)
