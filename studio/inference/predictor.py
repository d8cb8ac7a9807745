"""Typed letters in, sentences out: one model with its segmenter and decoder."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.beam import NgramScores, Path, Place, best_paths, in_context
from studio.inference.decoder import Choices, best_products, join, merge, probability
from studio.inference.keystrokes import Piece, pieces
from studio.inference.lattice import Lattice
from studio.inference.personal.memory import Memory
from studio.inference.prefixes import Prefixes, Start
from studio.inference.segmentation import Segmentation, Segmenter, Unit
from studio.inference.words import WordScores
from studio.language.text import hanzi_runs, is_hanzi
from studio.models.plain_tagger import plain
from studio.models.tagger import SyllableTagger
from studio.runs.events import Candidate
from studio.runs.fusion import Fusion
from studio.runs.requests import FuzzyPair, Judge, Prefix, SyllableView

NETWORK_WEIGHT = Fusion().network
SEGMENTATION_WEIGHT = Fusion().segmentation
WORDS_WEIGHT = Fusion().words
_ALTERNATIVES = 24  # characters shown for each syllable
_SEGMENTATIONS = 6
_SPARE = 3  # sentences decoded beyond those wanted, since some turn out to be the same text
REREAD = 20  # sentences of each division that are judged by their words as well
_LEFT = 8  # characters to the left that are looked at, more than any n-gram is long
_CHUNK = 48  # syllables the network sees at once; longer input is decoded piece by piece


@dataclass(frozen=True)
class Decoded:
    """The best sentences and, for the best segmentation, each syllable's characters.

    Attributes:
        prefixes: words, then characters for the first letters, as many as were asked for; `more`: there are more.
    """

    candidates: tuple[Candidate, ...]
    syllables: tuple[SyllableView, ...]
    milliseconds: float
    prefixes: tuple[Prefix, ...] = ()
    more: bool = False


@dataclass(frozen=True)
class _Typist:
    """How someone types: sounds that they do not tell apart, and whether their fingers may slip."""

    fuzzy: frozenset[FuzzyPair]
    slips: bool


class PinyinPredictor:
    """Decodes letters as typed. Not for use from two threads at once.

    Attributes:
        memory: what the user chose before; what is decoded with n-grams heeds it.

    Args:
        model: in evaluation mode.
        vocabulary: the model's.
        ngrams: the model's, if it has any; without them each syllable is decided by the network alone.
        network_weight: of the network's log-probabilities beside those of the n-grams.
        segmentation_weight: of the log-probability of how letters are divided.
        words: judge whole sentences by their words, if the model has counted any; with n-grams only.
        words_weight: of what they say.
    """

    def __init__(
        self,
        model: SyllableTagger,
        vocabulary: PinyinVocabulary,
        ngrams: NgramScores | None = None,
        network_weight: float = NETWORK_WEIGHT,
        segmentation_weight: float = SEGMENTATION_WEIGHT,
        words: WordScores | None = None,
        words_weight: float = WORDS_WEIGHT,
    ) -> None:
        self._model = model
        self._plain = plain(model)
        self._vocabulary = vocabulary
        self._ngrams = ngrams
        self._network_weight = network_weight
        self._segmentation_weight = segmentation_weight
        self._words = words if words_weight else None
        self._words_weight = words_weight
        self.memory: Memory | None = None
        without = frozenset(n for n, characters in enumerate(vocabulary.candidates) if not characters)
        transitions = model.transitions.float().cpu().numpy()
        self._segmenter = Segmenter(vocabulary.syllables, transitions, without)
        self._lattice = Lattice(vocabulary, ngrams.model, self._segmenter) if ngrams else None
        self._prefixes = Prefixes(vocabulary, ngrams.model if ngrams else None)

    @property
    def vocabulary(self) -> PinyinVocabulary:
        return self._vocabulary

    @property
    def segmenter(self) -> Segmenter:
        return self._segmenter

    @property
    def ngrams(self) -> NgramScores | None:
        return self._ngrams

    @property
    def lattice(self) -> Lattice | None:
        """What makes places for the n-grams; None without n-grams."""
        return self._lattice

    @property
    def network_weight(self) -> float:
        return self._network_weight

    @property
    def segmentation_weight(self) -> float:
        return self._segmentation_weight

    def by_words(self, texts: Sequence[str], left: str) -> list[float]:
        """What is added to the scores of whole texts behind the text `left` for the words they are made of."""
        if self._words is None or not texts:
            return [0.0] * len(texts)
        known = self.memory.words if self.memory is not None else None
        clause = hanzi_runs(left[-_LEFT:])[-1] if left and is_hanzi(left[-1]) else ""
        return [self._words_weight * log for log in self._words.of(texts, clause, known)]

    def predict(
        self,
        typed: str,
        top_k: int = 5,
        *,
        left: str = "",
        judge: Judge = "both",
        prefixes: int = 0,
        fuzzy: Iterable[FuzzyPair] = (),
        slips: bool = True,
    ) -> Decoded:
        """The best `top_k` sentences for typed letters; none if nothing but separators was typed.

        A candidate's score is its share among the sentences considered. Judged by the network alone it is a
        probability: that of its segmentation among those considered, times that of its characters.

        Args:
            left: the text before the typed letters, as far as known; n-grams take it into account.
            judge: who decides; a model without n-grams is always judged by its network.
            prefixes: how many words and characters for the first letters are wanted as well.
            fuzzy: pairs of sounds that the typist does not tell apart.
            slips: letters that cannot be read as they are may hold slips of the fingers.
        """
        began = time.perf_counter()
        typist = _Typist(frozenset(fuzzy), slips)
        offered: tuple[Prefix, ...] = ()
        more = False
        parts: list[list[tuple[str, float]]] = []
        views: list[SyllableView] = []
        for piece in pieces(typed):
            if piece.kind == "literal":
                parts.append([(piece.text, 0.0)])
                left += piece.text
                continue
            starts: list[Start] | None = [] if prefixes and not parts else None
            if self._ngrams is None or judge == "network":
                weights = (1.0, 0.0)
                found = self._by_network(piece, top_k, views, typist, starts)
            else:
                weights = (self._network_weight if judge == "both" else 0.0, 1.0)
                found = self._by_ngrams(piece, top_k, views, left, weights[0], typist, starts)
            if starts:
                before = self._lattice.units_of(left[-_LEFT:]) if self._lattice else []
                spellings = self._segmenter.spellings(typist.fuzzy)
                memory = self.memory if weights[1] else None
                offered, more = self._prefixes.find(
                    piece, starts, spellings, before, *weights, prefixes, memory
                )
            parts.append(found)
            left += found[0][0]
        found = join(parts, top_k) if parts else []
        return Decoded(
            tuple(Candidate(text=text, score=probability(log)) for text, log in found),
            tuple(views),
            (time.perf_counter() - began) * 1000,
            offered,
            more,
        )

    def _by_network(
        self,
        piece: Piece,
        top_k: int,
        views: list[SyllableView],
        typist: _Typist,
        starts: list[Start] | None,
    ) -> list[tuple[str, float]]:
        groups = self._segmenter.segment(
            piece.text, piece.breaks, _SEGMENTATIONS, fuzzy=typist.fuzzy, slips=typist.slips
        )
        if starts is not None:
            known = [[unit.syllable for unit in group.units if unit.syllable >= 0] for group in groups]
            starts += map(self._start, groups, self.rows(known))
        choices = self._choices(piece, groups)
        views += self._views(piece, groups[0].units, choices[0])
        texts = [
            (group.score, best_products(places, top_k)) for group, places in zip(groups, choices, strict=True)
        ]
        return merge(texts, top_k)

    def _by_ngrams(
        self,
        piece: Piece,
        top_k: int,
        views: list[SyllableView],
        left: str,
        weight: float,
        typist: _Typist,
        starts: list[Start] | None,
    ) -> list[tuple[str, float]]:
        ngrams, lattice, memory = self._ngrams, self._lattice, self.memory
        assert ngrams is not None
        assert lattice is not None
        found = self._segmenter.segment(
            piece.text, piece.breaks, 3 * _SEGMENTATIONS, fuzzy=typist.fuzzy, slips=typist.slips
        )
        groups = lattice.worth_decoding(found, _SEGMENTATIONS)
        known = [[unit.syllable for unit in group.units if unit.syllable >= 0] for group in groups]
        rows: Sequence[Sequence[np.ndarray | None]] = (
            self.rows(known) if weight else [[None for _ in span] for span in known]
        )
        if starts is not None:
            starts += map(self._start, groups, rows)
        before = lattice.units_of(left[-_LEFT:])
        total: dict[str, float] = {}
        ways: dict[str, tuple[float, list[Place], Path, Segmentation]] = {}
        count = top_k + _SPARE if self._words is None else max(top_k + _SPARE, REREAD)
        for group, network in zip(groups, rows, strict=True):
            scores = iter(network)
            places = [
                lattice.place(
                    unit,
                    piece.text[unit.start : unit.end],
                    next(scores) if unit.syllable >= 0 else None,
                    typist.fuzzy,
                )
                for unit in group.units
            ]
            if memory is not None:
                places = memory.widened(places, [unit.syllable for unit in group.units], network)
            for path in best_paths(places, ngrams, network=weight, count=count, left=before, memory=memory):
                score = path.score + self._segmentation_weight * group.score
                text = self.text_of(path, group, piece)
                total[text] = float(np.logaddexp(total[text], score)) if text in total else score
                if text not in ways or score > ways[text][0]:
                    ways[text] = (score, places, path, group)
        if self._words is not None:
            # Those far behind stay there, and reading them would cost as much.
            total = dict(heapq.nlargest(count, total.items(), key=lambda item: item[1]))
            added = self.by_words(list(total), left)
            total = {text: log + more for (text, log), more in zip(total.items(), added, strict=True)}
        _, places, path, group = ways[max(total, key=total.__getitem__)]
        views += self._views(piece, group.units, self._alternatives(places, path, before, weight))
        # Words say much of what the n-grams said already: taken as independent, the two would be too sure.
        sure = 1.0 + (self._words_weight if self._words is not None else 0.0)
        normal = float(np.logaddexp.reduce([log / sure for log in total.values()]))
        best = heapq.nlargest(top_k, total.items(), key=lambda item: item[1])
        return [(text, log / sure - normal) for text, log in best]

    def text_of(self, path: Path, group: Segmentation, piece: Piece) -> str:
        """The text of a path; letters that are no syllable stay as they are."""
        characters = self._vocabulary.characters
        return "".join(
            characters[number] if unit.syllable >= 0 else piece.text[unit.start : unit.end]
            for number, unit in zip(path.units, group.units, strict=True)
        )

    def _alternatives(
        self, places: Sequence[Place], path: Path, left: Sequence[int], weight: float
    ) -> list[Choices]:
        """For each place the likeliest characters if all other places stay as in the best sentence."""
        assert self._ngrams is not None
        characters = self._vocabulary.characters
        result: list[Choices] = []
        for place, logs in zip(places, in_context(places, path, self._ngrams, left, weight), strict=True):
            best = np.argsort(-logs, kind="stable")[:_ALTERNATIVES]
            pairs = zip(place.units[best].tolist(), logs[best].tolist(), strict=True)
            result.append([(characters[unit], log) for unit, log in pairs if unit < len(characters)])
        return result

    def _choices(self, piece: Piece, groups: list[Segmentation]) -> list[list[Choices]]:
        """For each segmentation, for each of its units, what may stand there."""
        spans = [[unit.syllable for unit in group.units] for group in groups]
        found = iter(self._distributions([[s for s in span if s >= 0] for span in spans]))
        result: list[list[Choices]] = []
        for group in groups:
            rows = iter(next(found))
            result.append(
                [
                    next(rows) if unit.syllable >= 0 else [(piece.text[unit.start : unit.end], 0.0)]
                    for unit in group.units
                ]
            )
        return result

    def _distributions(self, spans: list[list[int]]) -> list[list[Choices]]:
        """The likeliest characters with log-probabilities for every syllable of every span."""
        units, logs = self._candidates(spans)
        best = logs.topk(min(_ALTERNATIVES, logs.shape[1]), dim=1)
        numbers, values = units.gather(1, best.indices).tolist(), best.values.tolist()
        characters = self._vocabulary.characters
        flat = iter(
            [(characters[number], log) for number, log in zip(*row, strict=True) if number >= 0]
            for row in zip(numbers, values, strict=True)
        )
        return [[next(flat) for _ in span] for span in spans]

    def rows(self, spans: list[list[int]]) -> list[list[np.ndarray]]:
        """Log-probabilities of all units of every syllable of every span."""
        if self._plain is None:
            flat = iter(self._candidates(spans)[1].float().cpu().numpy())
        else:
            flat = iter(self._plain.logs(_chunks(spans)))
        return [[next(flat) for _ in span] for span in spans]

    @torch.inference_mode()
    def _candidates(self, spans: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Units and log-probabilities of every syllable, span after span (see `SyllableTagger.candidates`)."""
        chunks = _chunks(spans)
        if not chunks:
            return torch.zeros(0, 1, dtype=torch.int64), torch.zeros(0, 1)
        lengths = [len(chunk) for chunk in chunks]
        symbols = np.zeros((len(chunks), max(lengths)), np.int64)
        for row, chunk in enumerate(chunks):
            symbols[row, : len(chunk)] = np.array(chunk) + 1
        device = self._model.head.weight.device
        return self._model.candidates(
            torch.from_numpy(symbols).to(device), torch.tensor(lengths, device=device)
        )

    def _views(self, piece: Piece, units: Sequence[Unit], choices: list[Choices]) -> list[SyllableView]:
        return [
            SyllableView(
                start=piece.starts[unit.start],
                end=piece.starts[unit.end],
                syllable=self._vocabulary.syllables[unit.syllable] if unit.syllable >= 0 else "",
                partial=unit.partial,
                alternatives=tuple(Candidate(text=text, score=probability(log)) for text, log in places),
            )
            for unit, places in zip(units, choices, strict=True)
        ]

    def _start(self, group: Segmentation, rows: Sequence[np.ndarray | None]) -> Start:
        """A segmentation as the beginning of words, with what the network says of each of its units."""
        said = iter(rows)
        network = tuple(next(said) if unit.syllable >= 0 else None for unit in group.units)
        return Start(group.units, self._segmentation_weight * group.score, network)


def _chunks(spans: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Spans as the network sees them, long ones in pieces."""
    return [span[i : i + _CHUNK] for span in spans for i in range(0, len(span), _CHUNK)]
