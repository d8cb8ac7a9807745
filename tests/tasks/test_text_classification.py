"""The classification task: its examples, its figures, its networks."""

from __future__ import annotations

import math
import tomllib

import numpy as np
import pytest
import torch
from torch import Tensor

from studio import tasks
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.errors import DataError
from studio.data.prepare import prepare
from studio.models.classifier import TextClassifier
from studio.recipe import RecipeError, dump, parse
from studio.tasks import TextClassification, confusion
from tests import tiny_texts

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_texts.classification()
    return prepare(recipe.data, recipe.task)


def task_of(dataset: Dataset, *overrides: str) -> TextClassification:
    made = tasks.create(tiny_texts.classification(*overrides).task).prepare(dataset)
    assert isinstance(made, TextClassification)
    return made


@pytest.mark.parametrize("unit", ["character", "word"])
def test_a_batch_holds_its_texts(unit: str, dataset: Dataset) -> None:
    task = task_of(dataset, f"task.unit={unit}")
    examples = task.examples(dataset, "train")
    chosen = np.array([3, 0, 40])
    batch = task.collate(examples, chosen)
    assert batch.positions == 3
    for row, number in enumerate(chosen):
        length = int(batch.inputs["lengths"][row])
        symbols = batch.inputs["symbols"][row]
        text = "".join(task.symbols.text_of(int(symbol)) for symbol in symbols[:length])
        assert text == dataset.train.text_of(int(number))
        assert not symbols[length:].any()
        assert task.labels[int(batch.inputs["labels"][row])] == dataset.labels[dataset.train.label[number]]


def test_chosen_examples_keep_their_labels(dataset: Dataset) -> None:
    task = task_of(dataset)
    examples = task.examples(dataset, "train")
    few = examples.select(np.array([5, 2]))
    assert list(few.rows["labels"]) == [examples.rows["labels"][5], examples.rows["labels"][2]]
    alike = task.collate(few, np.array([0, 1])).inputs["symbols"]
    assert torch.equal(alike, task.collate(examples, np.array([5, 2])).inputs["symbols"])


@pytest.mark.parametrize("family", ["text_cnn", "transformer_encoder", "recurrent"])
@pytest.mark.parametrize("pooling", ["max", "mean", "attention", "last"])
def test_padding_changes_nothing(family: str, pooling: str, dataset: Dataset) -> None:
    recipe = tiny_texts.classification(f"task.pooling={pooling}", family=family)
    task = tasks.create(recipe.task).prepare(dataset)
    torch.manual_seed(1)
    model = task.build_model(recipe).eval()
    examples = task.examples(dataset, "validation")
    shortest, longest = int(examples.lengths.argmin()), int(examples.lengths.argmax())
    assert examples.lengths[shortest] < examples.lengths[longest]
    alone = task.collate(examples, np.array([shortest])).inputs
    beside = task.collate(examples, np.array([shortest, longest])).inputs
    with torch.no_grad():
        one = model.scores(alone["symbols"], alone["lengths"])
        other = model.scores(beside["symbols"], beside["lengths"])
    assert torch.allclose(one[0], other[0], atol=1e-5)
    assert not torch.allclose(other[0], other[1], atol=1e-5)


@pytest.mark.parametrize("family", ["text_cnn", "transformer_encoder", "recurrent"])
def test_one_character_is_enough(family: str, dataset: Dataset) -> None:
    recipe = tiny_texts.classification(family=family)
    task = tasks.create(recipe.task).prepare(dataset)
    model = task.build_model(recipe).eval()
    symbols = torch.from_numpy(task.read("好").astype(np.int64))[None]
    assert torch.isfinite(model.scores(symbols, torch.tensor([1]))).all()


class Fixed(TextClassifier):
    """Gives every text the scores it was told."""

    def __init__(self, scores: list[float]) -> None:
        section = tiny_texts.classification().model
        super().__init__(section, 100, len(scores), "max")
        self.given = torch.tensor(scores)

    def network_scores(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        return self.given.expand(len(symbols), -1)


def test_figures_by_hand(dataset: Dataset) -> None:
    task = task_of(dataset)
    split = dataset.splits()["train"]
    good = int((split.label == 1).sum()) / len(split)
    found = task.evaluate(Fixed([0.0, math.log(3)]), task.examples(dataset, "train"), CPU)
    assert found["accuracy"] == pytest.approx(good)
    assert found["loss"] == pytest.approx(-good * math.log(0.75) - (1 - good) * math.log(0.25), rel=1e-5)
    assert found["macro_recall"] == pytest.approx(0.5)
    assert found["macro_precision"] == pytest.approx(good / 2)


def test_the_matrix() -> None:
    matrix = np.array([[8, 2, 0], [1, 9, 0], [5, 0, 5]])
    found = confusion.figures(matrix)
    assert found["accuracy"] == pytest.approx(22 / 30)
    assert found["macro_precision"] == pytest.approx((8 / 14 + 9 / 11 + 1) / 3)
    assert found["macro_recall"] == pytest.approx((0.8 + 0.9 + 0.5) / 3)
    f1 = [2 * 8 / 24, 2 * 9 / 21, 2 * 5 / 15]
    assert found["macro_f1"] == pytest.approx(sum(f1) / 3)


def test_no_examples_have_no_figures(dataset: Dataset) -> None:
    task = task_of(dataset)
    found = task.evaluate(Fixed([0.0, 0.0]), task.encode(SplitBuilder().build()), CPU)
    assert set(found.values()) == {None}


def test_balanced_weights_make_labels_count_alike(dataset: Dataset) -> None:
    recipe = tiny_texts.classification("task.class_weights=balanced")
    task = tasks.create(recipe.task).prepare(dataset)
    model = task.build_model(recipe)
    counts = np.bincount(dataset.train.label)
    total = model.weights.numpy() * counts
    assert total[0] == pytest.approx(total[1], rel=1e-5)
    assert total.sum() == pytest.approx(counts.sum(), rel=1e-5)


def test_weights_by_hand_need_labels_that_there_are(dataset: Dataset) -> None:
    recipe = tiny_texts.classification("task.label_weights={good=4.0}")
    assert parse(tomllib.loads(dump(recipe))) == recipe
    weights = tasks.create(recipe.task).prepare(dataset).build_model(recipe).weights.tolist()
    assert weights[dataset.labels.index("good")] == pytest.approx(4 * weights[dataset.labels.index("bad")])
    strange = tiny_texts.classification("task.label_weights={excellent=4.0}")
    with pytest.raises(DataError, match=r"label excellent, .* the labels are bad, good"):
        tasks.create(strange.task).prepare(dataset)
    with pytest.raises(RecipeError, match="greater than 0"):
        tiny_texts.classification("task.label_weights={good=0}")


def test_the_focal_loss_forgives_what_is_easy(dataset: Dataset) -> None:
    symbols, lengths = torch.ones(1, 3, dtype=torch.long), torch.tensor([3])
    easy, hard = torch.tensor([1]), torch.tensor([0])
    plain, focal = Fixed([0.0, 2.0]), Fixed([0.0, 2.0])
    focal.focal_gamma = 2.0
    chance = torch.tensor([0.0, 2.0]).softmax(0)
    for labels, own in ((easy, chance[1]), (hard, chance[0])):
        expected = float(plain(symbols, lengths, labels)) * float(1 - own) ** 2
        assert float(focal(symbols, lengths, labels)) == pytest.approx(expected, rel=1e-4)


def test_evaluation_can_be_left_and_puts_training_back(dataset: Dataset) -> None:
    recipe = tiny_texts.classification()
    task = tasks.create(recipe.task).prepare(dataset)
    model = task.build_model(recipe).train()

    class LeftError(Exception):
        pass

    def tick(_done: int, _total: int) -> None:
        raise LeftError

    with pytest.raises(LeftError):
        task.evaluate(model, task.examples(dataset, "validation"), CPU, tick)
    assert model.training


def test_plain_recipes_fill_in_what_the_task_wants() -> None:
    recipe = parse(
        {
            "task": {"name": "text_classification"},
            "data": {"sources": [{"kind": "builtin", "name": "reviews"}]},
        }
    )
    assert recipe.model.family == "text_cnn"
    assert recipe.training.checkpoints.best_metric == "accuracy"
    assert recipe.training.probes == recipe.task.PROBES
