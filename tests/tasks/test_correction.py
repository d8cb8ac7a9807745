"""The correction: what is fed and asked, its threshold, its figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio import tasks
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.misspelling import mistaken_for
from studio.data.prepare import prepare
from studio.data.symbols import MASK
from studio.models.corrector import Corrector
from studio.tasks import Correction
from studio.tasks.edits import Weighed
from studio.tasks.model_folder import read_model, write_model
from studio.tasks.varying import varying
from tests import tiny_texts

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_texts.correction()
    return prepare(recipe.data, recipe.task)


def task_of(dataset: Dataset) -> Correction:
    made = tasks.create(tiny_texts.correction().task).prepare(dataset)
    assert isinstance(made, Correction)
    return made


def test_what_is_asked(dataset: Dataset) -> None:
    task = task_of(dataset)
    examples = task.examples(dataset, "train")
    batch = task.collate(examples, np.arange(6))
    wrong, targets = batch.inputs["wrong"].numpy(), batch.inputs["targets"].numpy()
    assert ((wrong == 1).sum(axis=1) >= 1).all(), "an error at least in each sentence that judges"
    assert ((targets > 0) <= (wrong == 1)).all()
    assert batch.positions == int((wrong >= 0).sum())
    right = task.read(task.right(examples, np.arange(6)))
    assert (right[targets > 0] == targets[targets > 0]).all()


def test_each_epoch_has_other_errors(dataset: Dataset) -> None:
    recipe = tiny_texts.correction()
    task = task_of(dataset)
    examples = task.examples(dataset, "train")
    vary = varying(task, dataset, recipe)
    assert vary is not None
    chosen = np.arange(12)
    batch = task.collate(examples, chosen)
    first, again, later = (vary(batch, chosen, epoch) for epoch in (0, 0, 1))
    for name in ("symbols", "wrong", "targets"):
        assert torch.equal(first.inputs[name], again.inputs[name])
    assert not torch.equal(first.inputs["symbols"], later.inputs["symbols"])
    assert first.positions == int((first.inputs["wrong"] >= 0).sum())
    fed, targets, wrong = (first.inputs[name].numpy() for name in ("symbols", "targets", "wrong"))
    assert (fed == task.mask).any(), "some right ones are to be guessed"
    assert (targets[fed == task.mask] > task.mask).all() and (wrong[fed == task.mask] == -1).all()


def test_the_threshold_is_found_on_validation_alone(dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_texts.correction())
    model.threshold.fill_(0.123)
    task.evaluate(model, task.examples(dataset, "test"), CPU)
    assert float(model.threshold) == pytest.approx(0.123)
    figures = task.evaluate(model, task.examples(dataset, "validation"), CPU)
    assert float(model.threshold) != pytest.approx(0.123)
    assert (figures["false_alarms"] or 0) <= task.section.most_false_alarms
    some = task.examples(dataset, "validation").select(np.arange(3))
    assert "choosing" in some.rows
    empty = task.evaluate(model, task.encode(SplitBuilder().build()), CPU)
    assert set(empty) == set(figures) and set(empty.values()) == {None}


def test_nothing_but_hanzi_is_put_in_the_place_of_hanzi(dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_texts.correction()).eval()
    torch.nn.init.constant_(model.detect.bias, 5.0)
    found = task.propose(model, task.points(["今天，x😀", "龘"]))
    assert [(row, place) for row, place in zip(found.rows, found.places, strict=True)] == [
        (0, 0),
        (0, 1),
        (1, 0),
    ]
    assert all("一" <= chr(point) <= "龥" for point in found.points)
    assert not any(
        chr(p) in "今天"[place : place + 1] for p, place in zip(found.points[:2], (0, 1), strict=True)
    )
    assert ((found.scores > 0) & (found.scores <= 1)).all()


def test_a_folder_comes_back(dataset: Dataset, tmp_path: Path) -> None:
    recipe = tiny_texts.correction()
    task = task_of(dataset)
    model = task.build_model(recipe).eval()
    model.threshold.fill_(0.625)
    write_model(tmp_path, model, task, recipe, 3, {})
    back, same, _ = read_model(tmp_path)
    assert isinstance(back, Corrector) and float(back.threshold) == 0.625
    assert same.symbols == task.symbols and same.symbols.texts[0] == MASK
    examples = task.examples(dataset, "test")
    assert same.evaluate(back, examples, CPU) == task.evaluate(model, examples, CPU)


def test_counts_correct_what_a_fresh_network_cannot(
    dataset: Dataset, fresh_home: Path, tmp_path: Path
) -> None:
    recipe = tiny_texts.correction("task.counted=3")
    task = tasks.create(recipe.task).prepare(dataset)
    assert isinstance(task, Correction)
    task.learn(dataset)
    model = task.build_model(recipe).eval()
    figures = task.evaluate(model, task.examples(dataset, "validation"), CPU)
    assert float(model.counts_weight) > 0
    assert (figures["correction_f1"] or 0) > 0
    assert (figures["false_alarms"] or 0) <= task.section.most_false_alarms
    write_model(tmp_path, model, task, recipe, 3, {})
    back, same, _ = read_model(tmp_path)
    examples = task.examples(dataset, "test")
    assert same.evaluate(back, examples, CPU) == task.evaluate(model, examples, CPU)


def test_a_score_is_a_posterior() -> None:
    """What stands there was written with 0.9; another fits e**3 times as well and is meant in a tenth of 0.5."""
    one = np.array([0])
    weighed = Weighed(
        one,
        one,
        np.array([[65, 66]]),
        np.array([0.1]),
        np.log(np.array([[0.5, 0.5]])),
        np.array([[3.0, 0.0]]),
    )
    found = weighed.proposals(1.0)
    better, other = 0.05 * np.exp(3), 0.05
    assert found.points.tolist() == [65]
    assert found.scores[0] == pytest.approx(better / (better + other + 0.9))
    assert weighed.proposals(0.0).scores[0] == pytest.approx(0.05)


def test_what_a_character_may_have_been_written_for() -> None:
    points = mistaken_for(np.array([ord("在"), ord("，")]))
    assert ord("再") in points[0] and not points[1].any()
