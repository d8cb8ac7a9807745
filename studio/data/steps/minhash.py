"""Which texts are nearly the same: MinHash signatures of character n-grams, compared where they agree in a band.

The share of equal places of two signatures estimates the Jaccard index of the sets of n-grams (Broder 1997, "On the
resemblance and containment of documents"). Only texts whose signatures agree in all places of some band are compared
(locality-sensitive hashing: Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", ch. 3). Places are kept to
16 bits (Li and König 2010, "b-bit minwise hashing"): two that differ agree by chance one time in 65,536.

With 128 places the estimate's standard deviation at a likeness of 0.8 is 0.035. Where the texts themselves are at hand,
what is estimated to be about as like as is wanted is compared exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Protocol

import numpy as np

PLACES = 128
_FOUND = 0.95  # chance to compare two texts that are exactly as like as the threshold
_CHUNK = 8192  # n-grams hashed at once: 8 MB
_SEED = 20_240_501
_SLACK = 0.15  # below the threshold, where estimates are looked into: four standard deviations
_AT_ONCE = 4096  # pairs of signatures that are compared at once: 2 MB


class Signatures(Protocol):
    """Signatures that need not be in memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, places: np.ndarray, /) -> np.ndarray:
        """Some of them: uint16 [places, PLACES]."""
        ...

    def blocks(self) -> Iterator[np.ndarray]:
        """All of them in order, some at a time."""
        ...


class Letters(Protocol):
    """What texts were signed by, empty where that is not known."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> str: ...


def signature(letters: str, ngram: int) -> np.ndarray:
    """The signature of a text: uint16 [PLACES]. A text shorter than an n-gram counts as one.

    Args:
        letters: not empty, as `studio.data.steps.repeats.letters_of` gives them.
        ngram: characters that are taken together.
    """
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    size = min(ngram, len(codes))
    hashes = np.zeros(len(codes) - size + 1, np.uint64)
    with np.errstate(over="ignore"):
        for place in range(size):
            hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + len(hashes)]
        hashes = _mixed(hashes)
        least = np.full(PLACES, np.iinfo(np.uint64).max, np.uint64)
        for start in range(0, len(hashes), _CHUNK):
            part = hashes[start : start + _CHUNK, None] * _factors()
            np.minimum(least, part.min(axis=0), out=least)
    return (_mixed(least) & np.uint64(0xFFFF)).astype(np.uint16)


def bands(threshold: float) -> tuple[int, int]:
    """How many bands of how many places find two texts as like as the threshold with a chance of 95%."""
    for rows in range(PLACES, 1, -1):
        count = PLACES // rows
        if 1 - (1 - threshold**rows) ** count >= _FOUND:
            return count, rows
    return PLACES, 1


def likeness(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The estimated Jaccard index of a signature [PLACES] with others [texts, PLACES]: float64 [texts]."""
    share: np.ndarray = (one == others).mean(axis=-1)
    return share


def jaccard(one: str, other: str, ngram: int) -> float:
    """The Jaccard index of the sets of n-grams of two texts; one shorter than an n-gram counts as one."""
    first, second = _ngrams(one, ngram), _ngrams(other, ngram)
    return len(first & second) / len(first | second)


def earlier_like(
    signatures: np.ndarray | Signatures, threshold: float, letters: Letters = (), ngram: int = 0
) -> np.ndarray:
    """For each text an earlier one that it is like, or its own number. Takes some 40 bytes a text while it works.

    Args:
        signatures: uint16 [texts, PLACES].
        threshold: the least likeness, 0 to 1.
        letters: of each text, empty where they are not known; two that are known are compared by their n-grams
            themselves, so that only texts of unknown letters are judged by an estimate.
        ngram: as for the signatures.

    Returns:
        int64 [texts]. Of texts that agree in a band, each is compared with the first of them and with the one just
        before: what has many copies costs no more than what has few.
    """
    found = np.arange(len(signatures))
    count, rows = bands(threshold)

    def is_like(one: int, other: int, estimate: float) -> bool:
        if len(letters) and (mine := letters[one]) and (others := letters[other]):
            return jaccard(mine, others, ngram) >= threshold
        return estimate >= threshold

    least = threshold - (_SLACK if len(letters) else 0.0)
    for band in range(count):
        keys = _keys(signatures, slice(band * rows, (band + 1) * rows))
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        # Members of a bucket ascend and stand together: the first of each, and who has a member before it.
        follows = np.zeros(len(keys), bool)
        follows[1:] = keys[1:] == keys[:-1]
        places = np.flatnonzero(follows)
        rest, before = order[places], order[places - 1]
        starts = np.flatnonzero(~follows)
        first = order[starts[np.searchsorted(starts, places) - 1]]
        del keys, order, follows, places, starts
        new = found[rest] == rest
        rest, before, first = rest[new], before[new], first[new]
        for anchors in (first, before):
            _compare(rest, anchors, signatures, found, least, is_like)
    return found


def _keys(signatures: np.ndarray | Signatures, columns: slice) -> np.ndarray:
    """A hash of some places of each signature, uint64 [texts]."""
    keys = np.zeros(len(signatures), np.uint64)
    start = 0
    with np.errstate(over="ignore"):
        for block in [signatures] if isinstance(signatures, np.ndarray) else signatures.blocks():
            part = keys[start : start + len(block)]
            for column in range(columns.start, columns.stop):
                part[:] = _mixed(part ^ block[:, column])
            start += len(block)
    return keys


def _compare(
    rest: np.ndarray,
    anchors: np.ndarray,
    signatures: np.ndarray | Signatures,
    found: np.ndarray,
    least: float,
    is_like: Callable[[int, int, float], bool],
) -> None:
    """Note of texts that they are like the earlier ones that they are compared with, both int64 [texts]."""
    for start in range(0, len(rest), _AT_ONCE):
        some, others = rest[start : start + _AT_ONCE], anchors[start : start + _AT_ONCE]
        shares = (signatures[some] == signatures[others]).mean(axis=1)
        for place in np.flatnonzero(shares >= least):
            one, other = int(some[place]), int(others[place])
            if found[one] == one and is_like(one, other, float(shares[place])):
                found[one] = other


def _ngrams(text: str, size: int) -> set[str]:
    return {text[start : start + size] for start in range(max(1, len(text) - size + 1))}


@cache
def _factors() -> np.ndarray:
    """Odd numbers: a product with one is another order of all hashes (multiply-shift: Dietzfelbinger et al. 1997)."""
    return np.random.default_rng(_SEED).integers(0, 2**63, PLACES, dtype=np.uint64) * np.uint64(
        2
    ) + np.uint64(1)


def _mixed(values: np.ndarray) -> np.ndarray:
    """Every bit of the value in every bit of the hash (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
