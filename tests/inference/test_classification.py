"""Predictions of a trained classifier, and what they rest on."""

from __future__ import annotations

import copy
import math

import pytest
import torch

from studio.inference import classification
from studio.inference.classification import Classifier
from studio.inference.evaluation import evaluate_split
from studio.inference.load import load
from studio.inference.opened import open_model, task_of
from studio.tasks.model_folder import ModelFolderError
from tests import tiny, tiny_texts


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return classification.classifier(open_model(tiny_texts.classified().path, "text_classification"))


def test_it_has_learnt(classifier: Classifier) -> None:
    assert classifier.classify("早餐真不错，下次再说。").label == "good"
    assert classifier.classify("电池太糟糕！").label == "bad"
    scores = classifier.classify("服务很好").scores
    assert sum(item.score for item in scores) == pytest.approx(1)
    assert [item.score for item in scores] == sorted((item.score for item in scores), reverse=True)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("", "empty"),
        (" \n\t\u200b", "empty"),
        ("😀😀", "knows nothing"),
        ("龘靐", "knows nothing"),
        ("hello", "knows nothing"),
        ("\x00\x01", "empty"),
    ],
)
def test_nothing_to_read(text: str, note: str, classifier: Classifier) -> None:
    found = classifier.classify(text)
    assert found.label is None
    assert not found.scores
    assert note in found.note


def test_odd_texts(classifier: Classifier) -> None:
    assert classifier.classify("好").label is not None
    mixed = classifier.classify("手机很好 good 😀")
    assert mixed.label == "good" and not mixed.note
    long = classifier.classify("很好" * 5000)
    assert len(long.read) == 32
    assert "of 10,000 characters" in long.note


def test_what_mattered_is_what_says_it(classifier: Classifier) -> None:
    """Of three words the middle one decides; the thing it is said of does not."""
    read = "这本书很好，朋友也这么说。"
    importance = classifier.importance(read, "good")
    assert len(importance) == len(read)
    best = max(range(len(read)), key=importance.__getitem__)
    assert read[best] in "很好书，"
    assert importance[read.index("好")] > importance[read.index("友")]
    against = classifier.importance(read, "bad")
    assert against == pytest.approx([-value for value in importance], abs=1e-6)


def test_what_mattered_is_seen_where_the_model_is_sure(classifier: Classifier) -> None:
    sure = copy.deepcopy(classifier)
    with torch.no_grad():
        sure.model.head.weight *= 20
    read = "这本书很好，朋友也这么说。"
    assert sure.classify(read).scores[0].score > 0.999
    importance = sure.importance(read, "good")
    assert max(importance) > 1 and read[importance.index(max(importance))] in "很好书，"
    assert all(map(math.isfinite, sure.importance("很好" * 16, "bad"))), "however sure it is"


def test_figures(classifier: Classifier) -> None:
    opened = open_model(tiny_texts.classified().path)
    report = evaluate_split(opened).report
    assert report["accuracy"] > 0.9
    assert set(report["labels"]) == {"good", "bad"} == set(report["confusion"])
    assert report["data_changed"] is False
    assert sum(sum(row.values()) for row in report["confusion"].values()) == report["examples"]


def test_models_of_other_tasks_are_told_apart() -> None:
    texts, pinyin = tiny_texts.classified().path, tiny.finished_run().path
    assert (task_of(texts), task_of(pinyin)) == ("text_classification", "pinyin_to_hanzi")
    with pytest.raises(ModelFolderError, match="classifies texts; choose a model that types pinyin"):
        load(texts)
    with pytest.raises(ModelFolderError, match="types pinyin; choose a model that classifies texts"):
        open_model(pinyin, "text_classification")
