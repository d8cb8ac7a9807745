"""The lattice of syllables over letters, column by column, kept from one key to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from studio.inference.spellings import Spellings

# Natural logarithms of how unlikely it is that someone meant this. Set by reason, not tuned: a complete
# syllable is nearly always meant as one, and what is no syllable at all comes last.
_PARTIAL_LAST = -4.0
_PARTIAL_THOUGH_COMPLETE = -4.0  # besides, where the letters are a syllable already: xian is rather not xiang
_PARTIAL_INSIDE = -9.0
_LITERAL = -25.0
_HOPELESS = 16.0  # a path that is worse than the best to the same place by more is not followed
_PATHS = 3  # partial paths kept for each place and last syllable


class Unit(NamedTuple):
    """One stretch of letters on a path.

    Attributes:
        start, end: which letters.
        syllable: its number, or -1 for a letter that fits into no syllable.
        partial: the letters are only the beginning of the syllable.
        slip: the letters are the syllable's but for a slip of the fingers.
    """

    start: int
    end: int
    syllable: int
    partial: bool = False
    slip: bool = False


@dataclass(frozen=True, eq=False)
class Link:
    """The last unit of a path and the path before it."""

    unit: Unit
    before: Link | None


Paths = dict[int, list[tuple[float, Link | None]]]
"""By last syllable, the best paths to a place, best first."""

_Units = Callable[[str, int, int], list[tuple[Unit, float]]]


class Trellis:
    """The best paths to each place between the letters. Letters that begin as the last ones did are not read again.

    Args:
        spellings: what letters may stand for.
        rows: [syllables + 1][syllables + 1] log-probabilities of the next syllable; the last is the edge.
        slips: whether letters may hold slips of the fingers.
    """

    def __init__(self, spellings: Spellings, rows: Sequence[Sequence[float]], slips: bool) -> None:
        self._spellings = spellings
        self._rows = rows
        self._edge = len(rows) - 1
        self._slips = slips
        self._letters = ""
        self._breaks: frozenset[int] = frozenset()
        self._columns: list[Paths] = [{self._edge: [(0.0, None)]}]

    def ends(self, letters: str, breaks: frozenset[int]) -> Paths:
        """The best paths through all letters; the last syllable may still be being typed."""
        self._forget(letters, breaks)
        self._letters, self._breaks = letters, breaks
        while len(self._columns) < len(letters):
            self._columns.append(self._column(len(self._columns), self._inside, abbreviates=True))
        return self._column(len(letters), self._last, abbreviates=False)

    def _forget(self, letters: str, breaks: frozenset[int]) -> None:
        """Drop the columns that other letters or breaks led to. A break is felt behind its place."""
        same = next(
            (n for n, (old, new) in enumerate(zip(self._letters, letters, strict=False)) if old != new),
            min(len(self._letters), len(letters)),
        )
        same = min([same, *(self._breaks ^ breaks)])
        del self._columns[same + 1 :]

    def _column(self, end: int, units: _Units, abbreviates: bool) -> Paths:
        """The best paths to a place: from each place before it, with each unit that reaches from there to here.

        Whoever abbreviates a syllable has made no slip in the one beside it: such pairs are left out. The
        beginning of a syllable at the end of the letters is no abbreviation.
        """
        letters, columns, rows, edge = self._letters, self._columns, self._rows, self._edge
        lowest = max((b for b in self._breaks if b < end), default=0)
        table: Paths = {}
        longest = self._spellings.longest + self._slips  # a letter typed twice makes one more
        for start in range(max(lowest, end - longest), end):
            column = columns[start]
            if not column:
                continue
            found = units(letters[start:end], start, end)
            if not found:
                continue
            hopeless = max(paths[0][0] for paths in column.values()) - _HOPELESS
            for last, paths in column.items():
                if paths[0][0] < hopeless:
                    continue
                row = rows[last]
                for unit, penalty in found:
                    known = unit.syllable >= 0
                    after = unit.syllable if known else edge
                    gain = penalty + (row[after] if known else 0.0)
                    slot = table.get(after)
                    if slot is None:
                        slot = table[after] = []
                    for score, link in paths:
                        if len(slot) == _PATHS and score + gain <= slot[-1][0]:
                            break  # the others are worse
                        if link is not None and (
                            (unit.slip and link.unit.partial)
                            or (abbreviates and unit.partial and link.unit.slip)
                        ):
                            continue
                        _keep(slot, score + gain, unit, link)
        return {after: slot for after, slot in table.items() if slot}

    def _inside(self, text: str, start: int, end: int) -> list[tuple[Unit, float]]:
        """Units that other letters follow. Only initials stand for a syllable there: zgrm, zhongg."""
        found = self._complete(text, start, end)
        if text in self._spellings.initials:
            begun = self._spellings.begun[text]
            found += [(Unit(start, end, n, partial=True), _PARTIAL_INSIDE + cost) for n, cost in begun]
        return self._or_literal(found, text, start, end)

    def _last(self, text: str, start: int, end: int) -> list[tuple[Unit, float]]:
        """Units at the end of the letters, where any beginning of a syllable may still go on."""
        found = self._complete(text, start, end)
        begun = self._spellings.begun.get(text, ())
        penalty = _PARTIAL_LAST + (_PARTIAL_THOUGH_COMPLETE if text in self._spellings.exact else 0.0)
        found += [(Unit(start, end, n, partial=True), penalty + cost) for n, cost in begun]
        return self._or_literal(found, text, start, end)

    def _complete(self, text: str, start: int, end: int) -> list[tuple[Unit, float]]:
        found = [(Unit(start, end, n), cost) for n, cost in self._spellings.complete.get(text, ())]
        if self._slips:
            slips = self._spellings.slips.get(text, ())
            found += [(Unit(start, end, n, slip=True), cost) for n, cost in slips]
        return found

    @staticmethod
    def _or_literal(
        found: list[tuple[Unit, float]], text: str, start: int, end: int
    ) -> list[tuple[Unit, float]]:
        if len(text) == 1 and (not found or text in "iuv"):
            found.append((Unit(start, end, -1), _LITERAL))
        return found


def _keep(slot: list[tuple[float, Link | None]], score: float, unit: Unit, before: Link | None) -> None:
    """Insert a path where it belongs among the best; the caller knows that it does."""
    place = len(slot)
    while place and slot[place - 1][0] < score:
        place -= 1
    slot.insert(place, (score, Link(unit, before)))
    del slot[_PATHS:]
