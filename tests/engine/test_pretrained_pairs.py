"""Runs that train encoder-decoders of the transformers library."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.data.prepare import prepare
from studio.engine.estimate import sizes
from studio.engine.layer_rates import depths
from studio.engine.rehearsal import rehearse
from studio.engine.starting import task_for
from studio.inference.opened import open_model
from studio.inference.probe import decode
from studio.inference.translation import translator
from studio.models.library_encoder_decoder import LibraryEncoderDecoder
from studio.recipe import dump
from studio.runs.batch_requests import BatchShown, ShowBatch
from studio.runs.commands import CommandQueue, Pause
from studio.runs.events import ModelBuilt, StartedFrom
from studio.runs.folder import RunFolder
from studio.worker.batches import Shelf
from studio.worker.vocabulary import counted
from tests import tiny, tiny_encoders, tiny_pairs
from tests.pretrained_runs import ADAPTERS, TWO_STEPS, failed, told_in, trained

EVERYTHING = ("training.layer_rates=0.8", "training.ema_decay=0.9")


@pytest.mark.parametrize(
    ("kind", "cut"),
    [
        ("t5", ""),
        pytest.param("bart", "", marks=pytest.mark.slow),
        pytest.param("bart", "bytes", marks=pytest.mark.slow),
        pytest.param("mbart", "", marks=pytest.mark.slow),
        pytest.param("m2m_100", "", marks=pytest.mark.slow),
        pytest.param("marian", "", marks=pytest.mark.slow),
        pytest.param("mt5", "", marks=pytest.mark.slow),
    ],
)
def test_from_a_folder_to_what_is_written(kind: str, cut: str, tmp_path: Path) -> None:
    source = tiny_pairs.folder(kind, cut)
    run, events = trained(tiny_pairs.recipe(*TWO_STEPS, source=source), tmp_path)
    assert run.state() == "finished", events[-1]
    told = told_in(events)
    assert (told.name, told.task, told.licence) == (source.name, "pretrained_encoder_decoder", "mit")
    assert told.new == () and told.left == ()
    if not cut and kind != "bart":
        (found, count) = told.resized[
            "pretrained." + ("shared" if "t5" in kind else "model.shared") + ".weight"
        ]
        assert found == count - 1, "the one character that the tokenizer does not know"
    opened = open_model(run.path)
    assert opened.task.pretrained.about.licence == "mit"
    found_texts = translator(opened).translate("我们唱歌。", 2, looks=True)
    assert found_texts.candidates and found_texts.note == ""
    for look in found_texts.looks:
        assert len(look.written) == len(look.weights)
        assert all(
            len(row) == len(found_texts.read) and sum(row) == pytest.approx(1, abs=2e-3)
            for row in look.weights
        )
    samples = [event for event in events if event.type == "sample"]
    assert samples and all(sample.candidates for sample in samples)


def test_weights_are_those_of_the_folder(tmp_path: Path) -> None:
    recipe = tiny_pairs.recipe(*TWO_STEPS, "training.learning_rate=1e-12", "training.weight_decay=0")
    run, _ = trained(recipe, tmp_path)
    old, new = (
        load_file(folder / "model.safetensors") for folder in (tiny_pairs.folder(), run.checkpoint(2))
    )
    assert set(old) == set(new), "the library's names, and nothing on top"
    assert all((old[name] - new[name]).abs().max() < 1e-6 for name in old if name != "shared.weight")
    names = open_model(run.path).task.pretrained.tokens.names
    row = names.index(tiny_pairs.LEFT_OUT)
    assert (old["shared.weight"][:row] - new["shared.weight"][:row]).abs().max() < 1e-6
    assert (new["shared.weight"][row] - old["shared.weight"][2]).abs().max() < 1e-6, (
        "begins as what is unknown"
    )


def test_a_configuration_alone_begins_at_random(tmp_path: Path) -> None:
    source = tiny_pairs.write(tmp_path / "plain", weights=False, num_layers=1)
    run, events = trained(tiny_pairs.recipe(*TWO_STEPS, source=source), tmp_path)
    assert run.state() == "finished", events[-1]
    assert not any(isinstance(event, StartedFrom) for event in events)
    assert open_model(run.path).task.pretrained.about.name == "plain"


@pytest.mark.parametrize("family", [pytest.param("t5", marks=pytest.mark.slow), "bart"])
def test_one_laid_out_by_a_recipe(family: str, tmp_path: Path) -> None:
    run, events = trained(tiny_pairs.own(family, *TWO_STEPS), tmp_path)
    assert run.state() == "finished", events[-1]
    opened = open_model(run.path)
    assert isinstance(opened.model, LibraryEncoderDecoder)
    assert opened.model.architecture.config["model_type"] == family
    assert translator(opened).translate("明天他们唱歌！").candidates


@pytest.mark.parametrize(
    ("recipe", "more"),
    [
        ("source", EVERYTHING),
        pytest.param("source", (*EVERYTHING, ADAPTERS), marks=pytest.mark.slow),
        pytest.param("gone", (), marks=pytest.mark.slow),
        pytest.param("t5", EVERYTHING, marks=pytest.mark.slow),
        pytest.param("bart", (), marks=pytest.mark.slow),
    ],
)
def test_such_a_run_goes_on_bit_for_bit(recipe: str, more: tuple[str, ...], tmp_path: Path) -> None:
    source = Path(shutil.copytree(tiny_pairs.folder(), tmp_path / "source"))
    made = (
        tiny_pairs.own(recipe, *more) if recipe in tiny_pairs.OWN else tiny_pairs.recipe(*more, source=source)
    )
    through, _ = trained(made, tmp_path)
    queue = CommandQueue()
    broken = RunFolder.create(tmp_path, made.name)
    broken.recipe.write_text(dump(made), encoding="utf-8")
    for event in tiny.training(made, broken, queue):
        if event.type == "checkpoint_saved":
            queue.put(Pause())
    assert broken.state() == "paused"
    if recipe == "gone":
        shutil.rmtree(source)
    list(tiny.training(made, broken))
    assert broken.state() == "finished"
    one, other = (load_file(run.checkpoint(6) / "model.safetensors") for run in (through, broken))
    assert one.keys() == other.keys()
    assert all((one[name] == other[name]).all() for name in one)


@pytest.mark.slow
def test_adapters_learn_and_nothing_else(tmp_path: Path) -> None:
    run, events = trained(tiny_pairs.recipe(ADAPTERS, 'training.lora.targets=["q","v"]'), tmp_path)
    built = next(event for event in events if isinstance(event, ModelBuilt))
    assert built.trainable == (2 + 2 * 2) * 2 * (2 * 16 + 16 * 2), (
        "of two layers that read and two that write"
    )
    old, new = (
        load_file(folder / "model.safetensors") for folder in (tiny_pairs.folder(), run.checkpoint(6))
    )
    name = "decoder.block.1.layer.1.EncDecAttention.q"
    assert (old[f"{name}.weight"] == new[f"{name}.base_layer.weight"]).all()
    assert new[f"{name}.lora_B.default.weight"].abs().sum() > 0
    merged = dict(open_model(run.path).model.named_parameters())
    assert not any("lora" in one or "base_layer" in one for one in merged)
    assert (merged[f"pretrained.{name}.weight"] != old[f"{name}.weight"]).any()


@pytest.mark.slow
def test_from_a_run_with_such_a_network(tmp_path: Path) -> None:
    first, _ = trained(tiny_pairs.recipe(*TWO_STEPS), tmp_path)
    recipe = tiny_pairs.recipe(*TWO_STEPS, f"training.start_from={str(first.path)!r}")
    recipe = recipe.model_copy(update={"model": recipe.model.model_copy(update={"source": ""})})
    run, events = trained(recipe, tmp_path)
    assert run.state() == "finished", events[-1]
    told = told_in(events)
    assert told.task == "sequence_to_sequence" and not told.new and not told.resized
    own, _ = trained(tiny_pairs.own("t5", *TWO_STEPS, unit="character"), tmp_path)
    _, events = trained(tiny_pairs.own("t5", *TWO_STEPS, f"training.start_from={str(own.path)!r}"), tmp_path)
    found, count = told_in(events).resized["pretrained.shared.weight"]
    assert 3 < found < count, "symbols that both have are matched by what they stand for"


def test_lower_layers_learn_slower(tmp_path: Path) -> None:
    recipe = tiny_pairs.recipe()
    model = task_for(recipe, prepare(recipe.data, recipe.task)).build_model(recipe)
    found = depths(name for name, _ in model.named_parameters())
    assert found["pretrained.shared.weight"] == 3
    for part in ("encoder", "decoder"):
        assert found[f"pretrained.{part}.block.0.layer.0.SelfAttention.q.weight"] == 2
        assert found[f"pretrained.{part}.block.1.layer.0.SelfAttention.q.weight"] == 1


@pytest.mark.slow
def test_parameters_are_counted_before_a_run(tmp_path: Path) -> None:
    for recipe in (tiny_pairs.recipe(*TWO_STEPS, ADAPTERS), tiny_pairs.own("bart", *TWO_STEPS)):
        _, events = trained(recipe, tmp_path)
        built = next(event for event in events if isinstance(event, ModelBuilt))
        found = sizes(recipe, task_for(recipe, prepare(recipe.data, recipe.task)))
        assert (found.parameters, found.trainable) == (built.parameters, built.trainable)
        assert sum(part.parameters * part.times for part in found.outline) == built.parameters
        assert sizes(recipe, None).parameters >= found.parameters - 2 * 16


@pytest.mark.slow
def test_a_trial_of_one(tmp_path: Path) -> None:
    found = rehearse(tiny_pairs.recipe(ADAPTERS), RunFolder.create(tmp_path, "trial"), decode, free=10**12)
    assert found.tried and found.step_seconds and 0 < found.trainable < found.parameters


@pytest.mark.slow
def test_layers_computed_twice_learn_the_same(tmp_path: Path) -> None:
    for kind in ("t5", "bart"):
        weights = []
        for more in ((), ("training.gradient_checkpointing=true",)):
            run, events = trained(
                tiny_pairs.recipe(*TWO_STEPS, *more, source=tiny_pairs.folder(kind)), tmp_path
            )
            assert not any(event.type == "warning" for event in events)
            weights.append(load_file(run.checkpoint(2) / "model.safetensors"))
        assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-6) for name in weights[0])


def test_what_the_dataset_pane_shows(tmp_path: Path) -> None:
    recipe = tiny_pairs.recipe()
    prepare(recipe.data, recipe.task)
    shown = Shelf().show(ShowBatch(id="1", recipe=recipe.model_dump(mode="json"), rows=2))
    assert isinstance(shown, BatchShown)
    table = counted(recipe)
    assert table.unit == "subword" and table.coverage[0].unknown == 0


def test_too_long(tmp_path: Path) -> None:
    source = tiny_pairs.folder("bart")
    told = failed(tiny_pairs.recipe("task.max_target=63", source=source), tmp_path)
    assert "63 is longer than what the network pair-bart-usual can read at once (62)" in told.cause
    bytewise = tiny_pairs.write(tmp_path / "short", "bart", "bytes", max_position_embeddings=22)
    told = failed(tiny_pairs.recipe("task.max_length=16", "task.max_target=20", source=bytewise), tmp_path)
    assert told.kind == "data" and "has room for 20 pieces of a text" in told.cause


def test_folders_that_hold_no_such_network(tmp_path: Path) -> None:
    for source, words in (
        (tiny_encoders.folder(), "holds an encoder (BertModel), which writes nothing"),
        (tmp_path / "gone", "there is no folder"),
    ):
        told = failed(tiny_pairs.recipe(source=source), tmp_path)
        assert "model.source" in told.cause and words in told.cause
