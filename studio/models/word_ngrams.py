"""Knowledge about words - counts, pairs, triples - as n-grams of the units that words are written with.

A decoder that walks unit by unit can then use a word list or an imported word model like text of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.models.backoff import NEVER, BackoffModel, bits_for, find, interpolated, set_back, single_units

_LEAST_LEFT = 0.02  # share that every context leaves for what no word says


@dataclass(frozen=True)
class WordTable:
    """Words and how likely each of them, each pair and each triple is.

    Attributes:
        units: int64 [words, longest], the units of each word, -1 behind its last one. The beginning and the end of a
            sentence may be words of their own, with the numbers that a back-off model of these units gives them.
        lengths: int64 [words].
        single: probability of each word, float64 [words].
        pairs: int64 [pairs, 2] words; pair: their joint probability, float64 [pairs].
        triples: int64 [triples, 3] words; triple: their joint probability, float64 [triples].
    """

    units: np.ndarray
    lengths: np.ndarray
    single: np.ndarray
    pairs: np.ndarray
    pair: np.ndarray
    triples: np.ndarray
    triple: np.ndarray

    @classmethod
    def of_words(cls, sequences: Sequence[Sequence[int] | np.ndarray], weights: np.ndarray) -> WordTable:
        """A table of words alone, `weights` being their counts on any scale."""
        lengths = np.array([len(sequence) for sequence in sequences], np.int64)
        units = np.full((len(sequences), int(lengths.max(initial=1))), -1, np.int64)
        units[np.arange(units.shape[1]) < lengths[:, None]] = np.concatenate(
            [np.asarray(s) for s in sequences]
        )
        none = np.zeros(0)
        single = np.asarray(weights, np.float64) / np.sum(weights)
        return cls(units, lengths, single, np.zeros((0, 2), np.int64), none, np.zeros((0, 3), np.int64), none)


def unit_model(table: WordTable, size: int, order: int = 4) -> BackoffModel:
    """The back-off model of units that a table of words implies.

    Each n-gram gets the expected number of its occurrences a word: inside single words, across the seams of
    the pairs, and across both seams of the triples. What the table leaves open backs off to shorter n-grams.

    Args:
        size: number of units.
    """
    bits = bits_for(size)
    expected = _expected(table, order, bits)
    keys, counts = expected[0]
    occurrences = np.zeros(size + 3)
    occurrences[keys] = counts
    probability = occurrences + 1e-3 * occurrences.sum() / len(occurrences)
    beginning = size + 1  # follows nothing
    log = np.log(probability / (probability.sum() - probability[beginning]))
    log[beginning] = NEVER
    levels = [single_units(log)]
    before = (np.arange(size + 3), occurrences)
    for length in range(2, order + 1):
        keys, counts = expected[length - 1]
        # The context's own expectation is there always: whatever goes on from it begins with it.
        _, place = find(before[0], keys >> bits)
        share = counts / np.maximum(before[1][place], 1e-300)
        owners, owner = np.unique(keys >> bits, return_inverse=True)
        total = np.bincount(owner, share)
        scale = np.minimum(1.0, (1 - _LEAST_LEFT) / total)
        left = 1 - total * scale
        longer = interpolated(levels, keys, share * scale[owner], left, owner)
        set_back(levels[-1], owners, np.log(left))
        levels.append(longer)
        before = (keys, counts)
    return BackoffModel(tuple(levels))


def _expected(table: WordTable, order: int, bits: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each length, n-grams and their expected occurrences a word."""
    found: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in range(order + 1)]

    def add(rows: np.ndarray, weights: np.ndarray) -> None:
        key = np.zeros(len(rows), np.int64)
        for column in rows.T:
            key = key << bits | column
        found[rows.shape[1]].append((key, weights))

    longest = table.units.shape[1]
    for length in range(1, order + 1):
        for start in range(longest - length + 1):
            long = table.lengths >= start + length
            add(table.units[long, start : start + length], table.single[long])
    for tail in range(1, order):
        for head in range(1, order - tail + 1):
            left, right = table.pairs.T
            fits = (table.lengths[left] >= tail) & (table.lengths[right] >= head)
            rows = np.concatenate([_tails(table, left[fits], tail), table.units[right[fits], :head]], axis=1)
            add(rows, table.pair[fits])
    for middle in range(1, order - 1):
        for tail in range(1, order - middle):
            for head in range(1, order - middle - tail + 1):
                left, between, right = table.triples.T
                fits = table.lengths[between] == middle
                fits &= (table.lengths[left] >= tail) & (table.lengths[right] >= head)
                parts = (
                    _tails(table, left[fits], tail),
                    table.units[between[fits], :middle],
                    table.units[right[fits], :head],
                )
                add(np.concatenate(parts, axis=1), table.triple[fits])
    merged = []
    for pieces in found[1:]:
        keys, place = np.unique(np.concatenate([key for key, _ in pieces]), return_inverse=True)
        merged.append((keys, np.bincount(place, np.concatenate([weight for _, weight in pieces]))))
    return merged


def _tails(table: WordTable, words: np.ndarray, count: int) -> np.ndarray:
    """The last `count` units of each word."""
    return table.units[words[:, None], table.lengths[words][:, None] - count + np.arange(count)]
