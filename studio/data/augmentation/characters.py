"""Characters of a text varied, and for each character of the result, which one of the text it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from studio.data.augmentation.confusion import SAME_SOUND, SIMILAR_SHAPE, common, confusion
from studio.data.augmentation.draws import Draws
from studio.language.text import is_hanzi
from studio.recipe import augmentation as kinds
from studio.recipe.augmentation import AnyAugmentation

L = TypeVar("L")

CharacterAugmentation = (
    kinds.RepeatCharacters
    | kinds.ReplaceCharacters
    | kinds.InsertCharacters
    | kinds.DeleteCharacters
    | kinds.SwapCharacters
    | kinds.Homophones
    | kinds.SimilarShapes
)


@dataclass(frozen=True)
class Varied:
    """A text that was varied.

    Attributes:
        text: the result.
        origins: for each of its characters the place of the one it stands for in the text before; -1 for one that
            was put in.
    """

    text: str
    origins: tuple[int, ...]

    def aligned(self, labels: Sequence[L], fill: L) -> tuple[L, ...]:
        """Labels of the text before, one a character, as they belong to the result; `fill` for what was put in."""
        return tuple(fill if origin < 0 else labels[origin] for origin in self.origins)

    def changed(self, before: str) -> tuple[tuple[int, int], ...]:
        """Spans of the result that differ from the text before, neighbours joined: put in, replaced or moved."""
        spans: list[tuple[int, int]] = []
        last = -1
        for place, origin in enumerate(self.origins):
            differs = origin <= last or before[origin] != self.text[place]
            if differs and spans and spans[-1][1] == place:
                spans[-1] = (spans[-1][0], place + 1)
            elif differs:
                spans.append((place, place + 1))
            last = max(last, origin)
        return tuple(spans)


def vary(text: str, augmentation: Sequence[AnyAugmentation], seed: int, epoch: int, example: int) -> Varied:
    """A text as an epoch sees it; only hanzi are touched. Kinds that are not about characters are passed over.

    Args:
        augmentation: carried out in this order.
        seed, epoch, example: not negative; the same ones give the same result.
    """
    varied = Varied(text, tuple(range(len(text))))
    for place, item in enumerate(augmentation):
        if isinstance(item, CharacterAugmentation):
            draws = Draws(seed, epoch, example, place)
            if draws.random() < item.share:
                text_after, origins = _apply(varied.text, item, draws)
                varied = Varied(text_after, tuple(-1 if o < 0 else varied.origins[o] for o in origins))
    return varied


def _apply(text: str, item: CharacterAugmentation, draws: Draws) -> tuple[str, Sequence[int]]:
    """The text as one kind varies it, and for each character the place of the one it stands for."""
    hit = [
        place for place in np.flatnonzero(draws.many(len(text)) < item.rate).tolist() if is_hanzi(text[place])
    ]
    if not hit:
        return text, range(len(text))
    if isinstance(item, kinds.SwapCharacters):
        return _swapped(text, hit)
    if isinstance(item, kinds.DeleteCharacters):
        return _deleted(text, hit, draws)
    parts: list[str] = []
    origins: list[int] = []
    start = 0
    for place in hit:
        parts.append(text[start:place])
        origins += range(start, place)
        made, stands_for = _instead(text[place], place, item, draws)
        parts.append(made)
        origins += stands_for
        start = place + 1
    return "".join([*parts, text[start:]]), [*origins, *range(start, len(text))]


def _instead(ch: str, place: int, item: CharacterAugmentation, draws: Draws) -> tuple[str, tuple[int, ...]]:
    """What stands where a character stood."""
    match item:
        case kinds.RepeatCharacters():
            return ch * 2, (place, place)
        case kinds.InsertCharacters():
            return ch + _common(draws), (place, -1)
        case kinds.Homophones():
            return _confused(ch, confusion(SAME_SOUND), draws), (place,)
        case kinds.SimilarShapes():
            return _confused(ch, confusion(SIMILAR_SHAPE), draws), (place,)
        case _:
            return _common(draws), (place,)


def _common(draws: Draws) -> str:
    return common()[draws.below(len(common()))]


def _confused(ch: str, sets: Mapping[str, str], draws: Draws) -> str:
    others = sets.get(ch)
    return others[draws.below(len(others))] if others else ch


def _deleted(text: str, hit: list[int], draws: Draws) -> tuple[str, list[int]]:
    gone = set(hit)
    if len(gone) == sum(map(is_hanzi, text)):
        gone.discard(hit[draws.below(len(hit))])
    origins = [place for place in range(len(text)) if place not in gone]
    return "".join(text[place] for place in origins), origins


def _swapped(text: str, hit: list[int]) -> tuple[str, list[int]]:
    """Pairs of neighbouring hanzi change over; what was moved once is not moved on."""
    origins = list(range(len(text)))
    moved = -1
    for place in hit:
        if place > moved and place + 1 < len(text) and is_hanzi(text[place + 1]):
            origins[place], origins[place + 1] = place + 1, place
            moved = place + 1
    return "".join(text[origin] for origin in origins), origins
