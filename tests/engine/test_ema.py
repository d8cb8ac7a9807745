"""The average of the weights: what it is, and that it is what a run evaluates, publishes and keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.engine.ema import WeightAverage, decay_at
from studio.models.tagger import SyllableTagger
from studio.runs import events
from tests import tiny


def test_the_decay_rises_to_what_was_asked_for() -> None:
    assert [decay_at(step, 0.5) for step in (1, 8, 9, 1000)] == pytest.approx([2 / 11, 0.5, 0.5, 0.5])


def test_the_average_follows_the_weights_that_are_trained() -> None:
    model = torch.nn.Linear(2, 1)
    model.register_buffer("seen", torch.zeros(1))
    model.bias.requires_grad_(False)
    start = model.weight.detach().clone()
    average = WeightAverage(model, 0.9)
    with torch.no_grad():
        model.weight += 11.0
        model.bias += 1.0
        model.seen += 3.0
    average.update(1)
    assert torch.allclose(average.model.weight, start + 9.0)
    assert not torch.equal(average.model.bias, model.bias)
    assert average.model.seen == 3.0
    assert not any(parameter.requires_grad for parameter in average.model.parameters())


def test_a_run_is_judged_by_its_average(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: set[int] = set()
    candidates = SyllableTagger.candidates
    monkeypatch.setattr(
        SyllableTagger, "candidates", lambda self, *a: looked_at.add(id(self)) or candidates(self, *a)
    )
    recipe, run = tiny.new_run(tmp_path, "training.ema_decay=0.9")
    seen = list(tiny.training(recipe, run))
    assert isinstance(seen[-1], events.Finished)
    assert len(looked_at) == 1
    folder = run.checkpoint(6)
    averaged = load_file(folder / "model.safetensors")
    raw = {
        name.removeprefix("weights."): value
        for name, value in load_file(folder / "training_state.safetensors").items()
        if name.startswith("weights.")
    }
    assert averaged.keys() == raw.keys()
    assert not torch.equal(averaged["head.weight"], raw["head.weight"])
    live = load_file(run.live / "step-000006" / "model.safetensors")
    assert torch.equal(live["head.weight"], averaged["head.weight"].half())


def test_averaging_does_not_change_the_training(tmp_path: Path) -> None:
    ends = []
    for decay in (0.0, 0.9):
        recipe, run = tiny.new_run(tmp_path, f"training.ema_decay={decay}")
        assert isinstance(list(tiny.training(recipe, run))[-1], events.Finished)
        folder = run.checkpoint(6)
        plain = load_file(folder / "model.safetensors")
        behind = load_file(folder / "training_state.safetensors")
        ends.append(behind.get("weights.head.weight", plain["head.weight"]))
    assert torch.equal(*ends)
