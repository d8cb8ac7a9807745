"""The task of an input method: its examples, batches and figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio import tasks
from studio.data.dataset import Dataset, Split, SplitBuilder
from studio.data.prepare import prepare
from studio.language.syllables import INDEX
from studio.models.tagger import SyllableTagger
from studio.tasks import PinyinToHanzi
from tests import tiny

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return prepare(tiny.recipe().data)


@pytest.fixture(scope="module")
def task(dataset: Dataset) -> PinyinToHanzi:
    return tasks.create("pinyin_to_hanzi").prepare(dataset)


def split(*pairs: tuple[str, str]) -> Split:
    builder = SplitBuilder()
    for pinyin, text in pairs:
        builder.add(text, [INDEX[syllable] for syllable in pinyin.split()], 0)
    return builder.build()


class Oracle(SyllableTagger):
    """Gives the first candidate of every syllable, which is the most frequent one, with 3/4."""

    def candidates(self, symbols: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        units, _ = super().candidates(symbols, lengths)
        count = (units >= 0).sum(dim=1, keepdim=True)
        logs = torch.where(units >= 0, (0.25 / (count - 1).clamp(min=1)).log(), float("-inf"))
        logs[:, 0] = math.log(0.75)
        return units, logs


@pytest.fixture(scope="module")
def oracle(task: PinyinToHanzi) -> Oracle:
    made = task.build_model(tiny.recipe())
    made.__class__ = Oracle
    assert isinstance(made, Oracle)
    return made.eval()


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(ValueError, match="pinyin_to_hanzi"):
        tasks.create("guess")


def test_examples_are_the_splits_units(task: PinyinToHanzi, dataset: Dataset) -> None:
    examples = task.examples(dataset, "validation")
    assert len(examples) == len(dataset.validation)
    units, symbols = examples.columns["units"], examples.columns["symbols"]
    text = "".join(task.vocabulary.characters[unit] for unit in units)
    assert text == "".join(dataset.validation.text_of(i) for i in range(len(dataset.validation)))
    starts = task.vocabulary.starts
    assert (starts[symbols - 1] <= units).all()
    assert (units < starts[symbols]).all()


def test_training_examples_end_with_the_lexicon(task: PinyinToHanzi, dataset: Dataset) -> None:
    words = split(("bei jing", "北京"))
    with_words = Dataset(**{**dataset.__dict__, "lexicon": words})
    examples = task.examples(with_words, "train")
    assert len(examples) == len(dataset.train) + 1
    last = examples.columns["units"][int(examples.columns["offsets"][-2]) :]
    assert "".join(task.vocabulary.characters[unit] for unit in last) == "北京"


def test_a_batch_holds_its_examples_and_nothing_else(task: PinyinToHanzi) -> None:
    examples = task.encode([split(("xi an", "西安"), ("bei jing shi", "北京市"), ("wo", "我"))])
    batch = task.collate(examples, np.array([2, 1]), smoothing=0.1)
    symbols = [[INDEX["wo"] + 1, 0, 0], [INDEX[s] + 1 for s in ("bei", "jing", "shi")]]
    assert batch.inputs["symbols"].tolist() == symbols
    assert batch.inputs["lengths"].tolist() == [1, 3]
    assert batch.inputs["smoothing"] == 0.1
    characters = [
        [task.vocabulary.characters[u] if u >= 0 else "-" for u in row] for row in batch.inputs["units"]
    ]
    assert characters == [["我", "-", "-"], ["北", "京", "市"]]
    assert batch.positions == 4


def test_chosen_examples_keep_their_content(task: PinyinToHanzi) -> None:
    examples = task.encode([split(("xi an", "西安"), ("wo", "我"), ("bei jing shi", "北京市"))])
    chosen = examples.select(np.array([2, 0]))
    assert chosen.lengths.tolist() == [3, 2]
    assert chosen.columns["offsets"].tolist() == [0, 3, 5]
    assert "".join(task.vocabulary.characters[u] for u in chosen.columns["units"]) == "北京市西安"


def test_figures_by_hand(task: PinyinToHanzi, oracle: Oracle) -> None:
    """Five characters: four right, one a candidate that was not chosen, which spoils its clause."""
    first = {s: task.vocabulary.candidates[INDEX[s]] for s in ("wo", "jing", "shi")}
    examples = task.encode(
        [
            split(
                ("wo jing", first["wo"][0] + first["jing"][0]),
                ("shi wo jing", first["shi"][1] + first["wo"][0] + first["jing"][0]),
            )
        ]
    )
    figures = task.evaluate(oracle, examples, CPU)
    others = len(first["shi"]) - 1
    loss = -(4 * math.log(0.75) + math.log(0.25 / others)) / 5
    assert figures["loss"] == pytest.approx(loss, rel=1e-5)
    assert figures["character_accuracy"] == pytest.approx(4 / 5)
    assert figures["sentence_accuracy"] == pytest.approx(1 / 2)


def test_what_is_no_candidate_is_wrong_and_costs_no_loss(task: PinyinToHanzi, oracle: Oracle) -> None:
    right = task.vocabulary.candidates[INDEX["wo"]][0]
    figures = task.evaluate(oracle, task.encode([split(("wo wo", right + "鱻"))]), CPU)
    assert figures["loss"] == pytest.approx(-math.log(0.75), rel=1e-5)
    assert figures["character_accuracy"] == pytest.approx(1 / 2)
    assert figures["sentence_accuracy"] == 0


@pytest.mark.parametrize("pairs", [[("biang", "𰻝")], [("biang wo", "𰻝鱻")]])
def test_syllables_without_candidates_are_wrong(task: PinyinToHanzi, pairs: list[tuple[str, str]]) -> None:
    assert not task.vocabulary.candidates[INDEX["biang"]]
    model = task.build_model(tiny.recipe())
    figures = task.evaluate(model, task.encode([split(*pairs)]), CPU)
    assert figures == {"loss": None, "character_accuracy": 0.0, "sentence_accuracy": 0.0}


def test_no_examples_have_no_figures(task: PinyinToHanzi, oracle: Oracle) -> None:
    assert set(task.evaluate(oracle, task.encode([split()]), CPU).values()) == {None}


def test_evaluation_does_not_depend_on_its_order(task: PinyinToHanzi, dataset: Dataset) -> None:
    model = task.build_model(tiny.recipe())
    examples = task.examples(dataset, "validation")
    turned = examples.select(np.arange(len(examples))[::-1])
    first, second = (task.evaluate(model, part, CPU) for part in (examples, turned))
    assert first["loss"] == pytest.approx(second["loss"], rel=1e-5)
    assert first["character_accuracy"] == second["character_accuracy"]


def test_evaluation_switches_dropout_off_and_back(task: PinyinToHanzi, dataset: Dataset) -> None:
    model = task.build_model(tiny.recipe("model.dropout=0.8")).train()
    examples = task.examples(dataset, "validation")
    random = torch.get_rng_state()
    assert task.evaluate(model, examples, CPU) == task.evaluate(model, examples, CPU)
    assert model.training
    assert torch.equal(random, torch.get_rng_state())


def test_evaluation_can_be_left(task: PinyinToHanzi, dataset: Dataset) -> None:
    model = task.build_model(tiny.recipe()).train()
    told: list[tuple[int, int]] = []

    def tick(done: int, total: int) -> None:
        told.append((done, total))
        raise InterruptedError

    with pytest.raises(InterruptedError):
        task.evaluate(model, task.examples(dataset, "test"), CPU, tick)
    assert told == [(0, len(dataset.test))]
    assert model.training


@pytest.mark.parametrize("call", ["vocabulary", "build_model"])
def test_a_task_without_data_says_so(call: str) -> None:
    fresh: Any = tasks.create("pinyin_to_hanzi")
    with pytest.raises(RuntimeError, match=r"prepare\(\)"):
        fresh.build_model(tiny.recipe()) if call == "build_model" else fresh.vocabulary
