"""Which texts are nearly the same: MinHash signatures of character n-grams, compared where they agree in a band.

The share of equal places of two signatures estimates the Jaccard index of the sets of n-grams (Broder 1997, "On the
resemblance and containment of documents"). Only texts whose signatures agree in all places of some band are compared
(locality-sensitive hashing: Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", ch. 3). Places are kept to
16 bits (Li and König 2010, "b-bit minwise hashing"): two that differ agree by chance one time in 65,536.

With 128 places the estimate's standard deviation at a likeness of 0.8 is 0.035.
"""

from __future__ import annotations

from functools import cache

import numpy as np

PLACES = 128
_FOUND = 0.95  # chance to compare two texts that are exactly as like as the threshold
_CHUNK = 8192  # n-grams hashed at once: 8 MB
_SEED = 20_240_501


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
        hashes = np.unique(_mixed(hashes))
        least = np.full(PLACES, np.iinfo(np.uint64).max, np.uint64)
        for start in range(0, len(hashes), _CHUNK):
            part = _mixed(hashes[start : start + _CHUNK, None] ^ _salts())
            np.minimum(least, part.min(axis=0), out=least)
    return (least & np.uint64(0xFFFF)).astype(np.uint16)


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


def earlier_like(signatures: np.ndarray, threshold: float) -> np.ndarray:
    """For each text an earlier one that it is like, or its own number.

    Args:
        signatures: uint16 [texts, PLACES].
        threshold: the least likeness, 0 to 1.

    Returns:
        int64 [texts]. Of texts that agree in a band, each is compared with the first of them that is like none
        before it, and with the one just before: what has many copies costs no more than what has few.
    """
    found = np.arange(len(signatures))
    count, rows = bands(threshold)
    for band in range(count):
        keys = np.zeros(len(signatures), np.uint64)
        with np.errstate(over="ignore"):
            for column in range(band * rows, (band + 1) * rows):
                keys = _mixed(keys ^ signatures[:, column])
        _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        shared = np.flatnonzero(sizes[group] > 1)
        order = shared[np.argsort(group[shared], kind="stable")]
        for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
            if len(members):
                _compare(members, signatures, found, threshold)
    return found


def _compare(members: np.ndarray, signatures: np.ndarray, found: np.ndarray, threshold: float) -> None:
    """Note for the members of a bucket, which ascend, an earlier member that they are like."""
    first, rest = members[0], members[1:]
    open_ones = rest[found[rest] == rest]
    for anchors in (np.full(len(open_ones), first), members[np.searchsorted(members, open_ones) - 1]):
        near = (signatures[open_ones] == signatures[anchors]).mean(axis=1) >= threshold
        earlier = near & (found[open_ones] == open_ones)
        found[open_ones[earlier]] = anchors[earlier]


@cache
def _salts() -> np.ndarray:
    return np.random.default_rng(_SEED).integers(0, 2**63, PLACES, dtype=np.uint64)


def _mixed(values: np.ndarray) -> np.ndarray:
    """Every bit of the value in every bit of the hash (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
