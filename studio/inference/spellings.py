"""In which ways syllables are typed: as they are spelt, begun, as one's dialect has them, or with a slip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from studio.runs.requests import FuzzyPair

# Natural logarithms of how unlikely it is that someone meant this, set by reason, not tuned. A slip costs more than
# an initial that stands for a syllable (see `segmentation`), so whoever abbreviates is not corrected.
_FUZZY = -1.5
_TRANSPOSED = _DOUBLED = -16.0
_NEIGHBOUR = -18.0
_MISSING = -20.0
_READABLE = -4.0  # besides, where the letters could be a syllable and an initial
_COMPLETIONS = 4  # syllables tried for a beginning that is still being typed
_READINGS = 3  # syllables tried for letters that hold a slip

_INITIALS = ("zh", "ch", "sh")
VOWELS = frozenset("aeiouv")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHIFTS = (0.0, 0.25, 0.75)  # how far each row of keys stands to the right, in keys
# Exactly the finals that are confused; ian and uan have pairs of their own.
_FINALS: dict[FuzzyPair, tuple[str, str]] = {
    "an_ang": ("an", "ang"), "en_eng": ("en", "eng"), "in_ing": ("in", "ing"),
    "ian_iang": ("ian", "iang"), "uan_uang": ("uan", "uang"),
}  # fmt: skip

Readings = tuple[tuple[int, float], ...]
"""Syllables by their numbers, with what each costs."""


class Spellings:
    """What letters may stand for, for one set of fuzzy pairs.

    Args:
        syllables: as the model numbers them.
        unusable: numbers of syllables that nothing can be made of.
        frequency: [syllables] how common each is, as logarithms.
        fuzzy: pairs of sounds that the typist does not tell apart.
    """

    def __init__(
        self,
        syllables: Sequence[str],
        unusable: frozenset[int],
        frequency: np.ndarray,
        fuzzy: Iterable[FuzzyPair] = (),
    ) -> None:
        self._frequency = frequency
        self.exact = _exact(syllables, unusable)
        self.fuzzy = frozenset(fuzzy)
        complete: dict[str, dict[int, float]] = {}
        begun: dict[str, dict[int, float]] = {}
        for spelling, number in self.exact.items():
            for text, cost in _as_typed(spelling, self.fuzzy):
                _note(complete, text, number, cost)
                for end in range(1, len(text)):
                    _note(begun, text[:end], number, cost)
        self.complete: dict[str, Readings] = {
            text: tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))
            for text, found in complete.items()
        }
        self.begun: dict[str, Readings] = {text: self._likeliest(found) for text, found in begun.items()}
        self.initials = frozenset(
            text for text in begun if text in _INITIALS or (len(text) == 1 and text not in "aeo")
        )
        self._beginnings = {text: np.array(sorted(found)) for text, found in begun.items()}
        self.longest = max(map(len, complete), default=1)

    def beginning_with(self, letters: str) -> np.ndarray:
        """Numbers of the syllables, ascending, of which some spelling goes on after these letters."""
        return self._beginnings.get(letters, np.zeros(0, np.int64))

    @cached_property
    def slips(self) -> dict[str, Readings]:
        """What letters may stand for that hold one slip of the fingers.

        Letters that can be read without one are left out: spellings, initials, and a syllable beside an initial. Only
        the commonest of all, tain for tian, is taken for what it is.
        """
        found: dict[str, dict[int, float]] = {}
        for spelling, number in self.exact.items():
            for text, cost in _slipped(spelling):
                if not self._reads_well(text):
                    _note(found, text, number, cost)
                elif text.endswith("ain") and spelling == text[:-3] + "ian":
                    _note(found, text, number, cost + _READABLE)
        return {text: self._likeliest(numbers)[:_READINGS] for text, numbers in found.items()}

    def _reads_well(self, text: str) -> bool:
        if text in self.complete or not VOWELS & set(text):
            return True
        if len(text) < 3 and text[0] not in "iuv":
            return True
        return any(
            (text[:cut] in self.complete and text[cut:] in self.initials)
            or (text[:cut] in self.initials and text[cut:] in self.complete)
            for cut in range(1, len(text))
        )

    def _likeliest(self, found: dict[int, float]) -> Readings:
        order = sorted(found, key=lambda number: (-float(self._frequency[number]) - found[number], number))
        return tuple((number, found[number]) for number in order[:_COMPLETIONS])


def _exact(syllables: Sequence[str], unusable: frozenset[int]) -> dict[str, int]:
    table = {s: number for number, s in enumerate(syllables) if number not in unusable}
    # Other ways in which people type the same syllable.
    for plain, usual in (("lue", "lve"), ("nue", "nve")):
        if usual in table:
            table.setdefault(plain, table[usual])
    for syllable, number in list(table.items()):
        if syllable[0] in "jqxy" and len(syllable) > 1 and syllable[1] == "u":
            table.setdefault(syllable[0] + "v" + syllable[2:], number)
    return table


def _as_typed(spelling: str, fuzzy: frozenset[FuzzyPair]) -> Iterator[tuple[str, float]]:
    """A spelling and what is typed instead by someone who does not tell the pairs apart."""
    cut = 2 if spelling[:2] in _INITIALS else int(spelling[0] not in VOWELS)
    initial, final = spelling[:cut], spelling[cut:]
    for first, one in _swapped(initial, [tuple(p.split("_")) for p in fuzzy if p not in _FINALS]):
        for last, other in _swapped(final, [_FINALS[p] for p in fuzzy if p in _FINALS]):
            yield first + last, one + other


def _swapped(part: str, pairs: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, float]]:
    yield part, 0.0
    for left, right in pairs:
        if part in (left, right):
            yield (right if part == left else left), _FUZZY


def _slipped(spelling: str) -> Iterator[tuple[str, float]]:
    for place, letter in enumerate(spelling):
        before, behind = spelling[:place], spelling[place + 1 :]
        if behind and behind[0] != letter:
            yield before + behind[0] + letter + behind[1:], _TRANSPOSED
        others = [(letter * 2, _DOUBLED), ("", _MISSING), *((near, _NEIGHBOUR) for near in _NEAR[letter])]
        for other, cost in others:
            if len(before + other + behind) > 2:  # of two letters too little would be left to go by
                yield before + other + behind, cost


def _neighbours() -> dict[str, str]:
    places = {
        key: (column + shift, row)
        for row, (keys, shift) in enumerate(zip(_KEYS, _SHIFTS, strict=True))
        for column, key in enumerate(keys)
    }
    return {
        key: "".join(o for o, (u, v) in places.items() if o != key and abs(u - x) <= 1 and abs(v - y) <= 1)
        for key, (x, y) in places.items()
    }


_NEAR = _neighbours()


def _note(table: dict[str, dict[int, float]], text: str, number: int, cost: float) -> None:
    known = table.setdefault(text, {})
    known[number] = max(known.get(number, cost), cost)
