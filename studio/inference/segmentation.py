"""Letters without spaces into syllables: a lattice, and the likeliest paths through it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Natural logarithms of how unlikely it is that someone meant this. Set by reason, not tuned: a complete
# syllable is nearly always meant as one, and what is no syllable at all comes last.
_PARTIAL_LAST = -4.0
_PARTIAL_INSIDE = -9.0
_LITERAL = -25.0
_COMPLETIONS = 4  # syllables tried for a beginning that is still being typed
_HOPELESS = 16.0  # a path that is worse than the best to the same place by more is not followed
_PATHS = 3  # partial paths kept for each place and last syllable


@dataclass(frozen=True)
class Unit:
    """One stretch of letters on a path.

    Attributes:
        start, end: which letters.
        syllable: its number, or -1 for a letter that fits into no syllable.
        partial: the letters are only the beginning of the syllable.
    """

    start: int
    end: int
    syllable: int
    partial: bool = False


@dataclass(frozen=True)
class Segmentation:
    """A path through the lattice and the logarithm of its probability among all paths, unnormalised."""

    units: tuple[Unit, ...]
    score: float


@dataclass(frozen=True)
class Segmenter:
    """Divides letters by a bigram model of syllables.

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
    def _spellings(self) -> dict[str, int]:
        table = {s: number for number, s in enumerate(self.syllables) if number not in self.unusable}
        # Other ways in which people type the same syllable.
        for plain, usual in (("lue", "lve"), ("nue", "nve")):
            if usual in table:
                table.setdefault(plain, table[usual])
        for syllable, number in list(table.items()):
            if syllable[0] in "jqxy" and len(syllable) > 1 and syllable[1] == "u":
                table.setdefault(syllable[0] + "v" + syllable[2:], number)
        return table

    @cached_property
    def _rows(self) -> list[list[float]]:
        # Plain numbers: reading them one by one out of an array takes several times as long.
        rows: list[list[float]] = self.transitions.tolist()
        return rows

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._spellings))

    @cached_property
    def _prefixes(self) -> dict[str, np.ndarray]:
        table: dict[str, set[int]] = {}
        for spelling, number in self._spellings.items():
            for end in range(1, len(spelling)):
                table.setdefault(spelling[:end], set()).add(number)
        return {prefix: np.array(sorted(numbers)) for prefix, numbers in table.items()}

    @cached_property
    def _frequency(self) -> np.ndarray:
        # The row of the beginning stands in for how common a syllable is where nothing came before it.
        return np.asarray(np.logaddexp.reduce(self.transitions[:, :-1], axis=0))

    def segment(
        self, letters: str, breaks: frozenset[int] = frozenset(), count: int = 6
    ) -> list[Segmentation]:
        """The likeliest ways to divide letters, best first.

        Args:
            letters: lower case, `v` for ü.
            breaks: places before which a syllable must begin.
            count: how many are wanted.

        Returns:
            at least one, if there are letters at all; letters that fit nowhere become units by themselves.
        """
        if not letters:
            return []
        edge = len(self.syllables)
        # For each place, by last syllable, the best paths: (score, units so far as a linked list).
        table: list[dict[int, list[tuple[float, _Link | None]]]] = [{} for _ in range(len(letters) + 1)]
        table[0][edge] = [(0.0, None)]
        for place in range(len(letters)):
            if not table[place]:
                continue
            units = self._units_from(letters, place, breaks)
            hopeless = max(paths[0][0] for paths in table[place].values()) - _HOPELESS
            for last, paths in table[place].items():
                if paths[0][0] < hopeless:
                    continue
                row = self._rows[last]
                for unit, penalty in units:
                    known = unit.syllable >= 0
                    after = unit.syllable if known else edge
                    gain = penalty + (row[unit.syllable] if known else 0.0)
                    slot = table[unit.end].setdefault(after, [])
                    for score, link in paths:
                        _keep(slot, score + gain, unit, link)
        ends = [
            (score + float(self.transitions[last][edge]), link)
            for last, paths in table[len(letters)].items()
            for score, link in paths
        ]
        best = heapq.nlargest(count, ends, key=lambda item: item[0])
        return [Segmentation(_unroll(link), score) for score, link in best]

    def beginning_with(self, letters: str) -> np.ndarray:
        """Numbers of the syllables, ascending, of which some spelling goes on after these letters."""
        return self._prefixes.get(letters, np.zeros(0, np.int64))

    def _units_from(self, letters: str, place: int, breaks: frozenset[int]) -> list[tuple[Unit, float]]:
        found: list[tuple[Unit, float]] = []
        stop = min([b for b in breaks if b > place], default=len(letters))
        for end in range(place + 1, min(stop, place + self._longest) + 1):
            text = letters[place:end]
            number = self._spellings.get(text)
            if number is not None:
                found.append((Unit(place, end, number), 0.0))
            beginnings = self.beginning_with(text)
            if not len(beginnings):
                continue
            at_the_end = end == len(letters)
            # Inside, only initials stand for a syllable: zgrm, zhongg.
            if at_the_end or text in ("zh", "ch", "sh") or (len(text) == 1 and text not in "aeo"):
                penalty = _PARTIAL_LAST if at_the_end else _PARTIAL_INSIDE
                likeliest = beginnings[np.argsort(-self._frequency[beginnings], kind="stable")[:_COMPLETIONS]]
                found += [(Unit(place, end, int(number), partial=True), penalty) for number in likeliest]
        if not any(unit.end <= stop for unit, _ in found) or letters[place] in "iuv":
            found.append((Unit(place, place + 1, -1), _LITERAL))
        return found


@dataclass(frozen=True, eq=False)
class _Link:
    unit: Unit
    before: _Link | None


def _keep(slot: list[tuple[float, _Link | None]], score: float, unit: Unit, before: _Link | None) -> None:
    """Insert a path where it belongs among the best, if it does; nearly all of them do not."""
    if len(slot) == _PATHS and score <= slot[-1][0]:
        return
    place = len(slot)
    while place and slot[place - 1][0] < score:
        place -= 1
    slot.insert(place, (score, _Link(unit, before)))
    del slot[_PATHS:]


def _unroll(link: _Link | None) -> tuple[Unit, ...]:
    units: list[Unit] = []
    while link is not None:
        units.append(link.unit)
        link = link.before
    return tuple(reversed(units))
