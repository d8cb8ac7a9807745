"""Words and characters for the first letters of what was typed, as an input method offers them beside sentences."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.keystrokes import Piece
from studio.inference.personal.memory import Memory
from studio.inference.spellings import Spellings
from studio.inference.trellis import Unit
from studio.models.backoff import BackoffModel
from studio.runs.requests import Prefix

_LONGEST = 4  # syllables of a word
_BEAM = 256  # beginnings of words that are followed
_WORDS = 12  # offered of each length
# Nats by which a word of 2, 3, 4 characters must be likelier than any two parts of it beside each other by chance.
_COHESION = {2: 2.0, 3: 3.0, 4: 3.0}
_RAREST = {2: -14.0, 3: -15.5, 4: -16.0}  # log-probability of a word among all text
_UNLIKELY = {2: 9.0, 3: 6.0, 4: 6.0}  # nats by which it may be worse here than the best n-gram of its length
_PART = 0.7  # nats; a word that goes on as the letters do with a probability of a half or more is but a part
_UNLIKELY_START = 5.0  # nats; a division of the letters that is worse than the best by more is not looked at
_SPARE = 64  # characters looked at beyond those wanted: one may stand in several syllables
_CAUTION = 1.5  # a phrase that was chosen twice has more than half of its length's shares, as in sentences
_ROWS_KEPT = 200  # remembered scores of all characters of a syllable


@dataclass(frozen=True)
class Start:
    """One way in which the letters may begin.

    Attributes:
        units: the first stretches of letters.
        score: weighted log-score of the whole division into syllables.
        network: for each of the units, log-probabilities of all characters of its syllable, or None.
    """

    units: tuple[Unit, ...]
    score: float
    network: tuple[np.ndarray | None, ...]


@dataclass(frozen=True)
class _Grams:
    """Beginnings of words of one length: packed units, those before the last as a number of the shorter ones."""

    keys: np.ndarray
    scores: np.ndarray
    own: np.ndarray  # log-probabilities without context

    def of(self, chosen: np.ndarray) -> _Grams:
        """Some of them, by a mask or by numbers."""
        return _Grams(self.keys[chosen], self.scores[chosen], self.own[chosen])


class Prefixes:
    """Finds words and characters for one vocabulary and its n-grams, if it has any.

    A word is a known n-gram of 2 to 4 units that is much likelier than its parts beside each other by chance.
    """

    def __init__(self, vocabulary: PinyinVocabulary, model: BackoffModel | None) -> None:
        self._vocabulary = vocabulary
        self._model = model
        self._rows: dict[tuple[tuple[int, ...], int | str], np.ndarray] = {}

    def find(
        self,
        piece: Piece,
        starts: Sequence[Start],
        spellings: Spellings,
        left: Sequence[int],
        network: float,
        ngrams: float,
        most: int,
        memory: Memory | None = None,
    ) -> tuple[tuple[Prefix, ...], bool]:
        """Words, longer ones first, then characters of the first syllables, likeliest first; whether there are more.

        Args:
            piece: the letters.
            starts: the ways in which they may begin, likeliest first.
            spellings: that the letters were divided with.
            left: units before the letters.
            network, ngrams: weights of the network's log-probabilities and of the n-grams'.
            most: how many are wanted.
            memory: what the user chose before; phrases that fit are offered as words, whatever the n-grams know.
        """
        worst = max((start.score for start in starts), default=0.0) - _UNLIKELY_START
        starts = [start for start in starts if start.score > worst and start.units[0].syllable >= 0]
        characters: dict[tuple[str, int], float] = {}
        normal = [-np.inf]
        cut = False
        words: dict[int, dict[tuple[str, int], float]] = {n: {} for n in range(_LONGEST, 1, -1)}
        seen: set[tuple[tuple[int, int], ...]] = set()
        parts: set[str] = set()
        learnt: dict[int, dict[tuple[str, int], float]] = {}
        for start in starts:
            for (text, end), weight in self._learnt(memory, start, piece, spellings):
                _note(learnt.setdefault(len(text), {}), text, end, weight)
            stop = next((n for n, u in enumerate(start.units[:_LONGEST]) if u.syllable < 0), _LONGEST)
            spans = tuple((u.end, -1 if u.partial else u.syllable) for u in start.units[:stop])
            if spans in seen:
                continue
            known = any(spans[0] == others[0] for others in seen)
            seen.add(spans)
            places = [_units(unit, piece, self._vocabulary, spellings) for unit in start.units[:stop]]
            scores = start.score + self._first(start, piece, places[0], spellings, left, network, ngrams)
            if not known:  # other divisions of what comes behind it are less likely ones
                end = piece.starts[start.units[0].end]
                units = _all_of(places[0])
                normal.append(float(np.logaddexp.reduce(scores)))
                best = _likeliest(scores, 2 * most + _SPARE)
                cut = cut or len(best) < len(units)
                for unit, score in zip(units[best].tolist(), scores[best].tolist(), strict=True):
                    _note(characters, self._vocabulary.characters[unit], end, score)
            if self._model is not None:
                found_words, cut_short = self._words(self._model, start, places, scores, network, ngrams)
                parts |= cut_short
                for number, found in found_words:
                    end = piece.starts[start.units[number - 1].end]
                    for text, score in found:
                        _note(words[number], text, end, score)
        result: list[Prefix] = []
        for length in sorted({*words, *learnt}, reverse=True):
            of_length = words.get(length, {})
            worst = max(of_length.values(), default=0.0) - _UNLIKELY.get(length, 0.0)
            kept = {i: score for i, score in of_length.items() if i[0] not in parts and score > worst}
            result += _ranked(_mixed(kept, learnt.get(length, {})), _WORDS)
        result += _ranked(characters, most + 1, float(np.logaddexp.reduce(normal)))
        return tuple(result[:most]), cut or len(result) > most

    def _learnt(
        self, memory: Memory | None, start: Start, piece: Piece, spellings: Spellings
    ) -> Iterator[tuple[tuple[str, int], float]]:
        """Phrases that the letters may begin with, where they end, and what they weigh."""
        if memory is None:
            return
        known = [
            frozenset(spellings.beginning_with(piece.text[unit.start : unit.end]).tolist())
            if unit.partial
            else frozenset((unit.syllable,))
            for unit in itertools.takewhile(lambda unit: unit.syllable >= 0, start.units)
        ]
        characters = self._vocabulary.characters
        for units, weight in memory.phrases_before(known).items():
            end = piece.starts[start.units[len(units) - 1].end]
            yield ("".join(characters[unit] for unit in units), end), weight

    def _first(
        self,
        start: Start,
        piece: Piece,
        place: list[tuple[int, int]],
        spellings: Spellings,
        left: Sequence[int],
        network: float,
        ngrams: float,
    ) -> np.ndarray:
        """Weighted scores of all characters of the first syllable."""
        units = _all_of(place)
        own = start.network[0]
        scores = (
            np.zeros(len(units)) if own is None or start.units[0].partial else network * own[: len(units)]
        )
        if self._model is None or not ngrams:
            return scores
        model = self._model
        context = (*[model.beginning] * (model.order - 1), *left)[-(model.order - 1) :]
        unit = start.units[0]
        letters = piece.text[unit.start : unit.end]
        choice = f"{letters} {sorted(spellings.fuzzy)}" if unit.partial else unit.syllable
        row = self._rows.get((context, choice))
        if row is None:
            if len(self._rows) > _ROWS_KEPT:
                self._rows.clear()
            row = self._rows[context, choice] = model.score(np.array([context]), units[None])[0]
        return scores + ngrams * row

    def _words(
        self,
        model: BackoffModel,
        start: Start,
        places: Sequence[Sequence[tuple[int, int]]],
        scores: np.ndarray,
        network: float,
        ngrams: float,
    ) -> tuple[list[tuple[int, list[tuple[str, float]]]], set[str]]:
        """Words of 2, 3 ... characters with their scores, and which of them are but parts of longer ones."""
        first = _all_of(places[0])
        grams = _best(_Grams(first, scores, model.levels[0].log[first]))
        words = _Grams(first[:0], scores[:0], scores[:0])
        result = []
        parts: set[str] = set()
        for length in range(2, min(len(places), model.order) + 1):
            grams = _longer(model, grams, places[length - 1], length, ngrams)
            if not len(grams.keys):
                break
            unit, said = start.units[length - 1], start.network[length - 1]
            if said is not None and not unit.partial:
                last = (grams.keys & (1 << model.bits) - 1) - self._vocabulary.starts[unit.syllable]
                grams = _Grams(grams.keys, grams.scores + network * said[last], grams.own)
            grams = _best(grams)
            parts.update(text for text, _ in self._told(words.of(_parts(model, words, grams)), length - 1))
            words = _words_among(model, grams, length)
            result.append((length, self._told(words, length)))
        return result, parts

    def _told(self, words: _Grams, length: int) -> list[tuple[str, float]]:
        assert self._model is not None
        characters, bits = self._vocabulary.characters, self._model.bits
        shifts = range(bits * (length - 1), -1, -bits)
        return [
            ("".join(characters[key >> shift & (1 << bits) - 1] for shift in shifts), score)
            for key, score in zip(words.keys.tolist(), words.scores.tolist(), strict=True)
        ]


def _units(
    unit: Unit, piece: Piece, vocabulary: PinyinVocabulary, spellings: Spellings
) -> list[tuple[int, int]]:
    """The units that letters may stand for, as ranges."""
    starts = vocabulary.starts
    if not unit.partial:
        return [(int(starts[unit.syllable]), int(starts[unit.syllable + 1]))]
    ranges: list[tuple[int, int]] = []
    for number in spellings.beginning_with(piece.text[unit.start : unit.end]).tolist():
        low, high = int(starts[number]), int(starts[number + 1])
        if ranges and ranges[-1][1] == low:
            ranges[-1] = (ranges[-1][0], high)
        else:
            ranges.append((low, high))
    return ranges


def _all_of(ranges: Sequence[tuple[int, int]]) -> np.ndarray:
    return np.concatenate([np.arange(low, high) for low, high in ranges])


def _best(grams: _Grams) -> _Grams:
    if len(grams.keys) <= _BEAM:
        return grams
    return grams.of(_likeliest(grams.scores, _BEAM))


def _likeliest(scores: np.ndarray, most: int) -> np.ndarray:
    """Numbers of the highest scores, in no order; all of them if there are no more."""
    return np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))


def _longer(
    model: BackoffModel, grams: _Grams, ranges: Sequence[tuple[int, int]], length: int, weight: float
) -> _Grams:
    """All known n-grams that go on from shorter ones with a unit of some ranges."""
    level = model.levels[length - 1]
    contexts = np.repeat(grams.keys.astype(np.int64) << model.bits, len(ranges))
    owner = np.repeat(np.arange(len(grams.keys)), len(ranges))
    edges = np.tile(np.array(ranges, np.int64).reshape(-1, 2), (len(grams.keys), 1))
    low = np.searchsorted(level.keys, contexts | edges[:, 0])
    many = np.searchsorted(level.keys, contexts | edges[:, 1] - 1, side="right") - low
    many = np.maximum(many, 0)
    owner = np.repeat(owner, many)
    place = np.repeat(low - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
    log = level.log[place]
    return _Grams(level.keys[place], grams.scores[owner] + weight * log, grams.own[owner] + log)


def _words_among(model: BackoffModel, grams: _Grams, length: int) -> _Grams:
    """Those that are likely here, not too rare, and hold together."""
    likely = (grams.scores > grams.scores.max() - _UNLIKELY[length]) & (grams.own > _RAREST[length])
    grams = grams.of(likely)
    return grams.of(_cohesion(model, grams, length) > _COHESION[length])


def _parts(model: BackoffModel, words: _Grams, longer: _Grams) -> np.ndarray:
    """Which words are but the beginning of something longer that was typed."""
    before = longer.keys >> model.bits
    goes_on = [
        bool((longer.own[before == key] > own - _PART).any())
        for key, own in zip(words.keys, words.own, strict=True)
    ]
    return np.array(goes_on, bool)


def _cohesion(model: BackoffModel, grams: _Grams, length: int) -> np.ndarray:
    """By how many nats each n-gram is likelier than its likeliest two parts beside each other by chance."""
    parts = np.full(len(grams.keys), -np.inf)
    for cut in range(1, length):
        left = grams.keys >> model.bits * (length - cut)
        right = grams.keys & (1 << model.bits * (length - cut)) - 1
        parts = np.maximum(parts, _probability(model, left, cut) + _probability(model, right, length - cut))
    return grams.own - parts


def _probability(model: BackoffModel, keys: np.ndarray, length: int) -> np.ndarray:
    """Log-probabilities of packed units one after the other, whatever comes before them."""
    total = np.zeros(len(keys))
    for known in range(1, length + 1):
        part = keys >> model.bits * (length - known)
        total = total + model.log_of(part, known)
    return total


def _note(found: dict[tuple[str, int], float], text: str, end: int, score: float) -> None:
    known = found.get((text, end))
    if known is None or score > known:
        found[text, end] = score


def _mixed(
    words: dict[tuple[str, int], float], learnt: dict[tuple[str, int], float]
) -> dict[tuple[str, int], float]:
    """Log-scores of words with a share for the phrases that were learnt (see `Memory`)."""
    if not learnt:
        return words
    total = sum(learnt.values())
    taken = total / (total + _CAUTION * len(learnt))
    mass = float(np.logaddexp.reduce(list(words.values()))) if words else 0.0
    mixed = {key: score + float(np.log1p(-taken)) for key, score in words.items()}
    for key, weight in learnt.items():
        own = mass + float(np.log(taken * weight / total))
        mixed[key] = float(np.logaddexp(mixed[key], own)) if key in mixed else own
    return mixed


def _ranked(found: dict[tuple[str, int], float], most: int, normal: float | None = None) -> list[Prefix]:
    """The best, each text once, with its share among all, whose log-scores are `normal` together."""
    if not found:
        return []
    values = np.array(list(found.values()))
    shares = np.exp(values - (np.logaddexp.reduce(values) if normal is None else normal)).tolist()
    result: dict[str, Prefix] = {}
    for ((text, end), _), share in sorted(zip(found.items(), shares, strict=True), key=lambda item: -item[1]):
        if text not in result:
            result[text] = Prefix(text=text, score=share, end=end)
        if len(result) == most:
            break
    return list(result.values())
