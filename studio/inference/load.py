"""From a path that a person gives to a predictor of hanzi."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from studio.inference.beam import NgramScores
from studio.inference.finding import Found, find
from studio.inference.fusion import Mixture, mixture
from studio.inference.opened import open_model
from studio.inference.predictor import PinyinPredictor
from studio.inference.words import WordScores
from studio.models.tagger import SyllableTagger
from studio.runs import fusion, language_models
from studio.runs.fusion import Fusion, FusionError
from studio.tasks import PinyinToHanzi, pinyin_ngrams
from studio.tasks.model_folder import WEIGHTS, ModelConfig, ModelFolderError

__all__ = ["Found", "Loaded", "find", "load", "stamp"]

_kept: weakref.WeakValueDictionary[tuple[int, ...], NgramScores] = weakref.WeakValueDictionary()
_kept_words: weakref.WeakValueDictionary[tuple[int, ...], WordScores] = weakref.WeakValueDictionary()


@dataclass(frozen=True)
class Loaded:
    """A model ready to predict and where it came from."""

    found: Found
    model: SyllableTagger
    task: PinyinToHanzi
    config: ModelConfig
    predictor: PinyinPredictor


def load(path: Path, device: torch.device | str = "cpu") -> Loaded:
    """Load what `find` finds.

    Raises:
        ModelFolderError: if there is no model, it is damaged, or it does not type pinyin.
    """
    opened = open_model(path, "pinyin_to_hanzi", device)
    found, model, task, config = opened.found, opened.model, opened.task, opened.config
    assert isinstance(model, SyllableTagger)
    weights, warning = _weights(found.folder)
    try:
        mixed = _mixture(task, weights)
        ngrams, words = _ngrams(mixed.file) if mixed else (None, None)
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"the n-grams in {found.folder} are damaged: {error}") from error
    warnings = (found.warning, warning, mixed.warning if mixed else "")
    found = replace(found, warning="; ".join(filter(None, warnings)))
    predictor = PinyinPredictor(
        model, task.vocabulary, ngrams, weights.network, weights.segmentation, words, weights.words
    )
    return Loaded(found, model, task, config, predictor)


def stamp(found: Found) -> tuple[object, ...]:
    """Changes when a model folder has to be loaded anew: its weights, how they are fused, or with what."""
    files = (found.folder / WEIGHTS, fusion.place_of(found.folder), language_models.home())
    return tuple(_file_stamp(file) for file in files)


def _file_stamp(file: Path) -> tuple[float, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime, status.st_size


def _weights(folder: Path) -> tuple[Fusion, str]:
    """How the parts of a model are weighed, and what is wrong with the file that says it."""
    try:
        return fusion.read(folder), ""
    except FusionError as error:
        return Fusion(), f"{error}; the usual weights are used"


def _mixture(task: PinyinToHanzi, weights: Fusion) -> Mixture | None:
    own = task.ngrams_file
    return mixture(own, task.vocabulary, weights) if own else None


def _ngrams(file: Path) -> tuple[NgramScores, WordScores | None]:
    """What is in a file. The weights of a run change every few seconds, its n-grams never: one copy serves all."""
    file = pinyin_ngrams.quick(file)
    status = file.stat()
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    units, words = _kept.get(key), _kept_words.get(key)
    if units is None:
        units = _kept[key] = NgramScores(pinyin_ngrams.read(file))
    if words is None:
        model = pinyin_ngrams.read_words(file)
        words = WordScores(model) if model else None
        if words is not None:
            _kept_words[key] = words
    return units, words
