"""Between the store on the disk and the memories of loaded models: what one knows, the others know at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from studio.inference.personal.alignment import readings_of, syllables_of
from studio.inference.personal.memory import Memory
from studio.inference.predictor import PinyinPredictor
from studio.language.text import is_hanzi
from studio.runs.personal import LEFT, LONGEST, PersonalStore
from studio.runs.personal_file import Version

_MEMORIES = 3  # of different vocabularies, as many as the lab keeps models
_UNWEIGHTED = 0.5  # what a word counts whose dictionary gives no weights; a chosen phrase counts 1
_LEAST = 0.25


class Recall:
    """Memories of a store. For use from one thread."""

    def __init__(self, store: PersonalStore | None = None) -> None:
        self.store = store or PersonalStore()
        self._version: Version | None = None
        self._enabled = True
        self._memories: dict[tuple[object, ...], Memory] = {}
        self._readings: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def memory_for(self, predictor: PinyinPredictor) -> Memory | None:
        """What is known, in a model's units; None if it is switched off or the model has no n-grams.

        Raises:
            RunError: if the store cannot be read.
        """
        if predictor.ngrams is None or not self._is_on():
            return None
        model, vocabulary = predictor.ngrams.model, predictor.vocabulary
        key = (vocabulary.candidates, model.order)
        found = self._memories.get(key)
        if found is None:
            found = self._memories[key] = self._read(predictor)
            while len(self._memories) > _MEMORIES:
                del self._memories[next(iter(self._memories))]
        return found

    def learn(self, letters: str, text: str, left: str, predictor: PinyinPredictor) -> tuple[str, ...]:
        """Record what was committed for letters behind a text; returns the phrases, none if it is switched off.

        Raises:
            RunError: if the store cannot be written.
        """
        if not self._is_on():
            return ()
        learnt = []
        for run, before in _runs(text, left):
            syllables = syllables_of(letters if run == text else "", run, self._readings_of(predictor))
            if syllables is None or len(run) > LONGEST:
                continue
            pinyin = " ".join(syllables)
            change = self.store.learn(run, pinyin, before)
            if self._version is not None:  # this change, and no other, is known
                self._version = self._version._replace(own=self._version.own + 1)
            if change.forgotten:
                self._memories.clear()
            for memory in self._memories.values():
                memory.learn(run, pinyin, before, 1.0, change.clock)
                for lost in change.rivals:
                    memory.learn(lost.text, lost.pinyin, lost.before, -lost.weight, lost.clock)
            learnt.append(run)
        return tuple(learnt)

    def _is_on(self) -> bool:
        version = self.store.version()
        if version != self._version:
            self._memories.clear()
            self._enabled = self.store.enabled
            # Looking may itself have opened the file.
            self._version = self.store.version()
        return self._enabled

    def _read(self, predictor: PinyinPredictor) -> Memory:
        ngrams, lattice = predictor.ngrams, predictor.lattice
        assert ngrams is not None
        assert lattice is not None
        memory = Memory(predictor.vocabulary, ngrams.model, lattice.units_of, self.store.clock)
        for use in self.store.uses():
            memory.learn(use.text, use.pinyin, use.before, use.weight, use.clock)
        for text, pinyin, weight in weighted(self.store.words()):
            memory.add_word(text, pinyin, weight)
        return memory

    def _readings_of(self, predictor: PinyinPredictor) -> dict[str, list[str]]:
        key = predictor.vocabulary.candidates
        if key not in self._readings:
            self._readings.clear()
            self._readings[key] = readings_of(predictor.vocabulary)
        return self._readings[key]


def weighted(words: Iterable[tuple[str, str, str, float]]) -> Iterator[tuple[str, str, float]]:
    """Words with what they count beside a chosen phrase, which counts 1.

    Dictionaries count in different ways, and over many orders of magnitude: a word gets the logarithm of its weight
    as a share of the heaviest one's of its dictionary.

    Args:
        words: dictionary, text, pinyin, weight.
    """
    listed = list(words)
    heaviest: dict[str, float] = {}
    for name, _, _, weight in listed:
        heaviest[name] = max(heaviest.get(name, 0.0), weight)
    for name, text, pinyin, weight in listed:
        most = heaviest[name]
        share = math.log1p(weight) / math.log1p(most) if most else _UNWEIGHTED
        yield text, pinyin, max(share, _LEAST)


def _runs(text: str, left: str) -> Iterator[tuple[str, str]]:
    """The runs of hanzi in a text, each with the hanzi right in front of it."""
    whole = left + text
    start = len(left)
    while start < len(whole):
        stop = start
        while stop < len(whole) and is_hanzi(whole[stop]):
            stop += 1
        if stop > start:
            before = start
            while before > max(0, start - LEFT) and is_hanzi(whole[before - 1]):
                before -= 1
            yield whole[start:stop], whole[before:start]
        start = stop + 1
