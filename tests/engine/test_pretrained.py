"""Runs that fine-tune an encoder that others have trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.data.prepare import prepare
from studio.engine.estimate import sizes
from studio.engine.rehearsal import rehearse
from studio.engine.starting import begin, task_for
from studio.inference.opened import open_model
from studio.inference.probe import decode
from studio.recipe import dump
from studio.runs import start
from studio.runs.batch_requests import BatchShown, ShowBatch
from studio.runs.commands import CommandQueue, Pause
from studio.runs.events import ModelBuilt
from studio.runs.folder import RunFolder
from studio.worker.batches import Shelf
from studio.worker.vocabulary import counted
from tests import tiny, tiny_encoders
from tests.pretrained_runs import ADAPTERS, TWO_STEPS, failed, told_in, trained


def test_what_became_of_the_weights(tmp_path: Path) -> None:
    run, events = trained(tiny_encoders.recipe("text_classification", *TWO_STEPS), tmp_path)
    assert run.state() == "finished"
    told = told_in(events)
    assert (told.name, told.task, told.step, told.licence) == (
        "encoder-bert-3",
        "pretrained_encoder",
        0,
        "mit",
    )
    found, count = told.resized["encoder.pretrained.embeddings.word_embeddings.weight"]
    assert count == found + 1, "the one character that the encoder does not know"
    assert set(told.new) == {"head.weight", "head.bias"} and told.left == () and told.layers == ()
    kept = start.read(run.path)
    assert kept["licence"] == "mit" and kept["new"] == list(told.new)
    opened = open_model(run.path)
    assert opened.task.pretrained.about.licence == "mit"


@pytest.mark.parametrize("task", sorted(tiny_encoders.MAKERS))
def test_each_task_learns_with_one(task: str, tmp_path: Path) -> None:
    run, events = trained(tiny_encoders.recipe(task, *TWO_STEPS), tmp_path)
    assert run.state() == "finished", events[-1]
    assert open_model(run.path).config.task == task
    samples = [event for event in events if event.type == "sample"]
    assert all(sample.candidates for sample in samples) and samples


def test_weights_that_are_not_trained_are_the_encoders(tmp_path: Path) -> None:
    recipe = tiny_encoders.recipe("text_classification", *TWO_STEPS, 'training.frozen=["encoder.*"]')
    run, events = trained(recipe, tmp_path)
    built = next(event for event in events if isinstance(event, ModelBuilt))
    assert built.trainable == 2 * 16 + 2
    old = load_file(tiny_encoders.folder() / "model.safetensors")
    new = load_file(run.checkpoint(2) / "model.safetensors")
    table = "embeddings.word_embeddings.weight"
    assert set(old) <= set(new)
    assert all((old[name] == new[name]).all() for name in old if name != table)
    assert (old[table] == new[table][: len(old[table])]).all()
    assert (new[table][-1] == old[table][1]).all(), "what was not known begins as what was unknown"


@pytest.mark.parametrize("more", [(), (ADAPTERS,)], ids=["full", "adapters"])
@pytest.mark.parametrize("source_stays", [True, False])
def test_such_a_run_goes_on_bit_for_bit(more: tuple[str, ...], source_stays: bool, tmp_path: Path) -> None:
    source = tiny_encoders.copied(tmp_path)
    overrides = ("training.layer_rates=0.8", "model.layers=2", "training.ema_decay=0.9", *more)
    recipe = tiny_encoders.recipe("text_classification", *overrides, source=source)
    through, _ = trained(recipe, tmp_path)
    queue = CommandQueue()
    broken = RunFolder.create(tmp_path, recipe.name)
    broken.recipe.write_text(dump(recipe), encoding="utf-8")
    for event in tiny.training(recipe, broken, queue):
        if event.type == "checkpoint_saved":
            queue.put(Pause())
    assert broken.state() == "paused"
    if not source_stays:
        shutil.rmtree(source)
    list(tiny.training(recipe, broken))
    assert broken.state() == "finished"
    one, other = (load_file(run.checkpoint(6) / "model.safetensors") for run in (through, broken))
    assert one.keys() == other.keys()
    assert all((one[name] == other[name]).all() for name in one)


def test_adapters_learn_and_nothing_below_the_output_else(tmp_path: Path) -> None:
    recipe = tiny_encoders.recipe("text_classification", ADAPTERS, 'training.lora.targets=["query","value"]')
    run, events = trained(recipe, tmp_path)
    built = next(event for event in events if isinstance(event, ModelBuilt))
    assert built.trainable == 3 * 2 * (2 * 16 + 16 * 2) + 2 * 16 + 2
    old = load_file(tiny_encoders.folder() / "model.safetensors")
    new = load_file(run.checkpoint(6) / "model.safetensors")
    name = "encoder.layer.1.attention.self.query"
    assert (old[f"{name}.weight"] == new[f"{name}.base_layer.weight"]).all()
    assert new[f"{name}.lora_B.default.weight"].abs().sum() > 0
    merged = dict(open_model(run.path).model.named_parameters())
    assert not any("lora" in one or "base_layer" in one for one in merged)
    assert (merged[f"encoder.pretrained.{name}.weight"] != old[f"{name}.weight"]).any()


def test_layers_left_out_and_put_on(tmp_path: Path) -> None:
    overrides = (*TWO_STEPS, "model.layers=2", "training.start_layers=spaced", "training.learning_rate=1e-12")
    run, events = trained(tiny_encoders.recipe("text_classification", *overrides), tmp_path)
    told = told_in(events)
    assert told.layers == (0, 2) and any(".layer.1." in name for name in told.left)
    old = load_file(tiny_encoders.folder() / "model.safetensors")
    new = load_file(run.checkpoint(2) / "model.safetensors")
    for ours, theirs in enumerate(told.layers):
        name = "encoder.layer.{}.output.dense.weight"
        assert (new[name.format(ours)] - old[name.format(theirs)]).abs().max() < 1e-6
    _, events = trained(tiny_encoders.recipe("text_classification", *TWO_STEPS, "model.layers=5"), tmp_path)
    told = told_in(events)
    assert told.layers == (0, 1, 2, -1, -1)
    assert any(".layer.4." in name for name in told.new) and not any(".layer.2." in name for name in told.new)


def test_from_a_run_with_an_encoder(tmp_path: Path) -> None:
    """The encoder itself is not asked for again."""
    first, _ = trained(tiny_encoders.recipe("masked_language_model", *TWO_STEPS), tmp_path)
    recipe = tiny_encoders.recipe(
        "sequence_labelling", *TWO_STEPS, f"training.start_from={str(first.path)!r}"
    )
    recipe = recipe.model_copy(update={"model": recipe.model.model_copy(update={"source": ""})})
    run, events = trained(recipe, tmp_path)
    assert run.state() == "finished", events[-1]
    told = told_in(events)
    assert (
        told.task == "masked_language_model"
        and "encoder.pretrained.embeddings.LayerNorm.weight" in told.taken
    )
    assert {"transform.weight", "bias"} <= set(told.left)
    assert start.read(run.path)["before"]["name"] == "encoder-bert-3"


def test_too_long(tmp_path: Path) -> None:
    told = failed(tiny_encoders.recipe("text_classification", "task.max_length=63"), tmp_path)
    assert "63 is longer than what the network encoder-bert-3 can read at once (62)" in told.cause


def test_adapters_for_layers_that_there_are_not(tmp_path: Path) -> None:
    recipe = tiny_encoders.recipe("text_classification", "training.lora={ rank = 2, targets = ['q_proj'] }")
    told = failed(recipe, tmp_path)
    assert "no linear layer of the encoder is called 'q_proj'" in told.cause and "query" in told.cause


def test_an_encoder_for_other_texts(tmp_path: Path) -> None:
    source = tiny_encoders.copied(tmp_path)
    lines = (source / "vocab.txt").read_text(encoding="utf-8").splitlines()
    strange = [chr(0x3B1 + place) if len(one) == 1 else one for place, one in enumerate(lines)]
    (source / "vocab.txt").write_text("\n".join(strange) + "\n", encoding="utf-8")
    for task in ("text_classification", "masked_language_model"):
        told = failed(tiny_encoders.recipe(task, source=source), tmp_path)
        assert told.kind == "data" and "does not know" in told.cause


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    told = failed(tiny_encoders.recipe(source=tmp_path / "gone"), tmp_path)
    assert "model.source" in told.cause and "there is no folder" in told.cause


def test_parameters_are_counted_before_a_run(tmp_path: Path) -> None:
    for more in ((), (ADAPTERS,), ("model.layers=2", 'training.frozen=["encoder.pretrained.embeddings.*"]')):
        recipe = tiny_encoders.recipe("text_classification", *TWO_STEPS, *more)
        _, events = trained(recipe, tmp_path)
        built = next(event for event in events if isinstance(event, ModelBuilt))
        counted = sizes(recipe, task_for(recipe, prepare(recipe.data, recipe.task)))
        assert (counted.parameters, counted.trainable) == (built.parameters, built.trainable)
        assert counted.gradients == 4 * built.trainable
        unprepared = sizes(recipe, None)
        assert unprepared.parameters >= counted.parameters - 2 * 16


def test_layers_computed_twice_learn_the_same(tmp_path: Path) -> None:
    weights = []
    for more in ((), ("training.gradient_checkpointing=true",)):
        run, events = trained(tiny_encoders.recipe("text_classification", *TWO_STEPS, *more), tmp_path)
        assert not any(event.type == "warning" for event in events)
        weights.append(load_file(run.checkpoint(2) / "model.safetensors"))
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-6) for name in weights[0])


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    """With adapters, too: what is not trained is waited for by nobody."""
    for more in ((), (ADAPTERS.replace("0.2", "0"),)):
        weights = []
        for how in ("training.accumulation=2", "compute.processes=2"):
            calm = ("model.dropout=0", *TWO_STEPS)
            source = tmp_path / "calm"
            if not source.exists():
                tiny_encoders.write(source, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
            recipe = tiny_encoders.recipe("text_classification", *calm, how, *more, source=source)
            run, events = trained(recipe, tmp_path)
            assert run.state() == "finished", events[-1]
            weights.append(load_file(run.checkpoint(2) / "model.safetensors"))
        assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-4) for name in weights[0])


@torch.no_grad()
def test_what_guesses_characters_is_taken_too(tmp_path: Path) -> None:
    from transformers import BertForMaskedLM

    folder = tiny_encoders.copied(tmp_path)
    theirs = BertForMaskedLM.from_pretrained(folder)
    for weight in theirs.cls.parameters():
        weight.normal_(std=0.3)
    theirs.tie_weights()
    theirs.eval().save_pretrained(folder)
    recipe = tiny_encoders.recipe("masked_language_model", source=folder)
    started = begin(recipe)
    task = started.task(recipe, prepare(recipe.data, recipe.task))
    model = task.build_model(recipe).eval()
    passed = started.fill(model, task)
    assert passed is not None and {"transform.weight", "output_norm.bias", "bias"} <= set(passed.taken)
    assert not any(name.startswith("cls.predictions.transform") for name in passed.left)
    symbols = torch.tensor([[3, 9, 17]])
    ours = model.scores(model.encode(symbols, torch.tensor([3])))
    pieces = torch.tensor(task.pretrained.tokens.pieces)
    read = torch.tensor([[2, *pieces[symbols[0]].tolist(), 3]])
    expected = theirs(input_ids=read).logits[:, 1:-1]
    old = pieces < expected.shape[-1]
    assert torch.allclose(ours[..., old], expected[..., pieces[old]], atol=0.01)  # theirs is another GELU


def test_a_trial_of_one(tmp_path: Path) -> None:
    """What would run is measured, adapters and all."""
    recipe = tiny_encoders.recipe("text_classification", ADAPTERS)
    found = rehearse(recipe, RunFolder.create(tmp_path, "trial"), decode, free=10**12)
    assert found.tried and found.step_seconds
    assert 0 < found.trainable < found.parameters


def test_what_the_dataset_pane_shows_of_one(tmp_path: Path) -> None:
    recipe = tiny_encoders.recipe("text_classification", *TWO_STEPS)
    prepare(recipe.data, recipe.task)
    values = recipe.model_dump(mode="json")
    shown = Shelf().show(ShowBatch(id="1", recipe=values, rows=2))
    assert isinstance(shown, BatchShown)
    assert "".join(shown.rows[0].tokens).replace(",", "，") == shown.rows[0].text
    table = counted(recipe)
    assert table.unit == "subword" and table.coverage[0].unknown == 0
