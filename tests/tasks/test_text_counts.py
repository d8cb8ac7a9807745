"""Counts beside a language model's network: what they know, how they are mixed, that they travel with the model."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio import tasks
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.prepare import prepare
from studio.data.running import BEGINS, ENDS
from studio.data.symbols import BOUNDARY
from studio.models.causal import CausalLanguageModel
from studio.recipe import Recipe
from studio.tasks import LanguageModel, text_counts
from studio.tasks.text_counts import TextCounts, best_share, mixed
from tests import tiny_texts

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return tiny_texts.language_model("task.counted=3")


@pytest.fixture(scope="module")
def dataset(recipe: Recipe) -> Dataset:
    return prepare(recipe.data, recipe.task)


@pytest.fixture
def task(dataset: Dataset, recipe: Recipe, fresh_home: Path) -> LanguageModel:
    made = tasks.create(recipe.task).prepare(dataset)
    assert isinstance(made, LanguageModel)
    made.learn(dataset)
    return made


def counts_of(task: LanguageModel) -> TextCounts:
    assert task.counts is not None
    return task.counts


def test_pieces_of_one_text_are_counted_as_one(task: LanguageModel) -> None:
    builder = SplitBuilder()
    builder.add("今天上学", (), 0, label=BEGINS)
    builder.add("我们", (), 0, label=ENDS)
    builder.add("他们", (), 0, label=BEGINS | ENDS)
    units, offsets = text_counts.joined(task.encode(builder.build()))
    texts = [
        "".join(task.symbols.text_of(int(u)) or "|" for u in units[a:b])
        for a, b in itertools.pairwise(offsets)
    ]
    assert texts == ["今天上学我们|", "他们|"]


def test_chances_of_what_may_follow_sum_to_one(task: LanguageModel) -> None:
    rows = np.array([task.read("今天"), task.read("我们")])
    logs = counts_of(task).next(rows, len(task.symbols)).astype(np.float64)
    # Logarithms are kept in a byte each, which moves single chances by some percent, and their sum by little.
    assert np.exp(logs).sum(1) == pytest.approx([1, 1], abs=0.01)


def test_one_place_and_all_places_agree(task: LanguageModel) -> None:
    read = task.read("今天我们上学")[None]
    targets = np.roll(read, -1)
    asked = np.ones_like(read, bool)
    found = counts_of(task).log_of(read, targets, asked)
    for place in range(read.shape[1]):
        alone = counts_of(task).next(read[:, : place + 1], len(task.symbols))[0, targets[0, place]]
        assert found[place] == pytest.approx(alone, abs=1e-5)


def test_the_mixture_is_better_than_either_side(
    task: LanguageModel, dataset: Dataset, recipe: Recipe
) -> None:
    torch.manual_seed(0)
    model = task.build_model(recipe)
    examples = task.examples(dataset, "validation")
    found = task.evaluate(model, examples, CPU)
    share = float(model.network_share)
    assert 0 < share < 1
    assert found["loss"] is not None and found["network_loss"] is not None
    assert found["loss"] < found["network_loss"]
    # The test split is judged with the share that was found, and leaves it as it is.
    task.evaluate(model, task.examples(dataset, "test"), CPU)
    assert float(model.network_share) == share


def test_without_counts_the_network_is_alone(dataset: Dataset) -> None:
    recipe = tiny_texts.language_model()
    task = tasks.create(recipe.task).prepare(dataset)
    task.learn(dataset)
    found = task.evaluate(task.build_model(recipe), task.examples(dataset, "validation"), CPU)
    assert found["loss"] == found["network_loss"]


def test_counts_travel_with_the_model(
    task: LanguageModel, dataset: Dataset, recipe: Recipe, tmp_path: Path
) -> None:
    model = task.build_model(recipe)
    task.evaluate(model, task.examples(dataset, "validation"), CPU)
    folder = tmp_path / "model"
    folder.mkdir()
    task.save_vocabulary(folder)
    other = LanguageModel()
    again = other.load(folder, recipe.model)
    again.load_state_dict(model.state_dict())
    rows = task.read("今天")[None]
    ours, theirs = task.next_logs(model.eval(), rows), other.next_logs(again.eval(), rows)
    assert torch.allclose(ours, theirs)
    assert float(ours.exp().sum()) == pytest.approx(1, abs=0.01)


def test_weights_from_before_there_were_counts(dataset: Dataset, recipe: Recipe) -> None:
    task = tasks.create(recipe.task).prepare(dataset)
    weights = task.build_model(recipe).state_dict()
    del weights["network_share"]
    model = task.build_model(recipe)
    model.load_state_dict(weights)
    assert isinstance(model, CausalLanguageModel) and float(model.network_share) == 1


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / text_counts.FILE).write_bytes(b"no such thing")
    with pytest.raises(ValueError, match=r"counts\.safetensors is damaged"):
        _ = TextCounts(tmp_path / text_counts.FILE).ngrams


@given(st.lists(st.tuples(st.floats(-9, -0.01), st.floats(-9, -0.01)), min_size=3, max_size=40))
def test_no_share_is_better_than_the_best(pairs: list[tuple[float, float]]) -> None:
    network, counts = (np.array(side) for side in zip(*pairs, strict=True))
    found = mixed(network, counts, best_share(network, counts)).mean()
    for share in np.linspace(0.01, 0.99, 33):
        # Where both sides are nearly the same the rounds come near, and not quite there.
        assert found >= mixed(network, counts, float(share)).mean() - 0.02


def test_a_share_worked_out_by_hand() -> None:
    """Of two symbols each side is sure of one: halves are best, and a symbol then costs a factor of two."""
    sure, unsure = math.log(0.999), math.log(0.001)
    network, counts = np.array([sure, unsure]), np.array([unsure, sure])
    assert best_share(network, counts) == pytest.approx(0.5)
    assert mixed(network, counts, 0.5) == pytest.approx([math.log(0.5)] * 2)


def test_the_boundary_is_the_beginning(task: LanguageModel) -> None:
    contexts = counts_of(task).contexts(np.array([[BOUNDARY, 7, 8]]))
    beginning = counts_of(task).ngrams.beginning
    assert contexts.tolist() == [[[beginning, beginning], [beginning, 7], [7, 8]]]
