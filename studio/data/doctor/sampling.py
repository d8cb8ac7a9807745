"""Tables of bounded size: when one is full, only keys of a random half stay, and counts stand for twice as many.

Which keys those are depends on nothing but the keys (adaptive sampling: Flajolet 1990, "On adaptive sampling"), so
equal ones are kept or left out together, and the same texts give the same report.
"""

from __future__ import annotations

import numpy as np

from studio.data.steps.minhash import PLACES


class SampledTable:
    """Values by 64-bit hashes.

    Args:
        most: entries that are kept.

    Attributes:
        level: of 2 ** level keys one is kept.
    """

    def __init__(self, most: int) -> None:
        self.level = 0
        self._most = most
        self._values: dict[int, int] = {}

    def sampled(self, key: int) -> bool:
        """Whether this key is one of those that are kept."""
        return key & ((1 << self.level) - 1) == 0

    def first(self, key: int, value: int) -> int | None:
        """Another value noted for a sampled key earlier; if there is none, None, and this value is noted."""
        known = self._values.setdefault(key, value)
        if known != value:
            return known
        if len(self._values) > self._most:
            self.level += 1
            self._values = {k: v for k, v in self._values.items() if self.sampled(k)}
        return None


class SampledSignatures:
    """MinHash signatures with the numbers of their texts. Texts that are alike mostly share what decides who stays.

    Args:
        most: signatures that are kept, of some 280 bytes each.

    Attributes:
        level: of 2 ** level signatures one is kept.
    """

    def __init__(self, most: int) -> None:
        self.level = 0
        self._most = most
        self._signatures = np.empty((min(most, 1024) + 1, PLACES), np.uint16)
        self._numbers = np.empty(len(self._signatures), np.int64)
        self._size = 0

    def add(self, signature: np.ndarray, number: int) -> None:
        """Keep a signature if it is sampled."""
        if not self._sampled(signature[None])[0]:
            return
        if self._size == len(self._signatures):
            self._signatures = np.concatenate([self._signatures, np.empty_like(self._signatures)])
            self._numbers = np.concatenate([self._numbers, np.empty_like(self._numbers)])
        self._signatures[self._size] = signature
        self._numbers[self._size] = number
        self._size += 1
        if self._size > self._most and self.level < 12:
            self.level += 1
            stays = np.flatnonzero(self._sampled(self._signatures[: self._size]))
            self._signatures[: len(stays)] = self._signatures[stays]
            self._numbers[: len(stays)] = self._numbers[stays]
            self._size = len(stays)

    @property
    def signatures(self) -> np.ndarray:
        """Those kept, uint16 [texts, PLACES]."""
        return self._signatures[: self._size]

    @property
    def numbers(self) -> np.ndarray:
        """The number of each, int64 [texts]."""
        return self._numbers[: self._size]

    def _sampled(self, signatures: np.ndarray) -> np.ndarray:
        keys = signatures[:, 0].astype(np.uint32) * np.uint32(0x9E3779B1) >> np.uint32(16)
        sampled: np.ndarray = keys & np.uint32((1 << self.level) - 1) == 0
        return sampled
