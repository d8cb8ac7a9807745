"""Runs of language models made of decoders of the transformers library."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from studio.data.prepare import prepare
from studio.engine.estimate import activations, sizes
from studio.engine.rehearsal import rehearse
from studio.engine.starting import task_for
from studio.inference.evaluation import evaluate_split
from studio.inference.generation import Writer, writer
from studio.inference.opened import open_model
from studio.inference.probe import decode
from studio.models.remembered import Remembered
from studio.recipe import Recipe
from studio.runs.commands import CommandQueue, Pause
from studio.runs.events import Evaluation, ModelBuilt
from studio.runs.folder import RunFolder
from studio.runs.generation import Sampling
from studio.worker.vocabulary import counted
from tests import tiny, tiny_decoders
from tests.pretrained_runs import ADAPTERS, TWO_STEPS, failed, told_in, trained
from tests.tiny_encoders import LEFT_OUT, change

TABLE = "encoder.pretrained.transformer.wte.weight"


def weights_of(run: RunFolder, step: int) -> dict[str, torch.Tensor]:
    return load_file(run.checkpoint(step) / "model.safetensors")


def paused_and_resumed(recipe: Recipe, parent: Path, between: Any = None) -> RunFolder:
    queue = CommandQueue()
    run = RunFolder.create(parent, recipe.name)
    from studio.recipe import dump

    run.recipe.write_text(dump(recipe), encoding="utf-8")
    for event in tiny.training(recipe, run, queue):
        if event.type == "checkpoint_saved":
            queue.put(Pause())
    assert run.state() == "paused"
    if between is not None:
        between()
    list(tiny.training(recipe, run))
    assert run.state() == "finished"
    return run


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("unit", ["character", pytest.param("subword", marks=pytest.mark.slow)])
def test_gpt2_from_the_beginning(unit: str, tmp_path: Path) -> None:
    recipe = tiny_decoders.gpt2(f"task.unit={unit}", "task.vocabulary.size=90", "task.counted=3", *TWO_STEPS)
    run, events = trained(recipe, tmp_path)
    assert run.state() == "finished", events[-1]
    assert not any(event.type in ("started_from", "warned") for event in events)
    (*_, last) = (event for event in events if isinstance(event, Evaluation))
    assert last.metrics["network_loss"] > np.log(last.metrics["perplexity"]) > 0  # type: ignore[operator,arg-type]
    assert all(event.candidates for event in events if event.type == "sample")
    opened = open_model(run.path)
    assert 0 < float(opened.model.network_share) < 1  # type: ignore[arg-type]
    config = json.loads((run.checkpoint(2) / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "gpt2" and config["vocab_size"] == len(opened.task.symbols)


@pytest.mark.slow
def test_weights_are_the_decoders(tmp_path: Path) -> None:
    text = tiny.write_text(tmp_path, [f"{line[:-1]}，{LEFT_OUT}论。" for line in tiny.sentences()[:200]])
    source = f"data.sources=[{{ kind = 'file', path = {str(text)!r}, document = 'line' }}]"
    run, events = trained(
        tiny_decoders.pretrained(*TWO_STEPS, source, "training.learning_rate=1e-12"), tmp_path
    )
    told = told_in(events)
    assert (told.name, told.task, told.licence) == ("decoder-gpt2", "pretrained_decoder", "mit")
    assert told.left == () and told.new == () and TABLE in told.resized
    old, new = load_file(tiny_decoders.folder("gpt2") / "model.safetensors"), weights_of(run, 2)
    name = "transformer.wte.weight"
    assert {*old} == {one for one in new if not one.startswith("studio.")}
    assert all(torch.allclose(old[one], new[one], atol=1e-6) for one in old if one != name)
    assert torch.allclose(old[name], new[name][: len(old[name])], atol=1e-6)
    names = open_model(run.path).task.pretrained.tokens.names
    comma, strange = new[name][names.index("，")], new[name][names.index(LEFT_OUT)]
    assert torch.allclose(comma, old[name][names.index(",")], atol=1e-6), "as what it would have been read as"
    assert torch.allclose(strange, old[name][1], atol=1e-6), "as what is not known"


slow = pytest.mark.slow


@pytest.mark.parametrize(
    "family", ["gpt2", pytest.param("pretrained", marks=slow), pytest.param("adapted", marks=slow)]
)
def test_such_a_run_goes_on_bit_for_bit(family: str, tmp_path: Path) -> None:
    """Without the folder it began with, whose tokenizer and configuration it has."""
    more = ("training.layer_rates=0.8", "training.ema_decay=0.9", "task.counted=3")
    source = tiny_decoders.copied(tmp_path)
    if family == "gpt2":
        recipe = tiny_decoders.gpt2(*more, "task.unit=subword", "task.vocabulary.size=90")
    else:
        adapters = (ADAPTERS,) if family == "adapted" else ()
        recipe = tiny_decoders.pretrained(*more, *adapters, "model.layers=3", source=source)
    through, _ = trained(recipe, tmp_path)
    broken = paused_and_resumed(recipe, tmp_path, lambda: shutil.rmtree(source))
    assert same(weights_of(through, 6), weights_of(broken, 6))


@pytest.mark.slow
def test_a_vocabulary_cut_short_stays_so(tmp_path: Path) -> None:
    recipe = tiny_decoders.gpt2("task.vocabulary.size=20")
    run = paused_and_resumed(recipe, tmp_path)
    assert len(open_model(run.path).task.symbols) == 20


@pytest.mark.slow
def test_a_configuration_alone_begins_at_random(tmp_path: Path) -> None:
    source = tiny_decoders.write(tmp_path / "plan", "llama", weights=False)
    run, events = trained(tiny_decoders.pretrained(*TWO_STEPS, source=source), tmp_path)
    assert run.state() == "finished", events[-1]
    assert not any(event.type == "started_from" for event in events)
    known = open_model(run.path).task.pretrained
    assert known.config["model_type"] == "llama" and known.tokens.names[4] == "[MASK]"
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json"):
        (source / name).unlink()
    broken = paused_and_resumed(tiny_decoders.pretrained(source=source), tmp_path)
    known = open_model(broken.path).task.pretrained
    assert known.config["vocab_size"] == len(known.tokens.pieces) < 100, "symbols of the texts, and no others"
    assert open_model(broken.path).model.encoder.pretrained.lm_head.weight.shape == (
        len(known.tokens.pieces),
        16,
    )  # type: ignore[union-attr]


@pytest.mark.slow
def test_layers_left_out_and_put_on(tmp_path: Path) -> None:
    _, events = trained(tiny_decoders.pretrained(*TWO_STEPS, "model.layers=1"), tmp_path)
    assert told_in(events).layers == (0,)
    run, events = trained(tiny_decoders.pretrained(*TWO_STEPS, "model.layers=3"), tmp_path)
    told = told_in(events)
    assert told.layers == (0, 1, -1) and all(".h.2." in name for name in told.new)
    assert open_model(run.path).task.pretrained.config["n_layer"] == 3


@pytest.mark.slow
def test_from_another_run(tmp_path: Path) -> None:
    """With a decoder of others, and with one that began at random, whose symbols are matched."""
    for first in (tiny_decoders.pretrained(*TWO_STEPS), tiny_decoders.gpt2(*TWO_STEPS)):
        before, _ = trained(first, tmp_path)
        recipe = first.model_copy(
            update={"training": first.training.model_copy(update={"start_from": str(before.path)})}
        )
        run, events = trained(recipe, tmp_path)
        assert run.state() == "finished", events[-1]
        told = told_in(events)
        assert told.task == "language_model" and told.new == () and TABLE in told.taken
    adapted = tiny_decoders.gpt2(*TWO_STEPS, ADAPTERS, f"training.start_from={str(before.path)!r}")
    run, events = trained(adapted, tmp_path)
    assert next(e for e in events if isinstance(e, ModelBuilt)).trainable == 2 * 2 * (64 + 32 + 80 + 80)
    wider = tiny_decoders.gpt2("model.width=32", f"training.start_from={str(before.path)!r}")
    assert "has width 16, this recipe 32" in failed(wider, tmp_path).cause


def test_texts_are_the_same_with_and_without_what_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_model(tiny_decoders.begun().path)
    sampling = Sampling(length=40, seed=3)
    read: list[int] = []
    forward = opened.model.encoder.forward  # type: ignore[union-attr,operator]

    def counting(symbols: torch.Tensor, remembered: Remembered | None = None) -> torch.Tensor:
        found: torch.Tensor = forward(symbols, remembered)  # type: ignore[operator]
        read.append(found.shape[1])
        return found

    monkeypatch.setattr(opened.model.encoder, "forward", counting)
    made = list(writer(opened).stream("今天", sampling))
    assert len(made) > 3 and read[0] == 3 and set(read[1:13]) == {1}, "a symbol at a time"
    whole = writer(opened).texts("今天", sampling, 3)
    plain = Writer._scores
    monkeypatch.setattr(Writer, "_scores", lambda self, rows, _remembered=None: plain(self, rows))
    assert [one.text for one in writer(opened).texts("今天", sampling, 3)] == [one.text for one in whole]


@pytest.mark.slow
def test_it_is_judged(tmp_path: Path) -> None:
    for run in (tiny_decoders.begun(), tiny_decoders.tuned()):
        opened = open_model(Path(shutil.copytree(run.path, tmp_path / run.path.name)))
        found = evaluate_split(opened, "test")
        assert found.report["perplexity"] > 1


def test_too_long(tmp_path: Path) -> None:
    told = failed(tiny_decoders.pretrained("task.context=64"), tmp_path)
    assert "64 is longer than what the network decoder-gpt2 can read at once (63)" in told.cause
    run, _ = trained(tiny_decoders.pretrained("task.context=63", *TWO_STEPS), tmp_path)
    assert run.state() == "finished"


@pytest.mark.slow
def test_adapters_for_layers_that_there_are_not(tmp_path: Path) -> None:
    recipe = tiny_decoders.pretrained("training.lora={ rank = 2, targets = ['query'] }")
    told = failed(recipe, tmp_path)
    assert "no linear layer of the encoder is called 'query'" in told.cause and "c_attn" in told.cause


@pytest.mark.slow
def test_a_folder_for_other_texts(tmp_path: Path) -> None:
    source = tiny_decoders.copied(tmp_path)
    lines = (source / "vocab.txt").read_text(encoding="utf-8").splitlines()
    strange = [chr(0x3B1 + place) if len(one) == 1 else one for place, one in enumerate(lines)]
    (source / "vocab.txt").write_text("\n".join(strange) + "\n", encoding="utf-8")
    told = failed(tiny_decoders.pretrained(source=source), tmp_path)
    assert told.kind == "data" and "no pieces of their own" in told.cause


@pytest.mark.slow
def test_parameters_are_counted_before_a_run(tmp_path: Path) -> None:
    for recipe in (tiny_decoders.gpt2(*TWO_STEPS), tiny_decoders.pretrained(*TWO_STEPS, ADAPTERS)):
        _, events = trained(recipe, tmp_path)
        built = next(event for event in events if isinstance(event, ModelBuilt))
        task: Any = task_for(recipe, prepare(recipe.data, recipe.task))
        found = sizes(recipe, task)
        assert (found.parameters, found.trainable) == (built.parameters, built.trainable)
        assert sum(part.parameters * part.times for part in found.outline) == found.parameters
        (part,) = found.outline
        assert [one.kind for one in part.parts] == ["embedding", "embedding", "layer", "norm"]
        assert activations(recipe, task.pretrained) > 0 and sizes(recipe, None).parameters > 0


@pytest.mark.slow
def test_a_trial_of_one(tmp_path: Path) -> None:
    found = rehearse(tiny_decoders.gpt2(), RunFolder.create(tmp_path, "trial"), decode, free=10**12)
    assert found.tried and found.step_seconds and found.trainable == found.parameters


@pytest.mark.slow
def test_what_the_dataset_pane_shows_of_one() -> None:
    recipe = tiny_decoders.pretrained()
    prepare(recipe.data, recipe.task)
    table = counted(recipe)
    assert table.unit == "character" and table.coverage[0].unknown == 0


def test_what_is_no_decoder(tmp_path: Path) -> None:
    source = tiny_decoders.copied(tmp_path)
    change(source, model_type="bert", architectures=["BertForMaskedLM"])
    assert (
        "holds a model that reads whole texts (BertForMaskedLM)"
        in failed(tiny_decoders.pretrained(source=source), tmp_path).cause
    )


@pytest.mark.slow
def test_the_network_is_deaf_to_what_follows() -> None:
    opened = open_model(tiny_decoders.tuned().path)
    task = opened.task
    rows = task.read("今天我们吃饭")[None]
    other = np.concatenate([rows[:, :4], rows[:, :3]], axis=1)
    one, two = (
        opened.model.hidden(torch.from_numpy(each.astype(np.int64)))  # type: ignore[operator]
        for each in (rows, other)
    )
    assert torch.allclose(one[:, :4], two[:, :4], atol=1e-6)
