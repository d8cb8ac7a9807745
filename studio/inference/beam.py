"""The best sentences for a row of syllables, judged by a network and by n-grams together."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.models.backoff import BackoffModel

if TYPE_CHECKING:
    from studio.inference.personal.memory import Memory

_WIDTH = 24  # contexts kept after each place, or as many as sentences are wanted
_ARRIVALS = 4  # ways of getting to them that are kept for the second-best sentences, times the width
_AROUND_KEPT = 4_000  # remembered scores of a place's units between their neighbours, which few keys change
_ROWS_KEPT = 40_000  # remembered n-gram scores: each key typed asks again for nearly all of those before it


@dataclass(frozen=True)
class Place:
    """What may stand at one place.

    Attributes:
        choice: names the set of units, the same name always for the same set.
        units: int64 [choices].
        network: log-probabilities by the network, float32 [choices]; zeros where it has nothing to say.
    """

    choice: int | str
    units: np.ndarray
    network: np.ndarray


@dataclass(frozen=True)
class Path:
    """One sentence: its units and its weighted log-score."""

    units: tuple[int, ...]
    score: float


class NgramScores:
    """Scores of whole sets of units after a context, remembered. Not for use from two threads at once."""

    def __init__(self, model: BackoffModel) -> None:
        self.model = model
        self._rows: dict[int | str, dict[int, np.ndarray]] = {}
        self._count = 0
        self._around: dict[tuple[int | str, int, tuple[int, ...], tuple[int, ...]], np.ndarray] = {}

    def after(self, contexts: Sequence[int], place: Place) -> np.ndarray:
        """Log-probabilities [contexts, choices] of a place's units after packed contexts."""
        rows = self._rows.setdefault(place.choice, {})
        missing = [context for context in contexts if context not in rows]
        if missing:
            if self._count > _ROWS_KEPT:
                self._rows.clear()
                self._count = 0
                rows = self._rows.setdefault(place.choice, {})
                missing = list(contexts)
            self._count += len(missing)
            packed = np.array(missing, np.int64)
            found = self.model.score(
                self._unpacked(packed), np.broadcast_to(place.units, (len(packed), len(place.units)))
            )
            rows.update(zip(missing, found, strict=True))
        return np.concatenate([rows[context] for context in contexts]).reshape(len(contexts), -1)

    def around(self, place: Place, before: tuple[int, ...], behind: tuple[int, ...]) -> np.ndarray:
        """Log-probabilities [choices] of all n-grams that a place's units take part in, between these units.

        Args:
            before: as many units as a context has, oldest first.
            behind: those that follow, at most as many.
        """
        key = (place.choice, len(place.units), before, behind)
        found = self._around.get(key)
        if found is None:
            if len(self._around) > _AROUND_KEPT:
                self._around.clear()
            order = self.model.order
            window = np.empty((len(place.units), len(before) + 1 + len(behind)), np.int64)
            window[:] = (*before, 0, *behind)
            window[:, len(before)] = place.units
            grams = np.lib.stride_tricks.sliding_window_view(window, order, axis=1).reshape(-1, order)
            logs = self.model.score(grams[:, :-1], grams[:, -1])
            found = self._around[key] = logs.reshape(len(place.units), -1).sum(axis=1)
        return found

    def start(self, left: Sequence[int] = ()) -> int:
        """The packed context after some units; after none, the beginning of a sentence."""
        model = self.model
        packed = 0
        for unit in (*[model.beginning] * (model.order - 1), *left)[-(model.order - 1) :]:
            packed = packed << model.bits | unit
        return packed

    def moved(self, contexts: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Packed contexts [n] with one more unit [n] each."""
        keep = (1 << self.model.bits * (self.model.order - 2)) - 1
        return (contexts & keep) << self.model.bits | units

    def _unpacked(self, packed: np.ndarray) -> np.ndarray:
        bits, length = self.model.bits, self.model.order - 1
        return np.stack([packed >> bits * p & (1 << bits) - 1 for p in range(length - 1, -1, -1)], axis=1)


@dataclass(frozen=True)
class _Step:
    """Arrivals kept at one place, best first: where from, which unit, forward score; by context, their numbers."""

    origin: list[int]
    unit: list[int]
    score: list[float]
    ways: list[list[int]]


def best_paths(
    places: Sequence[Place],
    ngrams: NgramScores,
    *,
    network: float,
    count: int,
    left: Sequence[int] = (),
    ends: bool = True,
    memory: Memory | None = None,
) -> list[Path]:
    """The best sentences, best first.

    A beam search over contexts (hypotheses that agree in the units the n-grams still see are merged), then the
    second, third ... best paths through what the beam kept, in exact order, from the end backwards (the
    tree-trellis search of Soong and Huang 1991).

    Args:
        places: one for each syllable.
        network: weight of the network's log-probabilities; the n-grams' weight is 1.
        count: how many are wanted.
        left: units before the first place, as far as known.
        ends: the sentence is complete, so the n-grams judge its end as well.
        memory: what the user chose before.
    """
    known = memory.over(places) if memory is not None else None
    contexts = np.array([ngrams.start(left)], np.int64)
    scores = np.zeros(1)
    steps: list[_Step] = []
    for number, place in enumerate(places):
        rows = ngrams.after(contexts.tolist(), place) + network * place.network
        if known is not None:
            known.adapt(number, place, contexts.tolist(), rows)
        total = scores[:, None] + rows
        step, contexts, scores = _advance(total, place.units, contexts, ngrams, max(_WIDTH, count))
        steps.append(step)
    if ends and places:
        end = Place(-1, np.array([ngrams.model.end]), np.zeros(1, np.float32))
        rows = ngrams.after(contexts.tolist(), end)
        if known is not None:
            known.adapt(len(places), end, contexts.tolist(), rows)
        finals = scores + rows[:, 0]
    else:
        finals = scores
    return _backwards(steps, finals, count)


def in_context(
    places: Sequence[Place], path: Path, ngrams: NgramScores, left: Sequence[int], network: float
) -> list[np.ndarray]:
    """For each place, log-probabilities [choices] of its units if all other units stay as in `path`."""
    model = ngrams.model
    order = model.order
    known = [*[model.beginning] * (order - 1), *left][-(order - 1) :]
    row = (*known, *path.units, model.end)
    result = []
    for number, place in enumerate(places):
        # The n-grams that a unit takes part in end at its own place and at the next ones.
        logs = ngrams.around(
            place, row[number : number + order - 1], row[number + order : number + 2 * order - 1]
        )
        logs = logs + network * place.network
        result.append(logs - np.logaddexp.reduce(logs))
    return result


def _advance(
    total: np.ndarray, units: np.ndarray, contexts: np.ndarray, ngrams: NgramScores, width: int
) -> tuple[_Step, np.ndarray, np.ndarray]:
    flat = total.ravel()
    most = width * _ARRIVALS
    best = np.argpartition(-flat, most)[:most] if len(flat) > most else np.arange(len(flat))
    best = best[np.argsort(-flat[best], kind="stable")]
    origin, choice = np.divmod(best, len(units))
    unit, score = units[choice], flat[best]
    arrived = ngrams.moved(contexts[origin], unit)
    # Contexts in the order of their best arrival, the surplus cut off. At this size plain Python beats np.unique.
    states: dict[int, list[int]] = {}
    for number, context in enumerate(arrived.tolist()):
        ways = states.get(context)
        if ways is not None:
            ways.append(number)
        elif len(states) < width:
            states[context] = [number]
    step = _Step(origin.tolist(), unit.tolist(), score.tolist(), list(states.values()))
    first = [ways[0] for ways in step.ways]
    return step, arrived[first], score[first]


def _backwards(steps: Sequence[_Step], finals: np.ndarray, count: int) -> list[Path]:
    # Items: cost so far, a number that makes items comparable, place, context, units behind it, which of the ways of
    # getting there. Of those only the best is in the queue; taking it puts in the next one.
    queue: list[tuple[float, int, int, int, tuple[int, ...], int]]
    queue = [(-float(final), state, len(steps), state, (), 0) for state, final in enumerate(finals)]
    heapq.heapify(queue)
    ticket = len(queue)
    found: list[Path] = []
    while queue and len(found) < count:
        cost, _, place, state, behind, rank = heapq.heappop(queue)
        while place:
            step = steps[place - 1]
            numbers = step.ways[state]
            number = numbers[rank]
            if rank + 1 < len(numbers):
                ticket += 1
                dearer = cost + step.score[number] - step.score[numbers[rank + 1]]  # arrivals come best first
                heapq.heappush(queue, (dearer, ticket, place, state, behind, rank + 1))
            behind = (step.unit[number], *behind)
            place, state, rank = place - 1, step.origin[number], 0
        found.append(Path(behind, -cost))
    return found
