"""The task that gives hanzi their pinyin: its examples, its figures, its networks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio import tasks
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.prepare import prepare
from studio.data.tagged import NOTHING
from studio.language.tones import TONES, toned
from studio.models.readings import ReadingTagger
from studio.recipe import parse
from studio.tasks import HanziToPinyin
from tests import tiny_tagging

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_tagging.readings()
    return prepare(recipe.data, recipe.task)


@pytest.fixture(scope="module")
def task(dataset: Dataset) -> HanziToPinyin:
    made = tasks.create(tiny_tagging.readings().task).prepare(dataset)
    assert isinstance(made, HanziToPinyin)
    return made


def test_a_batch_holds_its_sentences(task: HanziToPinyin, dataset: Dataset) -> None:
    examples = task.examples(dataset, "train")
    chosen = np.array([3, 0, 40])
    batch = task.collate(examples, chosen)
    hanzi = 0
    for row, number in enumerate(chosen.tolist()):
        length = int(batch.inputs["lengths"][row])
        text = dataset.train.text_of(number)
        symbols = batch.inputs["symbols"][row]
        assert "".join(task.symbols.text_of(int(one)) for one in symbols[:length]) == text
        assert not symbols[length:].any() and (batch.inputs["units"][row, length:] == -1).all()
        first = dataset.train.offsets[number]
        for place, character in enumerate(text):
            unit, tag = int(batch.inputs["units"][row, place]), int(dataset.train.tags[first + place])
            several = len(task.readings.numbers[task.readings.characters.find(character)]) > 1
            hanzi += tag != NOTHING
            if tag == NOTHING or not several:
                assert unit == -1
            else:
                assert task.readings.of_units[unit] == tag
    assert batch.positions == hanzi


@pytest.mark.parametrize("family", ["transformer_encoder", "recurrent"])
def test_padding_changes_nothing(family: str, dataset: Dataset) -> None:
    recipe = tiny_tagging.readings(family=family)
    task = tasks.create(recipe.task).prepare(dataset)
    torch.manual_seed(1)
    model = task.build_model(recipe).eval()
    examples = task.examples(dataset, "train")
    shortest, longest = int(examples.lengths.argmin()), int(examples.lengths.argmax())
    assert examples.lengths[shortest] < examples.lengths[longest]
    read = ("symbols", "lengths", "characters")
    alone, beside = (
        model.shares(*(task.collate(examples, np.array(chosen)).inputs[name] for name in read))
        for chosen in ([shortest], [shortest, longest])
    )
    assert torch.allclose(alone[0], beside[0, : alone.shape[1]], atol=1e-5)


class Told(ReadingTagger):
    """Takes the reading at a fixed place of each character's list, with a fixed probability."""

    def __init__(self, task: HanziToPinyin, place: int, share: float) -> None:
        units = torch.from_numpy(task.readings.units)
        section: Any = tiny_tagging.readings().model
        super().__init__(section, len(task.symbols), units, torch.zeros(int(units.max()) + 1))
        self.place, self.share = place, share

    def shares(self, symbols: Tensor, lengths: Tensor, characters: Tensor) -> Tensor:
        several = (self.units >= 0).any(dim=1)[characters]
        made = torch.full((*symbols.shape, self.units.shape[1]), 0.01)
        made[..., self.place] = self.share
        made[~several] = 0
        made[~several, 0] = 1
        return made


def test_figures_by_hand(task: HanziToPinyin) -> None:
    # 行 is háng at the bank and xíng elsewhere; 的 is not in the texts; 他 has one reading.
    builder = SplitBuilder()
    usual = task.readings.numbers[task.readings.characters.index("行")][0]
    other = next(one for one in map(toned, ("háng", "xíng")) if one != usual)
    he, bank = toned("tā"), toned("yín")
    builder.add("他行。", (), 0, tags=[he, usual, NOTHING])
    builder.add("银行", (), 0, tags=[bank, other])
    examples = task.encode(builder.build())
    found = task.evaluate(Told(task, 0, 0.5), examples, CPU)
    assert found["syllable_accuracy"] == pytest.approx(3 / 4)
    assert found["polyphone_accuracy"] == found["polyphone_baseline"] == pytest.approx(1 / 2)
    assert found["loss"] == pytest.approx(-(math.log(0.5) + math.log(0.01)) / 4, rel=1e-4)


def test_tones_alone_may_be_wrong(task: HanziToPinyin) -> None:
    builder = SplitBuilder()
    numbers = task.readings.numbers[task.readings.characters.index("的")]
    pair = next(
        (a, b) for a in range(len(numbers)) for b in range(len(numbers))
        if a != b and numbers[a] // TONES == numbers[b] // TONES
    )  # fmt: skip
    builder.add("的", (), 0, tags=[numbers[pair[1]]])
    found = task.evaluate(Told(task, pair[0], 0.9), task.encode(builder.build()), CPU)
    assert (found["syllable_accuracy"], found["toneless_accuracy"]) == (0, 1)


def test_readings_that_nobody_knew(task: HanziToPinyin) -> None:
    """A given reading that the character never has is wrong; a character in no list is read by the dictionary."""
    builder = SplitBuilder()
    builder.add("他", (), 0, tags=[toned("zhōng")])
    builder.add("㐀", (), 0, tags=[toned("qiū")])
    found = task.evaluate(Told(task, 0, 0.9), task.encode(builder.build()), CPU)
    assert found["syllable_accuracy"] == 0.5


def test_no_examples_have_no_figures(task: HanziToPinyin) -> None:
    found = task.evaluate(Told(task, 0, 0.9), task.encode(SplitBuilder().build()), CPU)
    assert set(found.values()) == {None}


def test_evaluation_can_be_left_and_puts_training_back(task: HanziToPinyin, dataset: Dataset) -> None:
    model = task.build_model(tiny_tagging.readings()).train()

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
            "task": {"name": "hanzi_to_pinyin"},
            "data": {"sources": [{"kind": "builtin", "name": "reviews"}]},
        }
    )
    assert recipe.model.family == "recurrent"
    assert recipe.training.checkpoints.best_metric == "polyphone_accuracy"
    assert recipe.training.probes == recipe.task.PROBES
    assert recipe.longest == ("task.max_length", 128)
