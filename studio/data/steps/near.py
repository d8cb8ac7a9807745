"""Documents that are nearly the same as an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from studio.data.steps.minhash import PLACES, earlier_like, signature
from studio.data.steps.repeats import letters_of
from studio.data.steps.stage import T, Tally, with_text

_SHORT = 200  # letters of a text that are kept beyond its stream


class NearRepeats:
    """Drops documents that are like one before them, in this source or in an earlier one.

    A whole stream is read before its first document comes out: which texts are alike is found by sorting signatures
    (`minhash.earlier_like`), of 256 bytes each. Texts of one stream, and short ones of streams before it, are compared
    exactly; long ones of streams before it by an estimate.

    Args:
        threshold: the least likeness, the Jaccard index of the sets of n-grams.
        ngram: characters that are taken together.
    """

    def __init__(self, kind: str, threshold: float, ngram: int) -> None:
        self.tally = Tally(kind)
        self._threshold, self._ngram = threshold, ngram
        self._kept = np.empty((0, PLACES), np.uint16)
        self._letters: list[str] = []

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        held: list[T] = []
        signed: list[int] = []  # their places among the signatures, -1 for those without a letter
        fresh: list[np.ndarray] = []
        for document in documents:
            letters = letters_of(document.text)
            signed.append(len(self._kept) + len(fresh) if letters else -1)
            if letters:
                fresh.append(signature(letters, self._ngram))
                self._letters.append(letters)
            held.append(document)
        signatures = np.concatenate([self._kept, np.array(fresh, np.uint16).reshape(-1, PLACES)])
        found = earlier_like(signatures, self._threshold, self._letters, self._ngram)
        is_first = found == np.arange(len(signatures))
        self._kept = signatures[is_first]
        stay = np.flatnonzero(is_first)
        self._letters = [text if len(text := self._letters[n]) <= _SHORT else "" for n in stay]
        for document, place in zip(held, signed, strict=True):
            stays = place < 0 or bool(is_first[place])
            made = with_text(document, document.text if stays else "", self.tally)
            if made is not None:
                yield made
