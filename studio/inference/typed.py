"""Sentences typed as raw letters, prepared once so that many weights can be tried on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from studio.data.dataset import Split
from studio.inference.beam import NgramScores, Place, best_paths
from studio.inference.keystrokes import pieces
from studio.inference.load import Loaded
from studio.inference.predictor import REREAD
from studio.inference.words import WordScores
from studio.language.syllables import SYLLABLES

SHORTEST, LONGEST = 5, 30
_SEGMENTATIONS = 6
_TURN = 10  # sentences between two calls of a tick

Weights = tuple[float, float]
"""Of segmentation and of words."""


@dataclass(frozen=True)
class Typed:
    """A sentence and the ways to divide its letters.

    Attributes:
        ways: the score of each, and what may stand at each of its syllables, by the network's judgement.
    """

    text: str
    characters: str
    ways: tuple[tuple[float, tuple[Place, ...]], ...]


@dataclass(frozen=True, order=True)
class Hits:
    """How much came out right; more sentences are better, and of as many, more characters."""

    sentences: int
    characters: int
    all_characters: int


def typed_sentences(
    loaded: Loaded, split: Split, limit: int, tick: Callable[[int, int], None]
) -> list[Typed]:
    """Sentences of 5 to 30 characters, spread evenly over a split, with what the network says of each syllable.

    Raises whatever `tick` raises.
    """
    fitting = typeable(split, limit)
    found = []
    for done, place in enumerate(fitting):
        if done % _TURN == 0:
            tick(done, len(fitting))
        letters = "".join(SYLLABLES[number] for number in split.syllables_of(place))
        found.append(Typed(split.text_of(place), loaded.task.vocabulary.characters, _ways(loaded, letters)))
    return found


def typeable(split: Split, limit: int) -> list[int]:
    """The numbers of at most `limit` (0: all) sentences of 5 to 30 characters, spread evenly over a split."""
    fitting = np.flatnonzero((split.lengths >= SHORTEST) & (split.lengths <= LONGEST))
    if limit and len(fitting) > limit:
        fitting = fitting[np.linspace(0, len(fitting) - 1, limit).astype(int)]
    numbers: list[int] = fitting.tolist()
    return numbers


def _ways(loaded: Loaded, letters: str) -> tuple[tuple[float, tuple[Place, ...]], ...]:
    predictor = loaded.predictor
    lattice = predictor.lattice
    assert lattice is not None
    (piece,) = pieces(letters)
    divided = predictor.segmenter.segment(piece.text, piece.breaks, 3 * _SEGMENTATIONS)
    groups = lattice.worth_decoding(divided, _SEGMENTATIONS)
    known = [[unit.syllable for unit in group.units if unit.syllable >= 0] for group in groups]
    ways = []
    for group, rows in zip(groups, predictor.rows(known), strict=True):
        network = iter(rows)
        places = tuple(
            lattice.place(
                unit, piece.text[unit.start : unit.end], next(network) if unit.syllable >= 0 else None
            )
            for unit in group.units
        )
        ways.append((group.score, places))
    return tuple(ways)


def hits(
    sentences: Sequence[Typed],
    ngrams: NgramScores,
    words: WordScores | None,
    network: float,
    weights: Sequence[Weights],
    tick: Callable[[int, int], None],
) -> dict[Weights, Hits]:
    """What comes out right with one weight of the network and each of several pairs of the others."""
    right = {pair: [0, 0] for pair in weights}
    count = 1 if words is None else REREAD
    for done, sentence in enumerate(sentences):
        if done % _TURN == 0:
            tick(done, len(sentences))
        characters = sentence.characters
        found: dict[tuple[str, float], float] = {}
        for way, places in sentence.ways:
            for path in best_paths(places, ngrams, network=network, count=count):
                text = "".join(characters[u] if u < len(characters) else "?" for u in path.units)
                found[text, way] = path.score
        texts = [text for text, _ in found]
        read = words.of(texts) if words is not None else [0.0] * len(texts)
        for pair in weights:
            scores = (
                score + pair[0] * way + pair[1] * log
                for ((_, way), score), log in zip(found.items(), read, strict=True)
            )
            text = max(zip(scores, texts, strict=True))[1]
            right[pair][0] += text == sentence.text
            right[pair][1] += sum(a == b for a, b in zip(text, sentence.text, strict=False))
    total = sum(len(sentence.text) for sentence in sentences)
    return {pair: Hits(whole, single, total) for pair, (whole, single) in right.items()}
