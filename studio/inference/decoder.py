"""From distributions over characters to the best sentences."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np

Choices = Sequence[tuple[str, float]]
"""What may stand at one place, best first, with log-probabilities."""


def best_products(places: Sequence[Choices], count: int) -> list[tuple[str, float]]:
    """The likeliest texts when each place is chosen independently, best first.

    Walks the lattice of ranks from the best corner with a heap, so that the cost grows with `count` and not
    with the number of combinations.

    Args:
        places: for each place its choices.
        count: how many texts are wanted.

    Returns:
        texts with the sums of their log-probabilities; one empty text for no places.
    """
    if any(not choices for choices in places):
        return []
    start = (0,) * len(places)
    queue = [(-sum(choices[0][1] for choices in places), start)]
    seen = {start}
    found: list[tuple[str, float]] = []
    while queue and len(found) < count:
        cost, ranks = heapq.heappop(queue)
        text = "".join(choices[rank][0] for choices, rank in zip(places, ranks, strict=True))
        found.append((text, -cost))
        for place, rank in enumerate(ranks):
            if rank + 1 < len(places[place]):
                following = (*ranks[:place], rank + 1, *ranks[place + 1 :])
                if following not in seen:
                    seen.add(following)
                    step = places[place][rank][1] - places[place][rank + 1][1]
                    heapq.heappush(queue, (cost + step, following))
    return found


def merge(groups: Sequence[tuple[float, Sequence[tuple[str, float]]]], count: int) -> list[tuple[str, float]]:
    """Texts of several segmentations in one list: equal texts are added up, the best come first.

    Args:
        groups: for each segmentation its log-score and its texts with log-probabilities given it.
        count: how many texts are wanted.

    Returns:
        texts with log-probabilities; the scores of the groups are normalised among themselves.
    """
    if not groups:
        return []
    normal = float(np.logaddexp.reduce([score for score, _ in groups]))
    total: dict[str, float] = {}
    for score, texts in groups:
        for text, log in texts:
            share = score - normal + log
            total[text] = float(np.logaddexp(total[text], share)) if text in total else share
    return heapq.nlargest(count, total.items(), key=lambda item: item[1])


def join(parts: Sequence[Sequence[tuple[str, float]]], count: int) -> list[tuple[str, float]]:
    """The best ways to say several parts one after the other, each part chosen independently."""
    return best_products(parts, count)


def probability(log: float) -> float:
    """A log-probability as a share between 0 and 1, whatever rounding did to it."""
    return min(1.0, math.exp(min(0.0, log)))
