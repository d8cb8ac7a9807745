"""Typed letters in, sentences out: one model with its segmenter and decoder."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.decoder import Choices, best_products, join, merge, probability
from studio.inference.keystrokes import Piece, pieces
from studio.inference.segmentation import Segmentation, Segmenter
from studio.models.tagger import SyllableTagger
from studio.runs.events import Candidate
from studio.runs.requests import SyllableView

_ALTERNATIVES = 12  # characters shown for each syllable
_SEGMENTATIONS = 6
_CHUNK = 48  # syllables the network sees at once; longer input is decoded piece by piece


@dataclass(frozen=True)
class Decoded:
    """The best sentences and, for the best segmentation, each syllable's characters."""

    candidates: tuple[Candidate, ...]
    syllables: tuple[SyllableView, ...]
    milliseconds: float


class PinyinPredictor:
    """Decodes letters as typed. Not for use from two threads at once.

    Args:
        model: in evaluation mode.
        vocabulary: the model's.
    """

    def __init__(self, model: SyllableTagger, vocabulary: PinyinVocabulary) -> None:
        self._model = model
        self._vocabulary = vocabulary
        without = frozenset(n for n, characters in enumerate(vocabulary.candidates) if not characters)
        transitions = model.transitions.float().cpu().numpy()
        self._segmenter = Segmenter(vocabulary.syllables, transitions, without)

    def predict(self, typed: str, top_k: int = 5) -> Decoded:
        """The best `top_k` sentences for typed letters; none if nothing but separators was typed.

        A candidate's score is its probability: that of its segmentation among those considered, times that
        of its characters. Sentences that are not shown hold the rest.
        """
        began = time.perf_counter()
        parts: list[list[tuple[str, float]]] = []
        views: list[SyllableView] = []
        for piece in pieces(typed):
            if piece.kind == "literal":
                parts.append([(piece.text, 0.0)])
                continue
            groups = self._segmenter.segment(piece.text, piece.breaks, _SEGMENTATIONS)
            choices = self._choices(piece, groups)
            views += self._views(piece, groups[0], choices[0])
            texts = [
                (group.score, best_products(places, top_k))
                for group, places in zip(groups, choices, strict=True)
            ]
            parts.append(merge(texts, top_k))
        found = join(parts, top_k) if parts else []
        return Decoded(
            tuple(Candidate(text=text, score=probability(log)) for text, log in found),
            tuple(views),
            (time.perf_counter() - began) * 1000,
        )

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

    @torch.inference_mode()
    def _distributions(self, spans: list[list[int]]) -> list[list[Choices]]:
        """Characters with log-probabilities for every syllable of every span."""
        chunks = [span[i : i + _CHUNK] for span in spans for i in range(0, len(span), _CHUNK)]
        rows = self._run(chunks) if chunks else []
        result = []
        for span in spans:
            count = -(-len(span) // _CHUNK)
            result.append([choice for row in rows[:count] for choice in row])
            rows = rows[count:]
        return result

    def _run(self, chunks: list[list[int]]) -> list[list[Choices]]:
        lengths = [len(chunk) for chunk in chunks]
        symbols = np.zeros((len(chunks), max(lengths)), np.int64)
        for row, chunk in enumerate(chunks):
            symbols[row, : len(chunk)] = np.array(chunk) + 1
        device = self._model.head.weight.device
        units, logs = self._model.candidates(
            torch.from_numpy(symbols).to(device), torch.tensor(lengths, device=device)
        )
        best = logs.topk(min(_ALTERNATIVES, logs.shape[1]), dim=1)
        numbers, values = units.gather(1, best.indices).tolist(), best.values.tolist()
        characters = self._vocabulary.characters
        flat = iter(
            [(characters[number], log) for number, log in zip(*row, strict=True) if number >= 0]
            for row in zip(numbers, values, strict=True)
        )
        return [[next(flat) for _ in range(length)] for length in lengths]

    def _views(self, piece: Piece, best: Segmentation, choices: list[Choices]) -> list[SyllableView]:
        return [
            SyllableView(
                start=piece.starts[unit.start],
                end=piece.starts[unit.end],
                syllable=self._vocabulary.syllables[unit.syllable] if unit.syllable >= 0 else "",
                partial=unit.partial,
                alternatives=tuple(Candidate(text=text, score=probability(log)) for text, log in places),
            )
            for unit, places in zip(best.units, choices, strict=True)
        ]
