"""Decoding with the weights of a model that is being trained."""

from __future__ import annotations

import weakref

from torch import nn

from studio.inference import blanks, classification, generation
from studio.inference.predictor import PinyinPredictor
from studio.models.causal import CausalLanguageModel
from studio.models.classifier import TextClassifier
from studio.models.masked import MaskedLanguageModel as MaskedNetwork
from studio.models.tagger import SyllableTagger
from studio.runs.events import Candidate
from studio.tasks import LanguageModel, MaskedLanguageModel, PinyinToHanzi, TextClassification
from studio.tasks.base import Task

# What a predictor derives from the vocabulary does not change while the weights do.
_predictors: weakref.WeakKeyDictionary[nn.Module, PinyinPredictor] = weakref.WeakKeyDictionary()


def decode(model: nn.Module, task: Task, text: str, count: int) -> tuple[Candidate, ...]:
    """The best answers to a probe; `model` must be in evaluation mode."""
    if isinstance(task, TextClassification):
        assert isinstance(model, TextClassifier)
        return classification.candidates(model, task, text, count)
    if isinstance(task, LanguageModel):
        assert isinstance(model, CausalLanguageModel)
        return generation.candidates(model, task, text, count)
    if isinstance(task, MaskedLanguageModel):
        assert isinstance(model, MaskedNetwork)
        return blanks.candidates(model, task, text, count)
    predictor = _predictors.get(model)
    if predictor is None:
        assert isinstance(model, SyllableTagger)
        assert isinstance(task, PinyinToHanzi)
        predictor = _predictors[model] = PinyinPredictor(model, task.vocabulary)
    return predictor.predict(text, count).candidates
