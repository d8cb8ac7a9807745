"""What word lists alone know about characters in context."""

from __future__ import annotations

import numpy as np

from studio.data.dataset import Split
from studio.data.vocabulary import PinyinVocabulary
from studio.models.backoff import BackoffModel
from studio.models.word_ngrams import WordTable, unit_model


def of_lexicon(lexicon: Split, vocabulary: PinyinVocabulary, order: int) -> BackoffModel | None:
    """N-grams of the lexicons' words and of nothing else; None if no word can be used."""
    words = word_table(lexicon, vocabulary)
    return None if words is None else unit_model(words, len(vocabulary.characters), order)


def word_table(lexicon: Split, vocabulary: PinyinVocabulary) -> WordTable | None:
    """The lexicons' words with their weights, as far as all their characters are candidates."""
    units = vocabulary.units(lexicon.text, lexicon.syllables).astype(np.int64)
    known = np.add.reduceat(units < 0, lexicon.offsets[:-1]) == 0 if len(lexicon) else np.zeros(0, bool)
    chosen = np.flatnonzero(known & (lexicon.weight > 0))
    if not len(chosen):
        return None
    spans = [units[lexicon.offsets[i] : lexicon.offsets[i + 1]] for i in chosen]
    return WordTable.of_words(spans, lexicon.weight[chosen])
