"""The n-grams of an export: as they are, mixed with imported language models, or only those that say most."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.fusion import mixture
from studio.models.pruning import prune
from studio.runs import atomic, fusion, language_models
from studio.runs.language_models import ImportedModel
from studio.tasks import pinyin_ngrams
from studio.tasks.base import VOCABULARY_FILE

LICENCE_PREFIX = "LICENCE-"


def write_ngrams(source: Path, folder: Path, *, fused: bool, most: int | None) -> Sequence[ImportedModel]:
    """Write the n-grams of a model folder, and how they are weighed, into another one.

    Args:
        fused: mix in the imported language models that its weights name, so that the export needs none of them;
            the licence of each lies beside the n-grams then.
        most: at most so many n-grams of two and more units, and as many pairs and triples of words; None keeps all.

    Returns:
        the imported models that are mixed in.

    Raises:
        FusionError: if the weights cannot be read.
        ValueError, OSError: if the n-grams are damaged, or an imported model is not there.
    """
    own, weights = source / pinyin_ngrams.FILE, fusion.read(source)
    parts: list[ImportedModel] = []
    file = own
    if fused and weights.imported:
        found = mixture(own, PinyinVocabulary.load(source / VOCABULARY_FILE), weights)
        if found.warning:
            raise ValueError(found.warning)
        file, parts = found.file, [language_models.get(name) for name in weights.imported]
    if most is None:
        shutil.copyfile(file, folder / pinyin_ngrams.FILE)
    else:
        words = pinyin_ngrams.read_words(file)
        fewer = pinyin_ngrams.Counted(
            prune(pinyin_ngrams.read(file), most, _syllables(source)), words.pruned(most) if words else None
        )
        atomic.write_bytes(folder / pinyin_ngrams.FILE, save(fewer.squeezed()))
    for part in parts:
        licence = part.folder / language_models.LICENCE
        if licence.is_file():  # whoever imported it may have given none
            shutil.copyfile(licence, folder / f"{LICENCE_PREFIX}{part.name}.txt")
    if parts:
        weights = replace(weights, imported={})
    if weights != fusion.Fusion():
        fusion.write(folder, weights)
    return parts


def _syllables(source: Path) -> np.ndarray:
    """The number of each unit's syllable; what stands for no unit is alone."""
    vocabulary = PinyinVocabulary.load(source / VOCABULARY_FILE)
    syllables = len(vocabulary.candidates)
    return np.concatenate(
        [np.repeat(np.arange(syllables), np.diff(vocabulary.starts)), syllables + np.arange(3)]
    ).astype(np.int64)
