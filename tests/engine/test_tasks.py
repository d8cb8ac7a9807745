"""Runs of every task: gone on with bit for bit, with several steps at once, and estimated."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from safetensors.torch import load_file

from studio.inference.probe import decode
from studio.recipe import Recipe, dump
from studio.runs.commands import CommandQueue, Pause
from studio.runs.events import Step
from studio.runs.folder import RunFolder
from tests import tiny, tiny_tagging, tiny_texts

RECIPES: dict[str, Callable[..., Recipe]] = {
    "text_classification": tiny_texts.classification,
    "text_classification with counts": partial(tiny_texts.classification, "task.counted=2"),
    "language_model": tiny_texts.language_model,
    "masked_language_model": tiny_texts.masked,
    "correction": tiny_texts.correction,
    "hanzi_to_pinyin": tiny_tagging.readings,
    "sequence_labelling": tiny_tagging.labelling,
    "sequence_to_sequence": tiny_texts.translation,
}
DROPOUT = "model.dropout=0.3"


def begun(recipe: Recipe, parent: Path) -> RunFolder:
    run = RunFolder.create(parent, recipe.name)
    run.recipe.write_text(dump(recipe), encoding="utf-8")
    return run


@pytest.mark.parametrize("task", RECIPES)
def test_a_run_goes_on_bit_for_bit(task: str, tmp_path: Path) -> None:
    recipe = RECIPES[task](DROPOUT)
    through = begun(recipe, tmp_path)
    for _ in tiny.training(recipe, through):
        pass
    broken = begun(recipe, tmp_path)
    queue = CommandQueue()
    for event in tiny.training(recipe, broken, queue):
        if event.type == "checkpoint_saved":
            queue.put(Pause())
    assert broken.state() == "paused"
    for _ in tiny.training(recipe, broken):
        pass
    assert broken.state() == "finished"
    one, other = (load_file(run.checkpoint(6) / "model.safetensors") for run in (through, broken))
    assert one.keys() == other.keys()
    assert all((one[name] == other[name]).all() for name in one)


@pytest.mark.parametrize("task", RECIPES)
def test_a_run_with_everything_switched_on(task: str, tmp_path: Path) -> None:
    recipe = RECIPES[task](
        "training.accumulation=2",
        "training.ema_decay=0.9",
        "training.label_smoothing=0.1",
        "training.l1=0.0001",
        "training.early_stopping.enabled=true",
        "training.schedule=plateau",
    )
    run = begun(recipe, tmp_path)
    seen = list(tiny.training(recipe, run))
    assert run.state() == "finished"
    losses = [event.loss for event in seen if isinstance(event, Step)]
    assert losses and all(loss is not None and loss > 0 for loss in losses)


@pytest.mark.parametrize("task", RECIPES)
def test_a_trial(task: str, tmp_path: Path) -> None:
    from studio.engine.rehearsal import rehearse

    for seed, exact in (("1", True), ("77", False)):  # prepared by the other tests, and not prepared
        recipe = RECIPES[task](f"data.splits.seed={seed}")
        run = begun(recipe, tmp_path)
        found = rehearse(recipe, run, decode, 10**10)
        assert found.tried and found.exact is exact
        assert found.seconds["training"] > 0 and found.parameters > 0
