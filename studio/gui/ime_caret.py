"""Where the caret of a composition goes, and what happens to letters and picks around it."""

from __future__ import annotations

from studio.gui.ime_picks import Picks
from studio.runs.requests import SyllableView


def moved(key: str, letters: str, caret: int, syllables: tuple[SyllableView, ...]) -> int:
    """The caret after a key: left, right, home, end, or word_left and word_right for a syllable."""
    edges = sorted({0, len(letters), *(item.start for item in syllables)})
    places = {
        "left": caret - 1,
        "right": caret + 1,
        "home": 0,
        "end": len(letters),
        "word_left": max((edge for edge in edges if edge < caret), default=0),
        "word_right": min((edge for edge in edges if edge > caret), default=len(letters)),
    }
    return min(max(places[key], 0), len(letters))


def common_prefix(left: str, right: str) -> int:
    """How many letters two texts begin with alike."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(left), len(right)))


def shifted(picks: Picks, by: int) -> Picks:
    """Picks of letters of which the first ones are gone."""
    return {(start - by, end - by): text for (start, end), text in picks.items() if start >= by}
