"""What words a data set's text is made of and how they follow each other; and what imported language models add."""

from __future__ import annotations

from collections import Counter

import numpy as np

from studio.data.dataset import Dataset, Split
from studio.data.language_models.table import BEGIN, END, WordNgrams
from studio.language.words import vocabulary
from studio.models.backoff import mix
from studio.models.kneser_ney import estimate
from studio.models.word_model import ORDER, WordModel
from studio.models.word_ngrams import WordTable, unit_model
from studio.tasks.base import Tick, no_tick

# How far word lists are believed beside running text, as for the n-grams of characters.
_LEXICON_WEIGHT = 0.05
_TURN = 20_000  # examples between two calls of a tick


def of_text(dataset: Dataset, tick: Tick = no_tick) -> WordModel:
    """The words of the training split (cut by `language.words`) and of the lexicons.

    Args:
        tick: called with examples done and in all; what it raises calls the work off.
    """
    cut = vocabulary().cut
    numbers: dict[str, int] = {}
    stream: list[int] = []
    offsets = [0]
    train = dataset.train
    for place in range(len(train)):
        if place % _TURN == 0:
            tick(place, len(train))
        stream += [numbers.setdefault(word, len(numbers)) for word in cut(train.text_of(place))]
        offsets.append(len(stream))
    listed = _listed(dataset.lexicon, numbers)
    words = tuple(numbers)
    text = estimate(np.array(stream, np.int64), np.array(offsets, np.int64), len(words), ORDER)
    if not listed:
        return WordModel(words, text)
    sequences = [[number] for number in listed]
    lists = unit_model(WordTable.of_words(sequences, np.array(list(listed.values()))), len(words), ORDER)
    return WordModel(words, mix([text, lists], [1 - _LEXICON_WEIGHT, _LEXICON_WEIGHT]))


def mixed(parts: list[WordModel], shares: list[float]) -> WordModel:
    """Several models as one, over the words of all; `shares` sum to 1."""
    words = tuple(dict.fromkeys(word for part in parts for word in part.words))
    return WordModel(words, mix([part.among(words) for part in parts], shares))


def of_import(words: WordNgrams) -> WordModel:
    """An imported language model as it is."""
    names = tuple(word for word in words.words if word not in (BEGIN, END))
    numbers = {word: number for number, word in enumerate(names)}
    numbers[BEGIN], numbers[END] = len(names) + 1, len(names) + 2  # as a back-off model has them
    units = np.array([[numbers[word]] for word in words.words], np.int64)
    table = WordTable(
        units=units,
        lengths=np.ones(len(units), np.int64),
        single=words.single.astype(np.float64),
        pairs=words.pairs.astype(np.int64),
        pair=words.pair.astype(np.float64),
        triples=words.triples.astype(np.int64),
        triple=words.triple.astype(np.float64),
    )
    return WordModel(names, unit_model(table, len(names), ORDER))


def _listed(lexicon: Split, numbers: dict[str, int]) -> Counter[int]:
    """Weights of the lexicons' words by number; words that the text does not have get new ones."""
    found: Counter[int] = Counter()
    for place in range(len(lexicon)):
        weight = float(lexicon.weight[place])
        if weight > 0:
            found[numbers.setdefault(lexicon.text_of(place), len(numbers))] += weight  # type: ignore[assignment]
    return found
