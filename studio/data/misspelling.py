"""Right sentences with wrong characters put into them: characters of the same sound, or of a similar shape.

All of it is a pure function of the key and of an example's number (see `studio.data.augmentation.draws`). What stands
in a right one's place is always in common use: rare characters would give themselves away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from studio.data.augmentation.confusion import SAME_SOUND, SIMILAR_SHAPE, common, confusion
from studio.data.augmentation.draws import uniform

_RANGE = 0x110000  # one past the largest code point
# As `studio.language.text.HANZI` has them.
_HANZI = ((0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3347F))


@dataclass(frozen=True)
class _Table:
    """For each character those that it is taken for, end to end.

    Attributes:
        first, count: where those of each code point begin, and how many there are [code points].
        others: code points.
    """

    first: np.ndarray
    count: np.ndarray
    others: np.ndarray


@cache
def _table(name: str) -> _Table:
    usual = frozenset(common())
    first, count = np.zeros(_RANGE, np.int32), np.zeros(_RANGE, np.int32)
    others: list[int] = []
    for character, found in sorted(confusion(name).items()):
        kept = [ord(other) for other in found if other in usual]
        first[ord(character)], count[ord(character)] = len(others), len(kept)
        others += kept
    return _Table(first, count, np.array(others or [0], np.int64))


def mistaken_for(points: np.ndarray) -> np.ndarray:
    """What each character may have been written for: common characters of its sound, then of its shape.

    Args:
        points: code points [characters].

    Returns:
        code points [characters, the most of any], 0 where there are fewer.
    """
    sound, shape = _table(SAME_SOUND), _table(SIMILAR_SHAPE)
    counts = [table.count[points] for table in (sound, shape)]
    widths = [int(count.max(initial=0)) for count in counts]
    columns = []
    for table, count, width in zip((sound, shape), counts, widths, strict=True):
        step = np.arange(width)
        there = step < count[:, None]
        columns.append(
            np.where(there, table.others[np.where(there, table.first[points][:, None] + step, 0)], 0)
        )
    return np.concatenate(columns, axis=1).astype(np.int64)


def are_hanzi(points: np.ndarray) -> np.ndarray:
    """Which code points are hanzi: bool of the same shape."""
    found = np.zeros(points.shape, bool)
    for low, high in _HANZI:
        found |= (points >= low) & (points <= high)
    return found


def misspelt(
    points: np.ndarray,
    numbers: np.ndarray,
    key: tuple[int, ...],
    *,
    rate: float,
    sounds: float,
    clean: float = 0.0,
) -> np.ndarray:
    """Sentences as someone might have mistyped them, int64 of the same shape.

    Args:
        points: code points [rows, length], 0 beyond a sentence's end.
        numbers: of each row's example [rows].
        key: seed, epoch and whatever else the draws depend on, not negative.
        rate: share of the characters that are wrong, in the mean; at least one of a sentence.
        sounds: share of the wrong ones that sound the same; the others look alike.
        clean: share of the sentences that are left as they are.
    """
    length = points.shape[1]
    sound, shape = _table(SAME_SOUND), _table(SIMILAR_SHAPE)
    sounding, looking = sound.count[points], shape.count[points]
    there = (sounding > 0) | (looking > 0)
    draws = np.where(there, uniform((*key, 0), numbers, length), np.inf)
    row = uniform((*key, 1), numbers, 2)
    wanted = np.maximum(np.floor(rate * there.sum(axis=1) + row[:, 0]), 1).astype(np.int64)
    wanted = np.minimum(wanted, length)
    limit = np.take_along_axis(np.sort(draws, axis=1), wanted[:, None] - 1, axis=1)
    hit = there & (draws <= limit) & (row[:, 1:] >= clean)
    # Where there is nothing of the kind that was drawn, it is the other one.
    by_sound = (uniform((*key, 2), numbers, length) < sounds) & (sounding > 0) | (looking == 0)
    which = uniform((*key, 3), numbers, length)
    made = np.where(
        by_sound,
        sound.others[np.where(hit & by_sound, sound.first[points] + (which * sounding).astype(np.int64), 0)],
        shape.others[np.where(hit & ~by_sound, shape.first[points] + (which * looking).astype(np.int64), 0)],
    )
    return np.where(hit, made, points).astype(np.int64)
