"""Runs that begin with another run's weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file

from studio.export.folder import export_folder
from studio.recipe import Recipe, dump
from studio.runs import start
from studio.runs.commands import CommandQueue, Pause
from studio.runs.events import Event, Failed, ModelBuilt, StartedFrom
from studio.runs.folder import RunFolder
from tests import tiny, tiny_texts

SAME_WIDTH = "model.width=32"


def from_(path: Path) -> str:
    return f"training.start_from={json.dumps(str(path))}"


def trained(recipe: Recipe, parent: Path, queue: CommandQueue | None = None) -> tuple[RunFolder, list[Event]]:
    run = RunFolder.create(parent, recipe.name)
    run.recipe.write_text(dump(recipe), encoding="utf-8")
    return run, list(tiny.training(recipe, run, queue) if queue else tiny.training(recipe, run))


def classification(*overrides: str) -> Recipe:
    return tiny_texts.classification(SAME_WIDTH, *overrides, family="transformer_encoder")


def refused(recipe: Recipe, parent: Path) -> Failed:
    _, events = trained(recipe, parent)
    assert isinstance(events[-1], Failed)
    assert not any(event.type == "model_built" for event in events), "it is said before anything is prepared"
    return events[-1]


def test_a_classifier_from_a_masked_language_model(tmp_path: Path) -> None:
    source = tiny_texts.filled()
    run, events = trained(classification(from_(source.path), "training.max_steps=2"), tmp_path)
    (told,) = [event for event in events if isinstance(event, StartedFrom)]
    assert told.task == "masked_language_model" and told.name == "tiny-masked_language_model"
    assert "encoder.layers.0.expand.weight" in told.taken and "ngrams.table" in told.taken
    assert {"head.weight", "head.bias"} <= set(told.new)
    assert {"transform.weight", "bias"} <= set(told.left)
    found, count = told.resized["embedding.weight"]
    assert 4 < found < count
    kept = start.read(run.path)
    assert kept["path"] == told.path and kept["new"] == list(told.new)
    theirs = json.loads((Path(told.path) / "vocabulary.json").read_text(encoding="utf-8"))["symbols"]
    ours = json.loads((run.checkpoint(2) / "vocabulary.json").read_text(encoding="utf-8"))["symbols"]
    assert ours[: len(theirs)] == theirs and len(ours) > len(theirs)


def test_weights_that_are_not_trained_are_the_other_models(tmp_path: Path) -> None:
    source = tiny_texts.filled()
    frozen = 'training.frozen=["encoder.*","embedding.*","ngrams.*","input_norm.*"]'
    run, events = trained(classification(from_(source.path), "training.max_steps=2", frozen), tmp_path)
    told = next(event for event in events if isinstance(event, StartedFrom))
    old = load_file(Path(told.path) / "model.safetensors")
    new = load_file(run.checkpoint(2) / "model.safetensors")
    for name in told.taken:
        assert (old[name] == new[name]).all(), name
    rows = len(old["embedding.weight"])
    assert (old["embedding.weight"] == new["embedding.weight"][:rows]).all()


def test_it_helps(tmp_path: Path) -> None:
    """The same task on the same data goes on where the other stopped."""
    source = tiny_texts.filled()
    short = ("training.max_steps=4", "training.evaluate_every=4", "training.checkpoint_every=4", SAME_WIDTH)
    short = (*short, "training.token_budget=1024", "training.learning_rate=0.0001")
    accuracies = []
    for extra in ((), (from_(source.path),)):
        run, _ = trained(tiny_texts.masked(*short, *extra), tmp_path)
        accuracies.append(run.read_index().entries[-1].metrics["mask_accuracy"] or 0)
    assert accuracies[1] > accuracies[0] + 0.2


@pytest.mark.parametrize("source_stays", [True, False])
def test_such_a_run_goes_on_bit_for_bit(source_stays: bool, tmp_path: Path) -> None:
    source = tiny_texts.copied(tiny_texts.filled(), tmp_path)
    recipe = classification(from_(source.path), "model.dropout=0.3", "training.layer_rates=0.8")
    through, _ = trained(recipe, tmp_path)
    queue = CommandQueue()
    broken = RunFolder.create(tmp_path, recipe.name)
    broken.recipe.write_text(dump(recipe), encoding="utf-8")
    for event in tiny.training(recipe, broken, queue):
        if event.type == "checkpoint_saved":
            queue.put(Pause())
    assert broken.state() == "paused"
    if not source_stays:
        shutil.rmtree(source.path)
    again = list(tiny.training(recipe, broken))
    assert broken.state() == "finished"
    assert not any(isinstance(event, StartedFrom) for event in again), "that was told at the start"
    one, other = (load_file(run.checkpoint(6) / "model.safetensors") for run in (through, broken))
    assert one.keys() == other.keys()
    assert all((one[name] == other[name]).all() for name in one)


def test_pinyin_from_pinyin(tmp_path: Path) -> None:
    recipe = tiny.recipe(from_(tiny.finished_run().path), "training.max_steps=2")
    _, events = trained(recipe, tmp_path)
    (told,) = [event for event in events if isinstance(event, StartedFrom)]
    assert told.new == () and told.left == () and not told.resized


def test_averages_begin_with_the_weights_too(tmp_path: Path) -> None:
    recipe = tiny_texts.masked(
        SAME_WIDTH,
        from_(tiny_texts.filled().path),
        "training.ema_decay=0.9999",
        "training.learning_rate=0.000001",
    )
    run, _ = trained(recipe, tmp_path)
    assert (run.read_index().entries[0].metrics["mask_accuracy"] or 0) > 0.3


def test_the_card_names_what_the_other_model_had_learnt_from(tmp_path: Path) -> None:
    first, _ = trained(tiny_texts.masked(SAME_WIDTH, "name=first"), tmp_path)
    second, _ = trained(tiny_texts.masked(SAME_WIDTH, "name=second", from_(first.path)), tmp_path)
    third, _ = trained(classification("name=third", from_(second.path)), tmp_path)
    card = (export_folder(third.path, tmp_path / "out").path / "README.md").read_text(encoding="utf-8")
    assert "weights of second (masked_language_model" in card and "weights of first" in card
    assert card.count(tiny.text().name) == 2 and tiny_texts.labelled().name in card


def test_missing(tmp_path: Path) -> None:
    told = refused(classification(from_(tmp_path / "gone")), tmp_path)
    assert (
        told.kind == "recipe" and "there is no folder" in told.cause and "training.start_from" in told.cause
    )


def test_damaged(tmp_path: Path) -> None:
    source = tiny_texts.copied(tiny_texts.filled(), tmp_path)
    for weights in source.path.rglob("model.safetensors"):
        weights.write_bytes(weights.read_bytes()[:-100])
    told = refused(classification(from_(source.path)), tmp_path)
    assert told.kind == "recipe" and "cannot be read" in told.cause


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (("model.width=16",), "has width 32, this recipe 16 (set model.width to 32"),
        (("model.heads=4",), "heads 2, this recipe 4"),
    ],
)
def test_other_shapes(overrides: tuple[str, ...], said: str, tmp_path: Path) -> None:
    assert said in refused(classification(from_(tiny_texts.filled().path), *overrides), tmp_path).cause


def test_other_families(tmp_path: Path) -> None:
    recipe = tiny_texts.classification(from_(tiny_texts.filled().path))
    told = refused(recipe, tmp_path)
    assert "family transformer_encoder, this recipe text_cnn" in told.cause and "width" not in told.cause


def test_fewer_and_more_layers(tmp_path: Path) -> None:
    """Of our own networks, too: which are taken is told, and those are the other model's."""
    many = ("model.width=32", "model.layers=3")
    first, _ = trained(tiny_texts.masked(*many, "training.max_steps=2"), tmp_path)
    still = ("training.max_steps=1", "training.learning_rate=1e-12")
    for layers, how, expected in ((2, "spaced", (0, 2)), (2, "first", (0, 1)), (4, "first", (0, 1, 2, -1))):
        chosen = (f"model.layers={layers}", f"training.start_layers={how}", *still)
        run, events = trained(classification(from_(first.path), *chosen), tmp_path)
        (told,) = [event for event in events if isinstance(event, StartedFrom)]
        assert told.layers == expected and start.read(run.path)["layers"] == list(expected)
        old = load_file(Path(told.path) / "model.safetensors")
        new = load_file(run.checkpoint(1) / "model.safetensors")
        for ours, theirs in enumerate(expected):
            name = f"encoder.layers.{ours}.expand.weight"
            if theirs < 0:
                assert name in told.new
            else:
                assert name in told.taken
                assert (new[name] - old[f"encoder.layers.{theirs}.expand.weight"]).abs().max() < 1e-6


def test_adapters_beside_layers_of_our_own(tmp_path: Path) -> None:
    lora = "training.lora={ rank = 2, targets = ['project_in', 'expand'] }"
    run, events = trained(classification(from_(tiny_texts.filled().path), lora), tmp_path)
    assert run.state() == "finished", events[-1]
    built = next(event for event in events if isinstance(event, ModelBuilt))
    assert built.trainable == 2 * (32 + 96) + 2 * (32 + 32) + 2 * 32 + 2
    made = export_folder(run.path, tmp_path / "made").path
    names = load_file(made / "model.safetensors").keys()
    assert not any("lora" in name or "base_layer" in name for name in names)
    assert "encoder.layers.0.project_in.weight" in names
