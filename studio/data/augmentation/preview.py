"""Examples before and after augmentation, for people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.data.augmentation.characters import vary
from studio.data.augmentation.syllables import confused_syllables, is_typed_syllable, slip
from studio.language.pinyin import NoReadingError, label
from studio.language.syllables import INDEX, SYLLABLES
from studio.language.text import hanzi_only
from studio.recipe.augmentation import AnyAugmentation, FuzzySounds, TypingSlips
from studio.runs.doctor_requests import AugmentedRow


def preview(
    augmentation: Sequence[AnyAugmentation], texts: Sequence[str], seed: int = 0, epoch: int = 0
) -> list[AugmentedRow]:
    """Examples as an epoch sees them, numbered in their order.

    Where sounds or slips are among the kinds, a row shows the pinyin of the text's hanzi; else the text.
    """
    spelt = any(isinstance(item, FuzzySounds | TypingSlips) for item in augmentation)
    rows: list[AugmentedRow] = []
    for number, text in enumerate(texts):
        varied = vary(text, augmentation, seed, epoch, number)
        if not spelt:
            rows.append(AugmentedRow(before=text, after=varied.text, changed=varied.changed(text)))
            continue
        typed = slip(
            _confused(_syllables(varied.text), augmentation, seed, epoch, number),
            augmentation,
            seed,
            epoch,
            number,
        )
        rows.append(_spelt(_syllables(text), typed))
    return rows


def slipped(rows: Sequence[AugmentedRow]) -> tuple[int, int]:
    """How many syllables of spelt rows are other letters than before, and how many of those are syllables again."""
    pairs = [
        pair
        for row in rows
        for pair in zip(row.before.split(" "), row.after.split(" "), strict=False)
        if pair[0] != pair[1]
    ]
    return len(pairs), sum(is_typed_syllable(after) for _, after in pairs)


def _confused(
    syllables: list[str], augmentation: Sequence[AnyAugmentation], seed: int, epoch: int, number: int
) -> list[str]:
    numbers = np.array([[INDEX[s] for s in syllables]], np.int64).reshape(1, -1)
    made = confused_syllables(numbers, augmentation, seed, epoch, np.array([number]))
    return [SYLLABLES[int(n)] for n in made[0]]


def _spelt(before: Sequence[str], after: Sequence[str]) -> AugmentedRow:
    """Syllables with spaces between; as far as both have one at a place, those that differ are marked."""
    changed: list[tuple[int, int]] = []
    start = 0
    for place, letters in enumerate(after):
        if place >= len(before) or letters != before[place]:
            changed.append((start, start + len(letters)))
        start += len(letters) + 1
    return AugmentedRow(before=" ".join(before), after=" ".join(after), changed=tuple(changed))


def _syllables(text: str) -> list[str]:
    """The syllables of a text's hanzi; one without a known reading is left out."""
    found: list[str] = []
    for character_run in (hanzi_only(text),):
        try:
            found += [SYLLABLES[number] for number in label(character_run)]
        except NoReadingError:
            for character in character_run:
                try:
                    found.append(SYLLABLES[label(character)[0]])
                except NoReadingError:
                    continue
    return found
