"""Syllables of pinyin varied: as they are confused, and as fingers type them. A syllable stays one syllable."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from studio.data.augmentation.draws import Draws, uniform
from studio.language.syllables import INDEX, SYLLABLES
from studio.recipe.augmentation import AnyAugmentation, FuzzySounds, TypingSlips

_LONG_INITIALS = ("zh", "ch", "sh")
_VOWELS = frozenset("aeiouv")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_FINALS = ("an_ang", "en_eng", "in_ing", "ian_iang", "uan_uang")


@lru_cache(maxsize=32)
def partners(pairs: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """What each syllable is confused with, by numbers in `SYLLABLES`.

    Returns:
        syllables int64 [syllables, most], -1 beyond the last; and how many each has, int64 [syllables]. With zhong
        and the pairs z_zh and en_eng that is zong alone: only syllables of Mandarin are partners.
    """
    found = [sorted({INDEX[other] for other in _confused(s, pairs) if other in INDEX}) for s in SYLLABLES]
    table = np.full((len(SYLLABLES), max(1, *map(len, found))), -1, np.int64)
    for number, others in enumerate(found):
        table[number, : len(others)] = others
    return table, np.array([len(others) for others in found], np.int64)


def confused_syllables(
    syllables: np.ndarray,
    augmentation: Sequence[AnyAugmentation],
    seed: int,
    epoch: int,
    examples: np.ndarray,
) -> np.ndarray:
    """Syllables as an epoch sees them, of the same shape.

    Args:
        syllables: numbers in `SYLLABLES` [rows, columns]; -1 where there is none.
        augmentation: of which only fuzzy sounds count here, in this order.
        seed, epoch: not negative.
        examples: the number of each row's example, not negative [rows].
    """
    made = syllables
    for place, item in enumerate(augmentation):
        if not isinstance(item, FuzzySounds):
            continue
        table, counts = partners(item.pairs)
        key = (seed, epoch, place)
        picked = uniform((*key, 0), examples, 1) < item.share
        hit = uniform((*key, 1), examples, made.shape[1]) < item.rate
        count = np.where(made >= 0, counts[made], 0)
        which = np.minimum((uniform((*key, 2), examples, made.shape[1]) * count).astype(np.int64), count - 1)
        made = np.where(picked & hit & (count > 0), table[made, np.maximum(which, 0)], made)
    return made


def slip(
    syllables: Sequence[str], augmentation: Sequence[AnyAugmentation], seed: int, epoch: int, example: int
) -> tuple[str, ...]:
    """Letters as they are typed, for each syllable: of the kinds only slips in typing count here, in this order."""
    hits = _hits(augmentation, seed, epoch, np.array([example]), len(syllables))
    return _typed(syllables, [(item, place, hit[0]) for item, place, hit in hits], (seed, epoch, example))


def fed_syllables(
    syllables: np.ndarray,
    augmentation: Sequence[AnyAugmentation],
    seed: int,
    epoch: int,
    examples: np.ndarray,
) -> np.ndarray:
    """Syllables as a network is fed them that reads whole ones: confused, then typed with slips.

    A slip that makes another syllable is fed as that one. What it makes of the others is no syllable: those are put
    right before a network reads them, so they stay. Args and returns as of `confused_syllables`.
    """
    made = confused_syllables(syllables, augmentation, seed, epoch, examples)
    hits = _hits(augmentation, seed, epoch, examples, made.shape[1])
    if not hits:
        return made
    made = made.copy()
    for row in np.flatnonzero(np.any([hit.any(axis=1) for _, _, hit in hits], axis=0)).tolist():
        numbers = made[row][made[row] >= 0].tolist()  # they stand at the beginning of a row
        before = [SYLLABLES[number] for number in numbers]
        own = [(item, place, hit[row]) for item, place, hit in hits]
        for column, letters in enumerate(_typed(before, own, (seed, epoch, int(examples[row])))):
            if letters != before[column] and is_typed_syllable(letters):
                made[row, column] = INDEX[letters]
    return made


_Hits = list[tuple[TypingSlips, int, np.ndarray]]
"""The slips of a recipe, their places in it, and which syllables each of them hits."""


def _hits(
    augmentation: Sequence[AnyAugmentation], seed: int, epoch: int, examples: np.ndarray, columns: int
) -> _Hits:
    found: _Hits = []
    for place, item in enumerate(augmentation):
        if isinstance(item, TypingSlips):
            picked = uniform((seed, epoch, place, 0), examples, 1) < item.share
            found.append(
                (item, place, picked & (uniform((seed, epoch, place, 1), examples, columns) < item.rate))
            )
    return found


def _typed(syllables: Sequence[str], hits: _Hits, key: tuple[int, int, int]) -> tuple[str, ...]:
    """Syllables of one example, `key` being its seed, epoch and number."""
    typed = list(syllables)
    for item, place, hit in hits:
        for column in np.flatnonzero(hit[: len(typed)]).tolist():
            typed[column] = _slipped(typed[column], item, Draws(*key, place, column))
    return tuple(typed)


def is_typed_syllable(letters: str) -> bool:
    """Whether letters spell a syllable; a consonant alone is the beginning of one, though it may be an interjection."""
    return letters in INDEX and not _VOWELS.isdisjoint(letters)


def _slipped(letters: str, item: TypingSlips, draws: Draws) -> str:
    weights = (item.neighbours, item.missing, item.doubled, item.initials)
    drawn = draws.random() * sum(weights)
    kind = next((n for n, total in enumerate(np.cumsum(weights)) if drawn < total), -1)
    at = draws.below(max(1, len(letters)))
    before, letter, behind = letters[:at], letters[at : at + 1], letters[at + 1 :]
    if kind == 0 and letter in _NEAR:
        return before + _NEAR[letter][draws.below(len(_NEAR[letter]))] + behind
    if kind == 1 and len(letters) > 1:
        return before + behind
    if kind == 2:
        return before + letter * 2 + behind
    if kind == 3 and _initial(letters):
        return _initial(letters)
    return letters


def _initial(syllable: str) -> str:
    """The consonants that a syllable begins with; none if it begins with a vowel."""
    if syllable.startswith(_LONG_INITIALS):
        return syllable[:2]
    return "" if syllable[:1] in _VOWELS else syllable[:1]


def _confused(syllable: str, pairs: tuple[str, ...]) -> list[str]:
    initial = _initial(syllable)
    final = syllable[len(initial) :]
    others: list[str] = []
    for pair in pairs:
        left, _, right = pair.partition("_")
        part = final if pair in _FINALS else initial
        if part in (left, right):
            other = right if part == left else left
            others.append(initial + other if pair in _FINALS else other + final)
    return others


def _neighbours() -> dict[str, str]:
    shifts = (0.0, 0.25, 0.75)  # how far each row of keys stands to the right, in keys
    places = {
        key: (column + shift, row)
        for row, (keys, shift) in enumerate(zip(_KEYS, shifts, strict=True))
        for column, key in enumerate(keys)
    }
    return {
        key: "".join(o for o, (u, v) in places.items() if o != key and abs(u - x) <= 1 and abs(v - y) <= 1)
        for key, (x, y) in places.items()
    }


_NEAR = _neighbours()
