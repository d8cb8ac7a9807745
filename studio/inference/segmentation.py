"""Letters without spaces into syllables: a lattice, and the likeliest paths through it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studio.inference.spellings import VOWELS, Spellings
from studio.inference.trellis import Link, Trellis, Unit
from studio.runs.requests import FuzzyPair

__all__ = ["Segmentation", "Segmenter", "Unit"]


@dataclass(frozen=True)
class Segmentation:
    """A path through the lattice and the logarithm of its probability among all paths, unnormalised."""

    units: tuple[Unit, ...]
    score: float

    def spelt_out(self, letters: str) -> bool:
        """Every syllable was typed in full, the last one perhaps not yet; n and m are rather initials."""
        return (
            all(
                unit.syllable >= 0 and not unit.partial and VOWELS & set(letters[unit.start : unit.end])
                for unit in self.units[:-1]
            )
            and self.units[-1].syllable >= 0
        )


@dataclass(frozen=True)
class Segmenter:
    """Divides letters by a bigram model of syllables. Not for use from two threads at once.

    What was found for the letters typed before is remembered: one more letter costs only what is new.

    Attributes:
        syllables: as the model numbers them.
        transitions: [syllables + 1, syllables + 1] log-probabilities of the next syllable; the last row is
            the beginning, the last column the end.
        unusable: numbers of syllables that nothing can be made of.
    """

    syllables: Sequence[str]
    transitions: np.ndarray
    unusable: frozenset[int] = frozenset()

    @cached_property
    def _rows(self) -> list[list[float]]:
        # Plain numbers: reading them one by one out of an array takes several times as long.
        rows: list[list[float]] = self.transitions.tolist()
        return rows

    @cached_property
    def _frequency(self) -> np.ndarray:
        # From all the syllables it follows; the row of the beginning alone would be rather thin.
        return np.asarray(np.logaddexp.reduce(self.transitions[:, :-1], axis=0))

    @cached_property
    def _spellings(self) -> dict[frozenset[FuzzyPair], Spellings]:
        return {}

    @cached_property
    def _trellises(self) -> dict[tuple[frozenset[FuzzyPair], bool], Trellis]:
        return {}

    def spellings(self, fuzzy: Iterable[FuzzyPair] = ()) -> Spellings:
        """How the syllables may be typed by someone who does not tell some pairs of sounds apart."""
        pairs = frozenset(fuzzy)
        found = self._spellings.get(pairs)
        if found is None:
            found = Spellings(self.syllables, self.unusable, self._frequency, pairs)
            self._spellings[pairs] = found
        return found

    def segment(
        self,
        letters: str,
        breaks: frozenset[int] = frozenset(),
        count: int = 6,
        *,
        fuzzy: Iterable[FuzzyPair] = (),
        slips: bool = True,
    ) -> list[Segmentation]:
        """The likeliest ways to divide letters, best first.

        Args:
            letters: lower case, `v` for ü.
            breaks: places before which a syllable must begin.
            count: how many are wanted.
            fuzzy: pairs of sounds that the typist does not tell apart.
            slips: letters that cannot be read as spelt-out syllables may hold slips of the fingers.

        Returns:
            at least one, if there are letters at all; letters that fit nowhere become units by themselves.
        """
        if not letters:
            return []
        pairs = frozenset(fuzzy)
        found = self._best(letters, breaks, count, pairs, slips=False)
        if not slips or found[0].spelt_out(letters):
            return found
        known = {way.units for way in found}
        other = self._best(letters, breaks, count, pairs, slips=True)
        found += [way for way in other if way.units not in known]
        return sorted(found, key=lambda way: -way.score)[:count]

    def _best(
        self, letters: str, breaks: frozenset[int], count: int, fuzzy: frozenset[FuzzyPair], slips: bool
    ) -> list[Segmentation]:
        trellis = self._trellises.get((fuzzy, slips))
        if trellis is None:
            trellis = Trellis(self.spellings(fuzzy), self._rows, slips)
            self._trellises[fuzzy, slips] = trellis
        edge = len(self.syllables)
        ends = [
            (score + self._rows[last][edge], link)
            for last, paths in trellis.ends(letters, breaks).items()
            for score, link in paths
        ]
        best = heapq.nlargest(count, ends, key=lambda item: item[0])
        return [Segmentation(_unroll(link), score) for score, link in best]


def _unroll(link: Link | None) -> tuple[Unit, ...]:
    units: list[Unit] = []
    while link is not None:
        units.append(link.unit)
        link = link.before
    return tuple(reversed(units))
