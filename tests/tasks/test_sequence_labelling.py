"""The sequence labelling task: its examples, its figures, its networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from studio import tasks
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.prepare import prepare
from studio.models.sequence_tagger import SequenceTagger
from studio.recipe import parse
from studio.tasks import SequenceLabelling
from tests import tiny_tagging

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_tagging.labelling()
    return prepare(recipe.data, recipe.task)


def task_of(dataset: Dataset, *overrides: str) -> SequenceLabelling:
    made = tasks.create(tiny_tagging.labelling(*overrides).task).prepare(dataset)
    assert isinstance(made, SequenceLabelling)
    return made


@pytest.mark.parametrize("scheme", ["bmes", "bio"])
def test_a_batch_holds_its_sentences(scheme: str, dataset: Dataset) -> None:
    task = task_of(dataset, f"task.scheme={scheme}")
    examples = task.examples(dataset, "train")
    chosen = np.array([3, 0, 40])
    batch = task.collate(examples, chosen)
    assert batch.positions == int(examples.lengths[chosen].sum())
    for row, number in enumerate(chosen.tolist()):
        length = int(batch.inputs["lengths"][row])
        text = dataset.train.text_of(number)
        symbols, tags = batch.inputs["symbols"][row], batch.inputs["tags"][row]
        assert "".join(task.symbols.text_of(int(one)) for one in symbols[:length]) == text
        assert not symbols[length:].any() and (tags[length:] == -1).all()
        place = text.index("在")
        assert task.scheme.tags[int(tags[place])] == "O"
        if "北京" in text:
            first, second = ("B-LOC", "E-LOC" if scheme == "bmes" else "I-LOC")
            assert [task.scheme.tags[int(one)] for one in tags[place + 1 : place + 3]] == [first, second]


@pytest.mark.parametrize("family", ["transformer_encoder", "recurrent"])
@pytest.mark.parametrize("crf", ["true", "false"])
def test_padding_changes_nothing(family: str, crf: str, dataset: Dataset) -> None:
    recipe = tiny_tagging.labelling(f"task.crf={crf}", family=family)
    task = tasks.create(recipe.task).prepare(dataset)
    torch.manual_seed(1)
    model = task.build_model(recipe).eval()
    examples = task.examples(dataset, "train")
    shortest, longest = int(examples.lengths.argmin()), int(examples.lengths.argmax())
    assert examples.lengths[shortest] < examples.lengths[longest]
    both = np.array([shortest, longest])
    with torch.no_grad():
        alone = [float(model(**task.collate(examples, both[row : row + 1]).inputs)) for row in range(2)]
        beside = float(model(**task.collate(examples, both).inputs))
    assert sum(alone) == pytest.approx(beside, rel=1e-4)


def test_without_scores_of_its_own_a_chain_is_a_plain_softmax(dataset: Dataset) -> None:
    """Smoothing goes to single positions, with a random field and without."""
    task = task_of(dataset, "task.crf=false")
    model = task.build_model(tiny_tagging.labelling("task.crf=false")).eval()
    inputs = task.collate(task.examples(dataset, "train"), np.array([0])).inputs
    with torch.no_grad():
        scores = model.scores(inputs["symbols"], inputs["lengths"])
        expected = torch.nn.functional.cross_entropy(scores[0], inputs["tags"][0], reduction="sum")
        assert torch.allclose(model(**inputs), expected)
    field = task_of(dataset).build_model(tiny_tagging.labelling()).eval()
    with torch.no_grad():
        plain, smooth = (float(field(**{**inputs, "smoothing": one})) for one in (0.0, 0.1))
        spread = field.scores(inputs["symbols"], inputs["lengths"])[0].log_softmax(-1).mean(-1).sum()
    assert smooth == pytest.approx(0.9 * plain - 0.1 * float(spread), rel=1e-4)


class Told(SequenceTagger):
    """Gives each position the tag it was told by its symbol."""

    told: dict[int, int]

    def scores(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        made = torch.zeros(*symbols.shape, len(self.chain.begins))
        for symbol, tag in self.told.items():
            made[..., tag] += 9.0 * (symbols == symbol)
        return made


def told(task: SequenceLabelling, tags: dict[str, str]) -> Told:
    base = task.build_model(tiny_tagging.labelling("task.crf=false"))
    section = tiny_tagging.labelling().model
    model = Told(section, len(task.symbols), base.chain)  # type: ignore[arg-type]
    model.told = {task.symbols.index[one]: task.scheme.tags.index(tag) for one, tag in tags.items()}
    return model


def test_figures_by_hand(dataset: Dataset) -> None:
    task = task_of(dataset, "task.crf=false")
    person, place = (1 + 2 * task.labels.index(label) for label in ("PER", "LOC"))
    builder = SplitBuilder()
    builder.add("张伟在北京", (), 0, tags=[person, person + 1, 0, place, place + 1])
    builder.add("西安", (), 0, tags=[place, place + 1])
    model = told(
        task, {"张": "B-PER", "伟": "E-PER", "在": "O", "北": "S-LOC", "京": "S-LOC", "西": "O", "安": "O"}
    )
    examples = task.encode(builder.build())
    found = task.evaluate(model, examples, CPU)
    # Of three spans one is found; three are said to be there.
    assert found["precision"] == found["recall"] == found["f1"] == pytest.approx(1 / 3)
    assert found["accuracy"] == pytest.approx(3 / 7)


def test_what_cannot_be_is_not_said(dataset: Dataset) -> None:
    """M behind O cannot stand; the best sequence that can is taken."""
    task = task_of(dataset, "task.crf=false")
    model = told(task, {"在": "O", "北": "M-LOC", "京": "E-LOC"})
    symbols = torch.from_numpy(task.read("在北京").astype(np.int64))[None]
    tags = [task.scheme.tags[int(one)] for one in model.tags(symbols, torch.tensor([3]))[0]]
    assert tags == ["O", "B-LOC", "E-LOC"]


def test_no_examples_have_no_figures(dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_tagging.labelling())
    assert set(task.evaluate(model, task.encode(SplitBuilder().build()), CPU).values()) == {None}


def test_evaluation_can_be_left_and_puts_training_back(dataset: Dataset) -> None:
    task = task_of(dataset)
    model = task.build_model(tiny_tagging.labelling()).train()

    class LeftError(Exception):
        pass

    def tick(_done: int, _total: int) -> None:
        raise LeftError

    with pytest.raises(LeftError):
        task.evaluate(model, task.examples(dataset, "validation"), CPU, tick)
    assert model.training


def test_plain_recipes_fill_in_what_the_task_wants() -> None:
    data = {"sources": [{"kind": "builtin", "name": "peoples_daily"}]}
    recipe = parse({"task": {"name": "sequence_labelling"}, "data": data})
    assert recipe.model.family == "recurrent"
    assert recipe.training.checkpoints.best_metric == "f1"
    assert recipe.longest == ("task.max_length", 128)
