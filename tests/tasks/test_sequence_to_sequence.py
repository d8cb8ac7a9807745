"""Sequence to sequence: examples, batches, figures, vocabularies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.data.prepare import prepare
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN
from studio.models.sequence_to_sequence import SequenceToSequence as Network
from studio.tasks import SequenceToSequence, create
from studio.tasks.base import Batch
from studio.tasks.model_folder import read_model, write_model
from studio.tasks.passing import pass_weights
from tests import tiny_texts
from tests.tiny_texts import translation

CPU = torch.device("cpu")


def made(*overrides: str) -> tuple[SequenceToSequence, Network]:
    recipe = translation(*overrides)
    dataset = prepare(recipe.data, recipe.task)
    task = create(recipe.task).prepare(dataset)
    torch.manual_seed(1)
    return task, task.build_model(recipe).eval()


def test_what_a_batch_holds() -> None:
    task, model = made()
    examples = task.of_pairs([("我们吃饭。", "we eat."), ("老师", "the teacher")])
    batch = task.collate(examples, np.array([1, 0]))
    read, written, targets = (batch.inputs[name].numpy() for name in ("symbols", "written", "targets"))
    assert batch.inputs["lengths"].tolist() == [3, 6] and read.shape == (2, 6)
    assert read[0, 2] == BOUNDARY and (read[0, 3:] == PADDING).all()
    assert task.text_of([one for one in targets[1].tolist() if one > BOUNDARY]) == "we eat."
    assert (written[:, 0] == BOUNDARY).all() and batch.positions == int((targets > 0).sum()) == 4 + 5
    assert (written[1, 1:] == targets[1, :-1]).all(), "each symbol is asked given the one before it"
    assert isinstance(batch, Batch) and np.isfinite(model(**batch.inputs).item())
    assert examples.select(np.array([1])).rows["texts"].tolist() == ["the teacher"]


@pytest.mark.parametrize(
    "units",
    [
        ("task.source_unit=word", "task.target_unit=character"),
        ("task.source_unit=subword", "task.target_unit=subword"),
        ("task.shared=true", "task.target_unit=character"),
        ("task.vocabulary.embedding=one_hot",),
    ],
)
def test_units_and_vocabularies_come_back(units: tuple[str, ...], tmp_path: Path) -> None:
    task, model = made(*units)
    assert task.section.shared == (task.targets is task.symbols)
    write_model(tmp_path, model, task, translation(*units), 3, {})
    again, other, _ = read_model(tmp_path)
    pair = [("明天他们唱歌！", "they sing tomorrow!")]
    one, two = (each.collate(each.of_pairs(pair), np.array([0])).inputs for each in (task, other))
    assert all((one[name] == two[name]).all() for name in ("symbols", "lengths", "written", "targets"))
    symbols = [number for number in one["targets"][0].tolist() if number > BOUNDARY]
    assert other.text_of(symbols) == "they sing tomorrow!", "blanks and marks stay"
    assert model(**one).item() == pytest.approx(again(**two).item())
    assert (other.chinese, other.longest, other.ratio) == (task.chinese, task.longest, task.ratio)


def test_figures() -> None:
    task, model = made()
    examples = task.of_pairs([("我们吃饭。", "we eat."), ("老师看书", "the teacher read 囧")])
    ticks: list[tuple[int, int]] = []
    found = task.evaluate(model, examples, CPU, lambda done, total: ticks.append((done, total)))
    assert set(found) == {"loss", "token_accuracy", "exact_match", "chrf", "bleu", "rouge_l"}
    batch = task.collate(examples, np.arange(2))
    assert found["loss"] == pytest.approx(model(**batch.inputs).item() / batch.positions)
    assert UNKNOWN in batch.inputs["targets"]
    assert {total for _, total in ticks} == {4}
    nothing = task.evaluate(model, task.of_pairs([]), CPU)
    assert set(nothing.values()) == {None}


def test_a_trained_model_is_right_and_what_is_unknown_is_not() -> None:
    model, task, _ = read_model(tiny_texts.translated().checkpoint(40))
    pairs = [tuple(line.split("\t")) for line in tiny_texts.paired_lines()]
    found = task.evaluate(model, task.of_pairs(pairs), CPU)
    assert found["exact_match"] == found["bleu"] == found["chrf"] == 1 and found["token_accuracy"] == 1
    strange = task.evaluate(model, task.of_pairs([(text, "囧" * 4) for text, _ in pairs]), CPU)
    assert strange["token_accuracy"] < 0.5 and strange["exact_match"] == 0


def test_how_much_is_written_at_most() -> None:
    task, _ = made()
    task.section = task.section.model_copy(update={"max_target": 8})
    assert task.most(torch.tensor([1, 100])).tolist() == [int(np.ceil(task.ratio)) + 4, 8]


def test_weights_pass_to_another_vocabulary_by_what_rows_stand_for(tmp_path: Path) -> None:
    few = tmp_path / "few.tsv"
    lines = [line for line in tiny_texts.paired_lines() if "老师" not in line and "看书" not in line]
    few.write_text("\n".join(lines) + "\n", encoding="utf-8")
    recipe = translation(path=few, family="recurrent_encoder_decoder")
    smaller = create(recipe.task).prepare(prepare(recipe.data, recipe.task))
    new = smaller.build_model(recipe)
    task, old = made()
    passed = pass_weights(old, task, new, smaller)
    assert not passed.new and {*passed.taken} >= {"written.weight", "bias", "decoder.first.weight_ih_l0"}
    for word in ("they", "today", "!"):
        ours, theirs = smaller.targets.index[word], task.targets.index[word]
        assert torch.equal(new.written.weight[ours], old.written.weight[theirs])
    assert torch.equal(
        new.embedding.weight[smaller.symbols.index["我"]], old.embedding.weight[task.symbols.index["我"]]
    )
