"""Whole sentences judged by the words they are made of, after the beam has found the best of them.

The beam walks along units and sees three of them back, which is a word or two. Here each of its best sentences is
read as words in the likeliest way (`models.word_model`), and that log-probability is added to its score, weighted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from studio.models.word_model import WordModel

_STATES = 6  # ways of reading that are followed from each place on
_KEPT = 200_000  # remembered scores: most sentences of a key were there at the one before
OF_USER = -5.0  # log-probability of a word that the user chose, wherever it stands
OF_DICTIONARY = -9.0  # and of one in a dictionary: that of a rare word, not that of characters by chance

State = tuple[int, int]
"""The last two words."""


class WordScores:
    """Log-probabilities of texts as words, remembered. Not for use from two threads at once."""

    def __init__(self, model: WordModel) -> None:
        self._model = model
        self._memo: dict[tuple[int, int, int], float] = {}

    def of(
        self, texts: Sequence[str], left: str = "", typed: Mapping[str, float] | None = None
    ) -> list[float]:
        """Log-probabilities of texts and of their ends behind the text `left`, in nats.

        Args:
            typed: words that no model has to know: those of the user and of dictionaries, with what they score.
        """
        known = typed or {}
        begun = self._begin(left, known)
        arcs = [self._arcs(text, known) for text in texts]
        self._look_up(begun, texts, arcs)
        return [self._best(begun, len(text), found) for text, found in zip(texts, arcs, strict=True)]

    def _begin(self, left: str, known: Mapping[str, float]) -> dict[State, float]:
        """Ways to read what stands in front, by their last two words; their scores are those beside the best."""
        beginning = self._model.ngrams.beginning
        start = {(beginning, beginning): 0.0}
        if not left:
            return start
        arcs = self._arcs(left, known)
        self._look_up(start, [left], [arcs])
        states = self._read(start, len(left), arcs)[-1]
        best = max(states.values())
        return {state: score - best for state, score in states.items()}

    def _arcs(self, text: str, known: Mapping[str, float]) -> list[list[tuple[int, int, float | None]]]:
        """From each place: where words end, their numbers, and what they score if that is settled."""
        numbers, longest, unknown = self._model.numbers, self._model.longest, self._model.ngrams.unknown
        most = max(longest, max(map(len, known), default=0))
        found: list[list[tuple[int, int, float | None]]] = []
        for start in range(len(text)):
            here: list[tuple[int, int, float | None]] = []
            for end in range(start + 1, min(len(text), start + most) + 1):
                word = text[start:end]
                number = numbers.get(word, -1)
                if number >= 0:
                    here.append((end, number, None))
                elif end == start + 1:
                    here.append((end, unknown, None))
                if word in known:
                    here.append((end, unknown if number < 0 else number, known[word]))
            found.append(here)
        return found

    def _look_up(
        self,
        begun: Mapping[State, float],
        texts: Sequence[str],
        arcs: Sequence[list[list[tuple[int, int, float | None]]]],
    ) -> None:
        """Score all triples of neighbouring words that are not remembered, at once."""
        memo, end = self._memo, self._model.ngrams.end
        if len(memo) > _KEPT:
            memo.clear()
        missing: set[tuple[int, int, int]] = set()
        for text, from_place in zip(texts, arcs, strict=True):
            states: list[set[State]] = [set() for _ in range(len(text) + 1)]
            states[0] = set(begun)
            for place, here in enumerate(from_place):
                for before, last in states[place]:
                    for stop, number, settled in here:
                        states[stop].add((last, number))
                        if settled is None and (before, last, number) not in memo:
                            missing.add((before, last, number))
            missing.update((*state, end) for state in states[-1] if (*state, end) not in memo)
        if missing:
            grams = np.array(list(missing), np.int64)
            memo.update(
                zip(missing, self._model.ngrams.score(grams[:, :2], grams[:, 2]).tolist(), strict=True)
            )

    def _read(
        self, begun: Mapping[State, float], length: int, arcs: list[list[tuple[int, int, float | None]]]
    ) -> list[dict[State, float]]:
        memo = self._memo
        cells: list[dict[State, float]] = [{} for _ in range(length + 1)]
        cells[0] = dict(begun)
        for place, here in enumerate(arcs):
            states = sorted(cells[place].items(), key=lambda item: -item[1])[:_STATES]
            for (before, last), score in states:
                for stop, number, settled in here:
                    total = score + (memo[before, last, number] if settled is None else settled)
                    state = (last, number)
                    if total > cells[stop].get(state, -np.inf):
                        cells[stop][state] = total
        return cells

    def _best(
        self, begun: Mapping[State, float], length: int, arcs: list[list[tuple[int, int, float | None]]]
    ) -> float:
        end = self._model.ngrams.end
        return max(
            score + self._memo[(*state, end)] for state, score in self._read(begun, length, arcs)[-1].items()
        )
