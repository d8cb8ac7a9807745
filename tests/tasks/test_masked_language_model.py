"""The masked language model: what is fed and asked, its figures, and halves that follow each other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from studio import tasks
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.prepare import prepare
from studio.data.symbols import BOUNDARY, MASK, PADDING
from studio.inference.blanks import Filler
from studio.models.masked import MaskedLanguageModel as Network
from studio.recipe import Recipe
from studio.tasks import MaskedLanguageModel
from studio.tasks.masked_language_model import Guesses
from studio.tasks.model_folder import ModelFolderError, read_model, write_model
from studio.tasks.varying import varying
from tests import tiny_texts

CPU = torch.device("cpu")
PAIRS = "task.next_sentence=true"
WORDS = "task.whole_words=true"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_texts.masked()
    return prepare(recipe.data, recipe.task)


def task_of(dataset: Dataset, recipe: Recipe | None = None) -> MaskedLanguageModel:
    made = tasks.create((recipe or tiny_texts.masked()).task).prepare(dataset)
    assert isinstance(made, MaskedLanguageModel)
    return made


def test_what_is_read(dataset: Dataset) -> None:
    task = task_of(dataset)
    read = task.read(f"今{MASK}我{MASK}")
    assert [task.symbols.text_of(int(s)) for s in read] == ["今", MASK, "我", MASK]
    assert task.read("").tolist() == [] and task.read(MASK).tolist() == [task.mask]
    assert task.mask < min(task.symbols.index[c] for c in "今我")


def test_a_batch_counts_what_is_asked(dataset: Dataset) -> None:
    task = task_of(dataset)
    examples = task.examples(dataset, "train")
    batch = task.collate(examples, np.array([0, 3, 5]))
    asked = batch.inputs["targets"] != PADDING
    assert batch.positions == int(asked.sum()) > 0
    assert int(batch.inputs["lengths"].sum()) == int(examples.lengths[[0, 3, 5]].sum())


@pytest.mark.parametrize("overrides", [(), (WORDS,), (PAIRS,), (WORDS, PAIRS)])
def test_each_epoch_asks_for_other_characters(overrides: tuple[str, ...], dataset: Dataset) -> None:
    recipe = tiny_texts.masked(*overrides)
    task = task_of(dataset, recipe)
    examples = task.examples(dataset, "train")
    vary = varying(task, dataset, recipe)
    assert vary is not None
    chosen = np.array([4, 9, 1])
    batch = task.collate(examples, chosen)
    first, again, later = (vary(batch, chosen, epoch).inputs["targets"] for epoch in (0, 0, 1))
    assert torch.equal(first, again)
    assert first.shape != later.shape or not torch.equal(first, later)
    alone = vary(task.collate(examples, chosen[1:2]), chosen[1:2], 0).inputs["targets"]
    assert torch.equal(alone[0], first[1, : alone.shape[1]])


def test_what_judges_is_always_the_same(dataset: Dataset) -> None:
    task = task_of(dataset)
    whole = task.examples(dataset, "validation")
    some = whole.select(np.array([2, 5]))
    one = task.collate(whole, np.array([5])).inputs["symbols"]
    other = task.collate(some, np.array([1])).inputs["symbols"]
    assert torch.equal(one, other)


def test_padding_changes_nothing(dataset: Dataset) -> None:
    recipe = tiny_texts.masked(PAIRS)
    task = task_of(dataset, recipe)
    model = task.build_model(recipe).eval()
    examples = task.examples(dataset, "train")
    short, long = int(examples.lengths.argmin()), int(examples.lengths.argmax())
    batch = task.collate(examples, np.array([short, long]))
    alone = task.collate(examples, np.array([short])).inputs
    with torch.no_grad():
        hidden, follows = model.judged(batch.inputs["symbols"], batch.inputs["lengths"])
        other, alone_follows = model.judged(alone["symbols"], alone["lengths"])
    length = int(alone["lengths"][0])
    assert torch.allclose(hidden[0, :length], other[0, :length], atol=1e-5)
    assert torch.allclose(follows[0], alone_follows[0], atol=1e-5)


def test_halves(dataset: Dataset) -> None:
    recipe = tiny_texts.masked(PAIRS, "task.mask_rate=0.01")
    task = task_of(dataset, recipe)
    examples = task.examples(dataset, "train")
    chosen = np.arange(len(examples))
    batch = task.masked_as((1, 1), examples, chosen)
    whole = torch.where(batch.inputs["targets"] > 0, batch.inputs["targets"], batch.inputs["symbols"]).numpy()
    follows, lengths = batch.inputs["follows"].numpy(), batch.inputs["lengths"].numpy()
    assert set(follows) <= {-1, 0, 1}
    assert (follows == 1).mean() == pytest.approx(0.5, abs=0.15)
    for row, number in enumerate(chosen.tolist()):
        start, stop = examples.columns["offsets"][number : number + 2]
        own = examples.columns["symbols"][start:stop]
        fed = whole[row, : lengths[row]]
        places = np.flatnonzero(fed == BOUNDARY)
        assert places[0] == 0 and len(places) == 2
        if follows[row]:
            assert fed[fed != BOUNDARY].tolist() == own.tolist()
        else:
            assert fed[1 : places[1]].tolist() == own[: places[1] - 1].tolist()


def test_an_untrained_model_knows_how_frequent_characters_are(dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_texts.masked())
    with torch.no_grad():
        model.embedding.weight.zero_()
    examples = task.examples(dataset, "train")
    counts = np.bincount(examples.columns["symbols"]).astype(float)
    shares = counts[counts > 0] / counts.sum()
    found = task.evaluate(model, examples, CPU)["loss"]
    assert found == pytest.approx(float(-(shares * np.log(shares)).sum()), rel=0.05)


def test_figures(dataset: Dataset) -> None:
    recipe = tiny_texts.masked(PAIRS)
    task = task_of(dataset, recipe)
    model = task.build_model(recipe)
    found = task.evaluate(model, task.examples(dataset, "validation"), CPU)
    assert set(found) == {"loss", "mask_accuracy", "next_sentence_accuracy"}
    assert all(value is not None and value >= 0 for value in found.values())
    assert model.training
    empty = task.evaluate(model, task.encode(SplitBuilder().build()), CPU)
    assert set(empty) == set(found) and set(empty.values()) == {None}


@pytest.mark.parametrize("family", ["transformer_encoder", "recurrent"])
def test_a_folder_comes_back(family: str, dataset: Dataset, tmp_path: Path) -> None:
    recipe = tiny_texts.masked(family=family)
    task = task_of(dataset, recipe)
    model = task.build_model(recipe).eval()
    write_model(tmp_path, model, task, recipe, 3, {})
    back, same, config = read_model(tmp_path)
    assert isinstance(back, Network) and config.task == "masked_language_model"
    assert same.symbols == task.symbols and same.section == task.section
    examples = task.examples(dataset, "validation")
    assert same.evaluate(back, examples, CPU) == task.evaluate(model, examples, CPU)
    path = tmp_path / "vocabulary.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, "symbols": values["symbols"][1:]}), encoding="utf-8")
    with pytest.raises(ModelFolderError, match="damaged"):
        read_model(tmp_path)


def test_known_texts_keep_their_numbers(dataset: Dataset) -> None:
    task = tasks.create(tiny_texts.masked().task)
    task.known = (MASK, "龘", "我")
    made = task.prepare(dataset)
    assert made.symbols.texts[:3] == (MASK, "龘", "我")
    assert set(made.symbols.texts) == {*task_of(dataset).symbols.texts, "龘"}


def test_counts_guess_what_a_fresh_network_cannot(dataset: Dataset, fresh_home: Path, tmp_path: Path) -> None:
    recipe = tiny_texts.masked("task.counted=3")
    task = task_of(dataset, recipe)
    task.learn(dataset)
    model = task.build_model(recipe).eval()
    examples = task.examples(dataset, "test")
    alone = task.evaluate(model, examples, CPU)
    assert float(model.counts_weight) == 0, "the test split chooses nothing"
    task.evaluate(model, task.examples(dataset, "validation"), CPU)
    assert float(model.counts_weight) > 0
    found = task.evaluate(model, examples, CPU)
    assert (found["mask_accuracy"] or 0) > (alone["mask_accuracy"] or 0)
    assert found["loss"] == alone["loss"], "the loss is the network's"
    folder = tmp_path / "model"
    folder.mkdir()
    write_model(folder, model, task, recipe, 3, {})
    back, same, _ = read_model(folder)
    assert same.evaluate(back, examples, CPU) == found
    text = "今天的天[MASK]很好。"
    assert Filler(back, same).fill(text, 3) == Filler(model, task).fill(text, 3)
    (blank,) = Filler(model, task).fill(text, 5).blanks
    chances = [candidate.score for candidate in blank]
    assert chances == sorted(chances, reverse=True) and 0 < sum(chances) <= 1 + 1e-6


def test_chances_without_counts_are_the_networks() -> None:
    logs = np.log(np.array([[0.1, 0.6, 0.3]]))
    numbers, chances = Guesses(logs).best(1.0, 2)
    assert numbers.tolist() == [[1, 2]] and chances[0] == pytest.approx([0.6, 0.3])


def test_counts_shift_shares_among_the_candidates_alone() -> None:
    """Two candidates of 0.4 and 0.2 keep their 0.6 together, whatever counts say of them."""
    network, support = np.log(np.array([[0.4, 0.2]])), np.array([[-1.0, 1.0]])
    numbers, chances = Guesses(network, np.array([[7, 8]]), support).best(1.0, 2)
    assert numbers.tolist() == [[8, 7]]
    assert chances.sum() == pytest.approx(0.6)
    assert chances[0, 0] / chances[0, 1] == pytest.approx(0.5 * np.exp(2))
