"""Documents that are nearly the same as an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from studio.data.kept import KeptDocuments
from studio.data.room import PassingRoom, Room
from studio.data.steps.filed import FiledLetters, FiledSignatures
from studio.data.steps.minhash import earlier_like, signature
from studio.data.steps.repeats import letters_of
from studio.data.steps.stage import T, Tally, with_text

_SHORT = 200  # letters of a text that are kept beyond its stream


class NearRepeats:
    """Drops documents that are like one before them, in this source or in an earlier one.

    A whole stream is read before its first document comes out: which texts are alike is found by sorting bands of their
    signatures (`minhash.earlier_like`). Texts of one stream, and short ones of streams before it, are compared exactly;
    long ones of streams before it by an estimate. Documents, letters and signatures of 256 bytes wait in files; some 60
    bytes a document are in memory while they are compared, and 10 of those that stay are kept for the next stream.

    Args:
        threshold: the least likeness, the Jaccard index of the sets of n-grams.
        ngram: characters that are taken together.
        room: gets the files; without one they lie in the studio's cache for as long as this lasts.
    """

    def __init__(self, kind: str, threshold: float, ngram: int, room: Room | None = None) -> None:
        self.tally = Tally(kind)
        self._threshold, self._ngram = threshold, ngram
        room = room or PassingRoom()
        self._held: KeptDocuments[Any] = KeptDocuments(room, room.unused("near-documents"))
        self._signatures = FiledSignatures(room, room.unused("near-signatures"))
        self._letters = FiledLetters(room, room.unused("near-letters"))
        self._stay = np.zeros(0, bool)  # which of them are compared with the next stream

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        self._signatures.keep(self._stay)
        self._letters.keep(self._stay, _SHORT)
        signed = bytearray()  # whether there is a letter in each
        before = len(self._signatures)
        for document in documents:
            letters = letters_of(document.text)
            signed.append(bool(letters))
            if letters:
                self._signatures.append(signature(letters, self._ngram))
                self._letters.append(letters)
            self._held.append(document)
        found = earlier_like(self._signatures, self._threshold, self._letters, self._ngram)
        self._stay = found == np.arange(len(found))
        del found
        stays = np.ones(len(signed), bool)
        stays[np.frombuffer(signed, bool)] = self._stay[before:]
        for place, document in enumerate(self._held):
            made = with_text(document, document.text if stays[place] else "", self.tally)
            if made is not None:
                yield made
        self._held.clear()
