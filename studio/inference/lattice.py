"""Segmentations of typed letters as places for the decoder: which units may stand where."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.beam import Place
from studio.inference.segmentation import Segmentation, Segmenter, Unit
from studio.models.backoff import BackoffModel
from studio.runs.requests import FuzzyPair

_MOST = 64  # units of one syllable that the beam tries
_MOST_STARTED = 256  # units of all syllables that begin with the letters typed so far
_LEAST_LIKELY = 10.0  # nats; a segmentation that is worse than the best by more is not decoded
# Of long rows of letters only those nearly as good as the best are: on 1,000 validation sentences the others took half
# of the time, and none came out right for them.
_LESS_LIKELY = 4.0
_AFFORDED = 24  # syllables of all that are decoded; within this, the less likely ones are, too


class Lattice:
    """Makes places of units for one vocabulary and one model of n-grams."""

    def __init__(self, vocabulary: PinyinVocabulary, model: BackoffModel, segmenter: Segmenter) -> None:
        self._vocabulary = vocabulary
        self._model = model
        self._segmenter = segmenter
        self._started: dict[tuple[str, frozenset[FuzzyPair]], np.ndarray] = {}

    def worth_decoding(self, segmentations: Sequence[Segmentation], most: int) -> list[Segmentation]:
        """The likeliest segmentations, those that differ only in how a started syllable may end taken as one.

        Args:
            segmentations: best first.
        """
        seen: set[tuple[tuple[int, int, int], ...]] = set()
        result: list[Segmentation] = []
        spent = 0
        for segmentation in segmentations:
            worse = segmentations[0].score - segmentation.score
            spent_then = spent + len(segmentation.units)
            if worse >= (_LEAST_LIKELY if spent_then <= _AFFORDED else _LESS_LIKELY) or len(result) == most:
                break
            spans = tuple((u.start, u.end, -2 if u.partial else u.syllable) for u in segmentation.units)
            if spans not in seen:
                seen.add(spans)
                result.append(segmentation)
                spent = spent_then
        return result

    def place(
        self,
        unit: Unit,
        letters: str,
        network: np.ndarray | None,
        fuzzy: frozenset[FuzzyPair] = frozenset(),
    ) -> Place:
        """What may stand where `unit` was typed.

        Args:
            letters: that the unit stands for.
            network: log-probabilities of all units of its syllable, if there is a network.
            fuzzy: pairs of sounds that the typist does not tell apart.
        """
        if unit.syllable < 0:
            return Place(-2, np.array([self._model.unknown]), np.zeros(1, np.float32))
        if unit.partial:
            units = self._beginning_with(letters, fuzzy)
            choice = f"{letters} {sorted(fuzzy)}" if fuzzy else letters
            return Place(choice, units, np.zeros(len(units), np.float32))
        first, last = self._vocabulary.starts[unit.syllable : unit.syllable + 2]
        # Within a syllable the frequent characters come first, so the ones cut off are the rarest.
        units = np.arange(first, min(last, first + _MOST))
        scores = np.zeros(len(units), np.float32) if network is None else network[: len(units)]
        return Place(unit.syllable, units, scores)

    def units_of(self, text: str) -> list[int]:
        """The likeliest unit of each character behind the last one that is none: there a clause begins."""
        units: list[int] = []
        for character in reversed(text):
            if character not in self._likeliest:
                break
            units.insert(0, self._likeliest[character])
        return units

    @cached_property
    def _likeliest(self) -> dict[str, int]:
        characters = self._vocabulary.characters
        single = self._model.levels[0].log
        return {characters[unit]: int(unit) for unit in np.argsort(single[: len(characters)], kind="stable")}

    def _beginning_with(self, letters: str, fuzzy: frozenset[FuzzyPair]) -> np.ndarray:
        found = self._started.get((letters, fuzzy))
        if found is None:
            starts = self._vocabulary.starts
            numbers = self._segmenter.spellings(fuzzy).beginning_with(letters).tolist()
            units = np.concatenate([np.arange(starts[n], starts[n + 1]) for n in numbers])
            best = np.argsort(-self._model.levels[0].log[units], kind="stable")[:_MOST_STARTED]
            found = self._started[letters, fuzzy] = units[best]
        return found
