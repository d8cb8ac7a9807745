"""What n-grams speak for which label: learnt, kept, and mixed with the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from studio import tasks
from studio.data.dataset import Dataset
from studio.data.prepare import prepare
from studio.inference.opened import open_model
from studio.models.classifier import TextClassifier
from studio.tasks import TextClassification
from studio.tasks.label_evidence import best_shares, order_for
from tests import tiny_encoders, tiny_texts

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_texts.classification()
    return prepare(recipe.data, recipe.task)


def task_of(dataset: Dataset, *overrides: str) -> TextClassification:
    made = tasks.create(tiny_texts.classification("task.counted=2", *overrides).task).prepare(dataset)
    assert isinstance(made, TextClassification)
    made.learn(dataset)
    return made


def test_counts_alone_tell_good_from_bad(dataset: Dataset) -> None:
    """The network is not trained, and is wrong as often as it may be."""
    recipe = tiny_texts.classification("task.counted=2")
    task = task_of(dataset)
    torch.manual_seed(0)
    model = task.build_model(recipe)
    found = task.evaluate(model, task.examples(dataset, "validation"), CPU)
    assert found["accuracy"] == 1.0
    assert found["network_accuracy"] is not None and found["network_accuracy"] < 0.9
    assert model.evidence is not None and model.evidence.shares[1] > 1


def test_only_the_validation_split_finds_shares(dataset: Dataset) -> None:
    recipe = tiny_texts.classification("task.counted=2")
    task = task_of(dataset)
    model = task.build_model(recipe)
    assert model.evidence is not None
    task.evaluate(model, task.examples(dataset, "test"), CPU)
    assert model.evidence.shares.tolist() == [1.0, 1.0]
    task.evaluate(model, task.examples(dataset, "validation"), CPU)
    assert model.evidence.shares.tolist() != [1.0, 1.0]


def test_it_is_learnt_once(dataset: Dataset) -> None:
    stages: list[int] = []
    task_of(dataset).learn(dataset, lambda done, _: stages.append(done))
    assert not stages


def test_the_training_loss_is_the_networks_alone(dataset: Dataset) -> None:
    task, without = task_of(dataset), task_of(dataset, "task.counted=0")
    torch.manual_seed(3)
    model = task.build_model(tiny_texts.classification("task.counted=2")).eval()
    torch.manual_seed(3)
    plain = without.build_model(tiny_texts.classification()).eval()
    inputs = task.collate(task.examples(dataset, "train"), np.arange(8)).inputs
    with torch.no_grad():
        assert torch.equal(model(**inputs), plain(**inputs))


def test_shares_make_labels_likeliest() -> None:
    generator = torch.Generator().manual_seed(5)
    labels = torch.randint(0, 3, (400,), generator=generator)
    right = functional.one_hot(labels, 3).float()
    noise = [torch.randn(400, 3, generator=generator) for _ in range(2)]
    network, counts = right + noise[0], 2 * right + noise[1]
    found = best_shares(network, counts, labels, torch.ones(3))

    def loss(shares: torch.Tensor) -> float:
        return float(functional.cross_entropy(shares[0] * network + shares[1] * counts, labels))

    assert found.min() > 0
    for changed in ([1.2, 1.0], [0.8, 1.0], [1.0, 1.2], [1.0, 0.8]):
        assert loss(found) < loss(found * torch.tensor(changed))


def test_few_texts_decide_little() -> None:
    scores = torch.tensor([[9.0, -9.0]])
    found = best_shares(scores, -scores, torch.tensor([0]), torch.ones(2))
    assert 0.2 < float(found[1]) < 1 < float(found[0]) < 3


def test_long_sequences_of_many_symbols_are_shortened() -> None:
    assert order_for(1000, 6) == 6
    assert order_for(60_000, 6) == 3


def test_a_run_keeps_it(tmp_path: Path) -> None:
    run = tiny_texts.run_of(tiny_texts.classification("task.counted=2"), tmp_path)
    opened = open_model(run.path)
    assert isinstance(opened.model, TextClassifier)
    evidence = opened.model.evidence
    assert evidence is not None
    assert evidence.order == 2 and len(evidence.keys) > 10
    text = torch.from_numpy(opened.task.read("房间很好。").astype(np.int64))[None]
    length = torch.tensor([text.shape[1]])
    with torch.no_grad():
        network = opened.model.network_scores(text, length)
        assert not torch.allclose(opened.model.scores(text, length), network)
    assert opened.task.labels[int(evidence(text).argmax())] == "good"


def test_a_run_with_a_pretrained_encoder_keeps_it(tmp_path: Path) -> None:
    recipe = tiny_encoders.recipe("text_classification", "task.counted=2", "training.lora.rank=2")
    run = tiny_texts.run_of(recipe, tmp_path)
    opened = open_model(run.path)
    assert isinstance(opened.model, TextClassifier)
    assert opened.model.evidence is not None and len(opened.model.evidence.keys) > 10
