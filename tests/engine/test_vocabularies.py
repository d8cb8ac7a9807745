"""Runs with other vocabularies than single characters: trained, gone on with, opened again and used."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio import paths
from studio.data import subwords
from studio.data.prepare import prepare
from studio.data.sources import documents
from studio.engine import trainer
from studio.engine.order import TrainingOrder
from studio.engine.starting import task_for
from studio.inference.classification import classifier
from studio.inference.evaluation import evaluate_split
from studio.inference.generation import Writer, writer
from studio.inference.opened import open_model
from studio.models.input_layer import OneHot
from studio.recipe import Recipe, RecipeError, load
from studio.runs.commands import CommandQueue, Pause
from studio.runs.events import CheckpointSaved, Evaluation, Failed
from studio.runs.folder import RunFolder
from studio.runs.generation import Sampling
from tests import tiny, tiny_texts
from tests.data.test_tokens import byte_level
from tests.engine.test_tasks import begun

SUBWORD = ("task.unit=subword", "task.vocabulary.size=90")


def run_of(recipe: Recipe, parent: Path) -> RunFolder:
    run = begun(recipe, parent)
    for _ in tiny.training(recipe, run):
        pass
    assert run.state() == "finished"
    return run


def test_batches_are_filled_with_words_and_older_runs_go_on_as_they_began(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny_texts.language_model("task.unit=word", "training.token_budget=128")
    dataset = prepare(recipe.data, recipe.task)
    lengths = task_for(recipe, dataset).examples(dataset, "train").lengths
    assert lengths.sum() < 0.8 * dataset.train.positions, "a word has several characters"
    words, characters = (
        TrainingOrder(dataset, recipe, lengths).epoch(0),
        TrainingOrder(dataset, recipe).epoch(0),
    )
    assert len(words) < 0.85 * len(characters)
    assert all(len(batch) * lengths[batch].max() <= 128 for batch in words if len(batch) > 1)
    with monkeypatch.context() as before:
        before.setattr(trainer, "TrainingOrder", lambda data, recipe, *_: TrainingOrder(data, recipe))
        through = run_of(recipe, fresh_home / "runs")
        older, queue = begun(recipe, fresh_home / "runs"), CommandQueue()
        for event in tiny.training(recipe, older, queue):
            if isinstance(event, CheckpointSaved):
                saved = older.path / event.path / "training_state.json"
                queue.put(Pause())
    assert older.state() == "paused"
    values = json.loads(saved.read_text(encoding="utf-8"))
    assert values["progress"].pop("filled_by") == "symbols"
    saved.write_text(json.dumps(values), encoding="utf-8")
    for _ in tiny.training(recipe, older):
        pass
    one, other = (load_file(run.checkpoint(6) / "model.safetensors") for run in (through, older))
    assert all((one[name] == other[name]).all() for name in one)
    now = run_of(recipe, fresh_home / "runs")
    newer = load_file(now.checkpoint(6) / "model.safetensors")
    assert any((one[name] != newer[name]).any() for name in one)


@pytest.mark.parametrize("task", ["text_classification", "language_model"])
def test_a_run_goes_on_with_the_pieces_that_it_began_with(
    task: str, fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make: Callable[..., Recipe] = getattr(
        tiny_texts, {"text_classification": "classification"}.get(task, task)
    )
    recipe = make(*SUBWORD, "task.vocabulary.algorithm=unigram")
    through = run_of(recipe, fresh_home / "runs")
    broken, queue = begun(recipe, fresh_home / "runs"), CommandQueue()
    for event in tiny.training(recipe, broken, queue):
        if event.type == "checkpoint_saved":
            queue.put(Pause())
    assert broken.state() == "paused"
    shutil.rmtree(paths.cache_home() / "tokenizers")
    monkeypatch.setattr(subwords, "train", lambda *_: pytest.fail("learnt again"))
    for _ in tiny.training(recipe, broken):
        pass
    assert broken.state() == "finished"
    one, other = (load_file(run.checkpoint(6) / "model.safetensors") for run in (through, broken))
    assert all((one[name] == other[name]).all() for name in one)


@pytest.mark.parametrize("unit", ["character", "word", "subword"])
def test_what_a_language_model_reports_and_writes(unit: str, fresh_home: Path) -> None:
    sizes = ("task.vocabulary.size=90",) if unit == "subword" else ()
    run = run_of(tiny_texts.language_model(f"task.unit={unit}", *sizes), fresh_home / "runs")
    opened = open_model(run.path)
    told = evaluate_split(opened).report
    assert told["bits_per_character"] is not None and told["characters"] > 0
    if unit == "character":
        assert told["bits_per_character"] == pytest.approx(told["loss"] / math.log(2))
    else:
        assert told["bits_per_character"] < told["loss"] / math.log(2), "a symbol is more than a character"
    made: Writer = writer(opened)
    text = made.texts("今天", Sampling(length=12, temperature=0.0), 1)[0].text
    assert "##" not in text
    assert made.unknown("今天鳜鱼") == ["鳜", "鱼"]


def test_a_language_model_writes_with_a_byte_level_tokenizer(fresh_home: Path) -> None:
    texts = [document.text for document in documents(tiny_texts.language_model().data.sources[0], 0)]
    folder = byte_level(fresh_home / "gpt", texts, 900)
    recipe = tiny_texts.language_model("task.unit=subword", f"task.vocabulary.source={folder}")
    run = run_of(recipe, fresh_home / "runs")
    opened = open_model(run.path)
    written = writer(opened).texts("今天", Sampling(length=24, temperature=1.0, seed=3), 2)
    assert written and all("\ufffd" not in one.text for one in written)
    assert 0 < evaluate_split(opened).report["bits_per_character"] < 20


def test_a_classifier_of_subwords_reads_what_it_is_given(fresh_home: Path) -> None:
    run = run_of(tiny_texts.classification(*SUBWORD), fresh_home / "runs")
    made = classifier(open_model(run.path))
    assert made.classify("房间很好。").label in ("good", "bad")
    assert made.classify("龘").note == "the model knows nothing of what is in the text"
    assert len(made.importance("房间很好。", "good")) == 5


def test_the_vocabulary_of_another_run(fresh_home: Path) -> None:
    first = run_of(tiny_texts.classification(*SUBWORD), fresh_home / "runs")
    source = f"task.vocabulary.source={first.path}"
    again = run_of(tiny_texts.classification("task.unit=subword", source), fresh_home / "runs")
    one, other = (open_model(run.path).task for run in (first, again))
    assert one.symbols == other.symbols
    wrong = begun(tiny_texts.classification(source), fresh_home / "runs")
    failed = [event for event in tiny.training(load(wrong.recipe), wrong) if isinstance(event, Failed)]
    assert "is made of subwords" in failed[0].cause
    assert "task.unit to subword" in failed[0].fix


def test_one_hot_is_a_linear_layer() -> None:
    torch.manual_seed(0)
    layer = OneHot(7, 4)
    symbols = torch.tensor([[1, 3, 0], [6, 2, 2]])
    vectors = torch.nn.functional.one_hot(symbols, 7).float()
    vectors[symbols == 0] = 0
    assert torch.allclose(layer(symbols), vectors @ layer.weight + layer.bias)


@pytest.mark.parametrize("task", ["classification", "language_model"])
def test_one_hot_learns_and_is_opened_again(task: str, fresh_home: Path) -> None:
    recipe: Recipe = getattr(tiny_texts, task)("task.vocabulary.embedding=one_hot", "training.max_steps=12")
    run = begun(recipe, fresh_home / "runs")
    seen = [
        event.metrics["validation_loss"]
        for event in tiny.training(recipe, run)
        if isinstance(event, Evaluation) and event.split == "validation"
    ]
    assert seen[-1] < seen[0]  # type: ignore[operator]
    model = open_model(run.path).model
    assert isinstance(model.embedding, OneHot)
    if task == "language_model":
        assert model.output is not None


def test_other_tasks_refuse() -> None:
    with pytest.raises(RecipeError, match=r"task\.unit"):
        tiny.recipe("task.unit=subword")
