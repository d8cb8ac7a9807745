"""Data as they might be, for estimates made before the real ones are prepared."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.data.dataset import Dataset, Split, offsets_of
from studio.language.pinyin import NoReadingError, toned_readings
from studio.language.tones import TONES
from studio.recipe import BuiltinSource, Data, Task
from studio.recipe.data import LEXICONS
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.tagging import HanziToPinyin, SequenceLabelling
from studio.recipe.task import Correction, LanguageModel, MaskedLanguageModel, TextClassification

# Hanzi in the examples of what comes with the studio, in thousands, as prepared.
_BUILTIN = {
    "peoples_daily": 1500,
    "reviews": 1000,
    "graded_sentences": 33,
    "lexicon_jieba": 860,
    "lexicon_rime": 95,
    "lexicon_modern": 90,
}
_MOST = 6_000_000  # positions made; what lies beyond is not needed to know how long a step takes
_BYTES_A_HANZI = 3.3
# Clauses and sentences of the default texts: mean of their lengths, which fall off nearly exponentially.
_MEAN = {"clause": 8.7, "sentence": 22.0}
_MEAN_OF_TEXTS = 65.0
_MEAN_OF_SENTENCES = 34.0  # with their marks
# Characters that are written for one that is read.
_TARGETS = {"text_to_target": 3.3, "target_to_text": 0.3, "text_to_pinyin": 3.3, "pinyin_to_text": 0.3}
_LABELS = {"words": 1, "parts_of_speech": 43, "entities": 3}


def synthetic(data: Data, task: Task | None = None) -> Dataset:
    """A data set of random characters with lengths as examples have them, as large as the sources suggest."""
    rng = np.random.default_rng(0)
    words = [s for s in data.sources if isinstance(s, BuiltinSource) and s.name in LEXICONS]
    lexicon = 1000 * sum(_BUILTIN[source.name] for source in words)
    text = min(_MOST, max(2000, sum(_size(source) for source in data.sources) - lexicon))
    cleaning, splits = data.cleaning, data.splits
    low, high, mean = cleaning.min_length, cleaning.max_length, _MEAN[cleaning.unit]
    labels: tuple[str, ...] = ()
    spans, times, most = 0, 0.0, 0
    if isinstance(task, TextClassification):
        low, high, mean, lexicon = 4, task.max_length, _MEAN_OF_TEXTS, 0
        labels = ("1", "2")
    elif isinstance(task, LanguageModel | MaskedLanguageModel):
        low, high, mean, lexicon = 2, task.context, 0.8 * task.context, 0
    elif isinstance(task, HanziToPinyin | SequenceLabelling):
        low, high, mean = 2, task.max_length, _MEAN_OF_SENTENCES
        if isinstance(task, SequenceLabelling):
            lexicon, spans = 0, _LABELS[task.what]
    elif isinstance(task, Correction):
        low, high, mean, lexicon = 4, task.max_length, _MEAN["sentence"], 0
    elif isinstance(task, SequenceToSequence):
        low, high, mean, lexicon = 2, task.max_length, _MEAN["sentence"] / 2, 0
        times, most = _TARGETS[task.direction], task.max_target

    def clauses(positions: float) -> Split:
        count = max(2, round(positions / mean))
        drawn = low + rng.exponential(max(1.0, mean - low), count).astype(np.int64)
        made = _split(
            rng, np.minimum(drawn, high), len(labels) or int(isinstance(task, LanguageModel)), spans
        )
        if not times:
            return made
        wanted = _split(rng, np.clip(np.rint(made.lengths * times), 1, most).astype(np.int64))
        return replace(made, target=wanted.text, target_offsets=wanted.offsets)

    return Dataset(
        train=clauses(text * (1 - splits.validation - splits.test)),
        lexicon=_split(rng, rng.integers(2, 5, round(lexicon / 2.9))),
        validation=clauses(text * splits.validation),
        test=clauses(text * splits.test),
        sources=(),
        fingerprint="synthetic",
        labels=labels,
        tag_names=tuple(map(str, range(spans))),
    )


def _size(source: object) -> int:
    """Hanzi that a source may hold."""
    if isinstance(source, BuiltinSource):
        return 1000 * _BUILTIN[source.name]
    try:
        return round(Path(getattr(source, "path", "")).stat().st_size / _BYTES_A_HANZI)
    except OSError:
        return 0


def _split(rng: np.random.Generator, lengths: np.ndarray, labels: int = 0, spans: int = 0) -> Split:
    characters, toned = _characters()
    # Zipf's law: a few characters make most of a text, and the candidates of their syllables most of the work.
    drawn = np.minimum(
        (len(characters) ** rng.random(int(lengths.sum()))).astype(np.int64), len(characters) - 1
    )
    return Split(
        text=characters[drawn],
        syllables=toned[drawn] // TONES,
        offsets=offsets_of(lengths),
        source=np.zeros(len(lengths), np.uint8),
        weight=np.ones(len(lengths), np.float32),
        label=(np.arange(len(lengths)) % labels if labels else np.zeros(0)).astype(np.uint16),
        # Spans of one character, as most positions of a sentence begin one or might.
        tags=(1 + 2 * (drawn % spans)).astype(np.uint16) if spans else toned[drawn],
    )


@functools.cache
def _characters() -> tuple[np.ndarray, np.ndarray]:
    """The 3,755 common characters of GB 2312 in a fixed random order, and a reading of each with its tone."""
    found = []
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                character = bytes((high, low)).decode("gb2312")
                found.append((ord(character), toned_readings(character)[0]))
            except (UnicodeDecodeError, NoReadingError):
                continue
    pairs = np.random.default_rng(0).permutation(np.array(found, np.int64))
    return pairs[:, 0].astype(np.uint32), pairs[:, 1].astype(np.uint16)
