"""What counting alone knows about characters in context: made once for a data set, then carried by its models."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from studio import paths
from studio.data.dataset import Dataset, Split
from studio.data.vocabulary import PinyinVocabulary
from studio.models.backoff import BackoffModel, bits_for, mix
from studio.models.kneser_ney import estimate
from studio.models.packed_ngrams import pack, unpack
from studio.models.squeezed_ngrams import full, is_squeezed, squeeze
from studio.models.word_model import WordModel
from studio.models.word_ngrams import unit_model
from studio.runs import atomic
from studio.tasks import word_models
from studio.tasks.base import Tick, no_tick
from studio.tasks.lexicon_ngrams import word_table

FILE = "ngrams.safetensors"
_VERSION = 2  # of the way they are made; another number makes them anew
_WORDS = "words."  # before the names of arrays that belong to the n-grams of words
_ORDER = 4
# How far word lists are believed beside running text. Chosen on validation splits.
_LEXICON_WEIGHT = 0.05


def learnt(dataset: Dataset, vocabulary: PinyinVocabulary, tick: Tick = no_tick) -> Path:
    """The file with the n-grams of a data set's training split and lexicons; made if it is not there.

    Args:
        tick: called with stages done and in all; what it raises calls the work off.

    Raises:
        OSError: if the cache cannot be written.
    """
    content = repr((_VERSION, _ORDER, _LEXICON_WEIGHT, dataset.fingerprint, vocabulary.candidates))
    identity = hashlib.sha256(content.encode()).hexdigest()[:24]
    target = kept(
        identity,
        lambda: Counted(
            build(dataset, vocabulary, tick), word_models.of_text(dataset, lambda *_: tick(3, 4))
        ),
    )
    with contextlib.suppress(OSError):
        os.utime(target)
    return target


@dataclass(frozen=True)
class Counted:
    """What a file holds: n-grams of units and, in all but old ones, of words."""

    units: BackoffModel
    words: WordModel | None = None

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays, for a file."""
        return self._together(lambda arrays: arrays)

    def squeezed(self) -> dict[str, np.ndarray]:
        """The same for a file that is to be small: rounded further, and slower to read."""
        return self._together(squeeze)

    def _together(
        self, written: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        words = written(self.words.arrays()) if self.words else {}
        return written(pack(self.units)) | {f"{_WORDS}{name}": array for name, array in words.items()}


def kept(identity: str, make: Callable[[], Counted]) -> Path:
    """The cached file of n-grams of this identity; made if it is not there.

    Raises:
        OSError: if the cache cannot be written.
    """
    target = paths.cache_home() / "ngrams" / f"{identity}.safetensors"
    if not target.is_file():
        made = save(make().arrays())
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(target, made)
    return target


def build(dataset: Dataset, vocabulary: PinyinVocabulary, tick: Tick = no_tick) -> BackoffModel:
    """Kneser-Ney n-grams of the training split, mixed with those of the lexicons' words."""
    size = len(vocabulary.characters)
    order = min(_ORDER, 62 // bits_for(size))
    tick(0, 4)
    text = estimate(_units(dataset.train, vocabulary), dataset.train.offsets, size, order)
    tick(1, 4)
    words = word_table(dataset.lexicon, vocabulary)
    if words is None:
        return text
    listed = unit_model(words, size, order)
    tick(2, 4)
    return mix([text, listed], [1 - _LEXICON_WEIGHT, _LEXICON_WEIGHT])


def read(path: Path) -> BackoffModel:
    """The n-grams in a file.

    Raises:
        ValueError: if it is damaged.
        OSError: if it cannot be read.
    """
    return unpack(_arrays(path, words=False))


def read_words(path: Path) -> WordModel | None:
    """The n-grams of words in a file; None if it is an old one, which has none.

    Raises:
        ValueError: if it is damaged.
        OSError: if it cannot be read.
    """
    arrays = _arrays(path, words=True)
    return WordModel.from_arrays(arrays) if arrays else None


def quick(path: Path) -> Path:
    """The same n-grams in a file that is read within a fraction of a second: a squeezed one takes seconds.

    The copy lies in the cache, named after the content. Where it cannot be written, the file itself has to do.

    Raises:
        ValueError: if the file is damaged.
        OSError: if it cannot be read.
    """
    try:
        with safe_open(path, "numpy") as file:
            if not is_squeezed(file.keys()):
                return path
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    with path.open("rb") as stream:
        identity = hashlib.file_digest(stream, "sha256").hexdigest()[:24]
    try:
        return kept(identity, lambda: Counted(read(path), read_words(path)))
    except OSError:
        return path


def _arrays(path: Path, *, words: bool) -> dict[str, np.ndarray]:
    try:
        with safe_open(path, "numpy") as file:
            names = [name for name in file.keys() if name.startswith(_WORDS) == words]  # noqa: SIM118 - no mapping
            return full({name.removeprefix(_WORDS): file.get_tensor(name) for name in names})
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error


def _units(split: Split, vocabulary: PinyinVocabulary) -> np.ndarray:
    return vocabulary.units(split.text, split.syllables).astype(np.int64)
