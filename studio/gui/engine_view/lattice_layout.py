"""Where the parts of a lattice stand, in letters and rows, and what moving a boundary does to the letters. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from studio.runs.explanations import Explained

SEPARATORS = frozenset("' ’‘`\t")


@dataclass(frozen=True)
class Brick:
    """An edge of the lattice as it is drawn.

    Attributes:
        edge: its number in the explanation.
        left, right: between which letters, counted without separators.
        lane: 0 for the best path, then 1, 2, ... downwards.
        on_path: some path goes through it.
    """

    edge: int
    left: int
    right: int
    lane: int
    on_path: bool


@dataclass(frozen=True)
class LatticeLayout:
    """A lattice laid out.

    Attributes:
        letters: as typed, without separators.
        forced: boundaries at which a separator was typed; boundary i stands before letter i.
        divided: boundaries of the best path.
        bricks: each edge once.
        lanes: rows of bricks, that of the best path included.
    """

    letters: str
    forced: frozenset[int]
    divided: frozenset[int]
    bricks: tuple[Brick, ...]
    lanes: int


EMPTY = LatticeLayout("", frozenset(), frozenset(), (), 0)


def lay_out(found: Explained) -> LatticeLayout:
    """Bricks of the best path in one row, all others below it, each as high as it fits."""
    letters, forced = cells_of(found.text)
    number = _counted(found.text)
    best = found.paths[0].edges if found.paths else ()
    used = {edge for path in found.paths for edge in path.edges}
    spans = [(number[edge.start], number[edge.end]) for edge in found.edges]
    bricks = [Brick(edge, *spans[edge], 0, True) for edge in best]
    ends: list[list[tuple[int, int]]] = []
    # What paths go through stands nearer to the best one.
    rest = [edge for edge in range(len(spans)) if edge not in best]
    for edge in sorted(rest, key=lambda e: (e not in used, spans[e])):
        left, right = spans[edge]
        lane = next(
            (n for n, taken in enumerate(ends) if all(right <= a or left >= b for a, b in taken)), len(ends)
        )
        if lane == len(ends):
            ends.append([])
        ends[lane].append((left, right))
        bricks.append(Brick(edge, left, right, lane + 1, edge in used))
    divided = frozenset(spans[edge][0] for edge in best if spans[edge][0])
    return LatticeLayout(letters, forced, divided, tuple(bricks), len(ends) + 1 if best else len(ends))


def cells_of(text: str) -> tuple[str, frozenset[int]]:
    """The letters of a typed text without separators, and the boundaries at which there are some."""
    letters, forced = "", set()
    for character in text:
        if character in SEPARATORS:
            forced.add(len(letters))
        else:
            letters += character
    return letters, frozenset(b for b in forced if 0 < b < len(letters))


def toggled(text: str, boundary: int) -> str:
    """The text with a separator at a boundary where there is none, or without those that there are."""
    letters, forced = cells_of(text)
    return _written(letters, forced ^ {boundary})


def moved(text: str, boundary: int, to: int) -> str:
    """The text with the boundary at another place: a separator there, and none where it was."""
    letters, forced = cells_of(text)
    return _written(letters, (forced - {boundary}) | {to})


def _written(letters: str, forced: frozenset[int]) -> str:
    marked = ("'" * (at in forced and at > 0) + letter for at, letter in enumerate(letters))
    return "".join(marked)


def _counted(text: str) -> list[int]:
    """For each offset into the text, how many letters stand before it."""
    counts = [0]
    for character in text:
        counts.append(counts[-1] + (character not in SEPARATORS))
    return counts
