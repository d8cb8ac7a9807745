"""What imported language models say about words, as n-grams of a vocabulary's units."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.language_models import store
from studio.data.language_models.table import BEGIN, END, UNDECIDED, Readings, WordNgrams
from studio.data.vocabulary import PinyinVocabulary
from studio.models.backoff import BackoffModel
from studio.models.word_ngrams import WordTable, unit_model
from studio.runs.language_models import ImportedModel
from studio.tasks import pinyin_ngrams, word_models

_VERSION = 2  # of the way they are made; another number makes them anew
_LEAST_SHARE = 0.02  # readings of a word that take less of it are left out


def file_of(model: ImportedModel, vocabulary: PinyinVocabulary, own: Path) -> Path:
    """The file with an imported model's n-grams for a vocabulary; made if it is not there.

    Args:
        own: the n-grams of the model that it is to be used with; they decide between readings of a word where
            the imported model says nothing.

    Raises:
        DataError: if the imported model is damaged.
        ValueError: if the own n-grams are.
        OSError: if the cache cannot be written.
    """
    return pinyin_ngrams.kept(
        identity(model, vocabulary, own),
        lambda: _counted(store.load(model), vocabulary, pinyin_ngrams.read(own)),
    )


def _counted(words: WordNgrams, vocabulary: PinyinVocabulary, own: BackoffModel) -> pinyin_ngrams.Counted:
    return pinyin_ngrams.Counted(ngrams_of(words, vocabulary, own), word_models.of_import(words))


def identity(model: ImportedModel, vocabulary: PinyinVocabulary, own: Path) -> str:
    """Names what `file_of` makes, by content."""
    content = repr((_VERSION, model.content, vocabulary.candidates, digest(own)))
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def digest(file: Path) -> str:
    """A hash of a file's content."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def ngrams_of(words: WordNgrams, vocabulary: PinyinVocabulary, own: BackoffModel) -> BackoffModel:
    """The n-grams of units that words imply, of the order of `own` and over its units."""
    return unit_model(unit_table(words, vocabulary, own), own.units, own.order)


def unit_table(words: WordNgrams, vocabulary: PinyinVocabulary, own: BackoffModel) -> WordTable:
    """Words as sequences of units; a word that is read in several ways becomes several, which divide it.

    Words that the vocabulary cannot write are left out, and all pairs and triples with them.
    """
    spelt = _entries(words, vocabulary, own)
    pairs, pair = _divided(spelt, words.pairs, words.pair, own)
    triples, triple = _divided(spelt, words.triples, words.triple, own)
    single = words.single[spelt.word].astype(np.float64) * spelt.share
    return WordTable(
        units=spelt.units,
        lengths=spelt.lengths,
        single=single,
        pairs=pairs,
        pair=pair,
        triples=triples,
        triple=triple,
    )


@dataclass(frozen=True)
class _Spelt:
    """Words with their readings: entries, those of one word side by side.

    Attributes:
        word: of each entry; share: of the word's probability that the entry takes.
        units: int64 [entries, longest], -1 behind the last; lengths: [entries].
        first, count: where each word's entries begin, and how many there are: [words].
    """

    word: np.ndarray
    share: np.ndarray
    units: np.ndarray
    lengths: np.ndarray
    first: np.ndarray
    count: np.ndarray


def _entries(words: WordNgrams, vocabulary: PinyinVocabulary, own: BackoffModel) -> _Spelt:
    readings = _with_ends(words)
    lengths = np.array([1 if w in (BEGIN, END) else len(w) for w in words.words], np.int64)[readings.word]
    points = np.frombuffer("".join(words.words[n] for n in readings.word).encode("utf-32-le"), "<u4")
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.full(int(offsets[-1]), -1, np.int64)
    ends = {BEGIN: own.beginning, END: own.end}
    special = np.array([ends.get(words.words[n], -1) for n in readings.word], np.int64)
    plain = np.repeat(special < 0, lengths)
    hanzi = np.repeat(special < 0, np.array([len(words.words[n]) for n in readings.word], np.int64))
    flat[plain] = vocabulary.units(points[hanzi], readings.syllables)
    flat[~plain] = special[special >= 0]
    writable = np.minimum.reduceat(flat, offsets[:-1]) >= 0 if len(lengths) else np.zeros(0, bool)
    share = _shares(readings, flat[offsets[:-1]] if len(lengths) else flat, writable, own)
    kept = writable & (share >= _LEAST_SHARE)
    word, share, lengths, starts = readings.word[kept], share[kept], lengths[kept], offsets[:-1][kept]
    total = np.bincount(word, share, minlength=len(words.words))
    steps = np.arange(int(lengths.max(initial=1)))
    inside = steps < lengths[:, None]
    units = np.where(inside, flat[np.where(inside, starts[:, None] + steps, 0)], -1)
    count = np.bincount(word, minlength=len(words.words))
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    return _Spelt(word, share / total[word], units, lengths, first, count)


def _with_ends(words: WordNgrams) -> Readings:
    """The readings, and one for each end of a sentence that the model knows."""
    found = words.readings
    special = np.array([n for n, word in enumerate(words.words) if word in (BEGIN, END)], np.int32)
    if not len(special):
        return found
    word = np.concatenate([found.word, special])
    order = np.argsort(word, kind="stable")
    share = np.concatenate([found.share, np.ones(len(special), np.float32)])
    return Readings(word[order], found.syllables, share[order])


def _shares(readings: Readings, units: np.ndarray, writable: np.ndarray, own: BackoffModel) -> np.ndarray:
    """How much of its word each reading takes; what is open is divided as the own text has it."""
    share = np.where(writable, readings.share, 0.0).astype(np.float64)
    open_ = writable & (readings.share == UNDECIDED)
    share[open_] = np.exp(own.levels[0].log[units[open_]].astype(np.float64))
    total = np.bincount(readings.word, share)
    return share / np.maximum(total[readings.word], 1e-300)


def _divided(
    spelt: _Spelt, grams: np.ndarray, weights: np.ndarray, own: BackoffModel
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs or triples of words as those of entries: int64 [n, 2 or 3], and their probabilities [n].

    Among the readings of a pair those that follow each other in the own text take more.
    """
    counts = spelt.count[grams]
    ways = counts.prod(axis=1)
    owner = np.repeat(np.arange(len(grams)), ways)
    which = np.arange(len(owner)) - np.repeat(np.cumsum(ways) - ways, ways)
    entries = np.zeros((len(owner), grams.shape[1]), np.int64)
    for column in range(grams.shape[1] - 1, -1, -1):
        which, place = np.divmod(which, counts[owner, column])
        entries[:, column] = spelt.first[grams[owner, column]] + place
    likely = spelt.share[entries].prod(axis=1)
    several = ways[owner] > 1
    for left, right in zip(entries[several].T[:-1], entries[several].T[1:], strict=True):
        last = spelt.units[left, spelt.lengths[left] - 1]
        first = spelt.units[right, 0]
        follows = own.log_of(last << own.bits | first, 2) - own.levels[0].log[first]
        likely[several] *= np.exp(np.clip(follows.astype(np.float64), -10, 10))
    total = np.bincount(owner, likely, minlength=len(grams))
    return entries, weights.astype(np.float64)[owner] * likely / np.maximum(total[owner], 1e-300)
