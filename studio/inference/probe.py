"""Decoding with the weights of a model that is being trained."""

from __future__ import annotations

import weakref

from torch import nn

from studio.data.dataset import Split
from studio.inference import blanks, classification, correction, generation, labelling, readings, translation
from studio.inference.predictor import PinyinPredictor
from studio.inference.typist import typed_figures
from studio.models.causal import CausalNetwork
from studio.models.classifier import TextClassifier
from studio.models.corrector import Corrector
from studio.models.masked import MaskedLanguageModel as MaskedNetwork
from studio.models.readings import ReadingTagger
from studio.models.sequence_tagger import SequenceTagger
from studio.models.tagger import SyllableTagger
from studio.models.text_writer import TextWriter
from studio.runs.events import Candidate
from studio.tasks import (
    Correction,
    HanziToPinyin,
    LanguageModel,
    MaskedLanguageModel,
    PinyinToHanzi,
    SequenceLabelling,
    SequenceToSequence,
    TextClassification,
)
from studio.tasks.base import Metrics, Task, Tick

# What a predictor derives from the vocabulary does not change while the weights do.
_predictors: weakref.WeakKeyDictionary[nn.Module, PinyinPredictor] = weakref.WeakKeyDictionary()


class Decoder:
    """What the engine is lent: see `engine.judge.Decode`. Models must be in evaluation mode."""

    def __call__(self, model: nn.Module, task: Task, text: str, count: int) -> tuple[Candidate, ...]:
        return _candidates(model, task, text, count)

    def typed(self, model: nn.Module, task: Task, split: Split, limit: int, tick: Tick) -> Metrics:
        return typed_figures(model, task, split, limit, tick)


decode = Decoder()


def _candidates(model: nn.Module, task: Task, text: str, count: int) -> tuple[Candidate, ...]:
    if isinstance(task, TextClassification):
        assert isinstance(model, TextClassifier)
        return classification.candidates(model, task, text, count)
    if isinstance(task, LanguageModel):
        assert isinstance(model, CausalNetwork)
        return generation.candidates(model, task, text, count)
    if isinstance(task, MaskedLanguageModel):
        assert isinstance(model, MaskedNetwork)
        return blanks.candidates(model, task, text, count)
    if isinstance(task, HanziToPinyin):
        assert isinstance(model, ReadingTagger)
        return readings.candidates(model, task, text, count)
    if isinstance(task, SequenceLabelling):
        assert isinstance(model, SequenceTagger)
        return labelling.candidates(model, task, text, count)
    if isinstance(task, SequenceToSequence):
        assert isinstance(model, TextWriter)
        return translation.candidates(model, task, text, count)
    if isinstance(task, Correction):
        assert isinstance(model, Corrector)
        return correction.candidates(model, task, text, count)
    predictor = _predictors.get(model)
    if predictor is None:
        assert isinstance(model, SyllableTagger)
        assert isinstance(task, PinyinToHanzi)
        predictor = _predictors[model] = PinyinPredictor(model, task.vocabulary)
    return predictor.predict(text, count).candidates
