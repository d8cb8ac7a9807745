"""The language model: what is asked where, that nothing is seen too early, and its figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from studio import tasks
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.prepare import prepare
from studio.data.running import BEGINS, ENDS
from studio.data.symbols import BOUNDARY, PADDING
from studio.models.causal import CausalLanguageModel
from studio.tasks import LanguageModel
from tests import tiny_texts

CPU = torch.device("cpu")
FAMILIES = ["causal_transformer", "causal_recurrent", "causal_cnn"]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_texts.language_model()
    return prepare(recipe.data, recipe.task)


def task_of(dataset: Dataset) -> LanguageModel:
    made = tasks.create(tiny_texts.language_model().task).prepare(dataset)
    assert isinstance(made, LanguageModel)
    return made


def spelt(task: LanguageModel, symbols: np.ndarray) -> str:
    return "".join("|" if s == BOUNDARY else task.symbols.text_of(int(s)) for s in symbols)


@pytest.mark.parametrize(
    ("flags", "read", "asked"),
    [
        (BEGINS | ENDS, "|今天上学", "今天上学|"),
        (BEGINS, "|今天上", "今天上学"),
        (ENDS, "今天上学", "天上学|"),
        (0, "今天上", "天上学"),
    ],
)
def test_what_is_read_and_asked(flags: int, read: str, asked: str, dataset: Dataset) -> None:
    task = task_of(dataset)
    builder = SplitBuilder()
    builder.add("我们", (), 0, label=BEGINS)
    builder.add("今天上学", (), 0, label=flags)
    builder.add("他们", (), 0, label=ENDS)
    examples = task.encode(builder.build())
    start, stop = examples.columns["offsets"][1:3]
    assert spelt(task, examples.columns["symbols"][start:stop]) == read
    assert spelt(task, examples.columns["targets"][start:stop]) == asked
    assert list(examples.lengths) == [2, len(read), 2]


def test_a_batch_counts_what_is_asked(dataset: Dataset) -> None:
    task = task_of(dataset)
    examples = task.examples(dataset, "train")
    batch = task.collate(examples, np.array([0, 3, 5]))
    assert batch.positions == int((batch.inputs["targets"] != PADDING).sum())
    assert batch.positions == int(examples.lengths[[0, 3, 5]].sum())


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_seen_too_early(family: str, dataset: Dataset) -> None:
    """Changing a character changes nothing before it, and something from it on."""
    recipe = tiny_texts.language_model(family=family)
    torch.manual_seed(2)
    model = task_of(dataset).build_model(recipe).eval()
    symbols = torch.randint(3, 20, (1, 16))
    other = symbols.clone()
    other[0, 9] = 21
    with torch.no_grad():
        one, two = model.scores(model.hidden(symbols)), model.scores(model.hidden(other))
    assert torch.allclose(one[0, :9], two[0, :9], atol=1e-6)
    assert not torch.allclose(one[0, 9], two[0, 9], atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_padding_changes_nothing(family: str, dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_texts.language_model(family=family)).eval()
    examples = task.examples(dataset, "train")
    short, long = int(examples.lengths.argmin()), int(examples.lengths.argmax())
    with torch.no_grad():
        alone = float(model(**task.collate(examples, np.array([short])).inputs))
        other = float(model(**task.collate(examples, np.array([long])).inputs))
        both = float(model(**task.collate(examples, np.array([short, long])).inputs))
    assert both == pytest.approx(alone + other, rel=1e-4)


def test_an_untrained_model_knows_how_frequent_characters_are(dataset: Dataset) -> None:
    """With nothing but its bias it is a unigram model, whose loss is the entropy of the training text."""
    task = task_of(dataset)
    model = task.build_model(tiny_texts.language_model())
    with torch.no_grad():
        model.embedding.weight.zero_()
    examples = task.examples(dataset, "train")
    counts = np.bincount(examples.columns["targets"]).astype(float)
    shares = counts[counts > 0] / counts.sum()
    found = task.evaluate(model, examples, CPU)["loss"]
    assert found == pytest.approx(float(-(shares * np.log(shares)).sum()), rel=1e-2)


def test_figures(dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_texts.language_model())
    found = task.evaluate(model, task.examples(dataset, "validation"), CPU)
    loss = found["loss"]
    assert loss is not None and loss > 0
    assert found["perplexity"] == pytest.approx(math.exp(loss))
    assert found["bits_per_character"] == pytest.approx(loss / math.log(2))
    assert model.training
    empty = task.evaluate(model, task.encode(SplitBuilder().build()), CPU)
    assert set(empty) == set(found) and set(empty.values()) == {None}


def test_a_long_beginning_is_read_from_its_end(dataset: Dataset) -> None:
    task = task_of(dataset)
    assert spelt(task, task.read("")) == "|"
    assert spelt(task, task.read("今天")) == "|今天"
    assert spelt(task, task.read("今天" * 20)) == "今天" * 8


def test_networks_that_see_what_comes_are_refused() -> None:
    with pytest.raises(ValueError, match="sees what comes next"):
        LanguageModel().usual_model(tiny_texts.classification())


def test_dropout_and_sparse_tables_do_not_break_a_step(dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_texts.language_model("model.ngram_dropout=0.5")).train()
    assert isinstance(model, CausalLanguageModel) and model.ngrams is not None
    model.ngrams.sparse = True
    batch = task.collate(task.examples(dataset, "train"), np.arange(8))
    model(**batch.inputs).backward()
    assert model.ngrams.table.grad is not None and model.ngrams.table.grad.is_sparse
