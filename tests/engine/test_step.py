"""What a step may leave out, and what it does another way with the same result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import nn

from studio.engine.freezing import freeze
from studio.engine.optimisation import make_optimizer
from studio.engine.recompute import recompute_layers
from studio.engine.state import Learner
from studio.engine.step import Stepper
from studio.models.tagger import SyllableTagger
from studio.recipe import Training
from studio.runs import events
from studio.runs.folder import RunFolder
from studio.tasks.base import Batch
from tests import tiny


def trained(parent: Path, *overrides: str) -> tuple[RunFolder, list[events.Event]]:
    recipe, run = tiny.new_run(parent, *overrides)
    seen = list(tiny.training(recipe, run))
    assert isinstance(seen[-1], events.Finished), seen[-1]
    return run, seen


def weights(run: RunFolder, step: int = 6) -> dict[str, torch.Tensor]:
    return load_file(run.checkpoint(step) / "model.safetensors")


def of(kind: type, seen: list[events.Event]) -> list[Any]:
    return [event for event in seen if isinstance(event, kind)]


# --- frozen weights ------------------------------------------------------------------------------------


def test_frozen_weights_stay_and_are_counted(tmp_path: Path) -> None:
    patterns = "training.frozen=['encoder.layers.*', 'embedding.weight']"
    fresh = weights(trained(tmp_path, patterns, "training.max_steps=1")[0], 1)
    run, seen = trained(tmp_path, patterns)
    frozen = [n for n in fresh if n.startswith("encoder.layers.") or n == "embedding.weight"]
    same = [name for name, value in weights(run).items() if torch.equal(value, fresh[name])]
    moved = {"head.weight", "head.bias", "input_norm.weight", "ngrams.table", "encoder.norm.weight"}
    assert set(frozen) <= set(same)
    assert not moved & set(same)
    built = of(events.ModelBuilt, seen)[0]
    assert built.parameters - built.trainable == sum(fresh[name].numel() for name in frozen)


def test_nothing_frozen_means_that_everything_is_trained() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))
    freeze(model, ())
    assert all(parameter.requires_grad for parameter in model.parameters())
    freeze(model, ["1.*"])
    assert [p.requires_grad for p in model.parameters()] == [True, True, False, False]


@pytest.mark.parametrize(
    ("patterns", "words"),
    [("['decoder.*']", "begin with embedding, encoder, head"), ("['*']", "nothing is left")],
)
def test_patterns_that_cannot_be_meant(patterns: str, words: str, tmp_path: Path) -> None:
    recipe, run = tiny.new_run(tmp_path, f"training.frozen={patterns}")
    *_, end = tiny.training(recipe, run)
    assert isinstance(end, events.Failed)
    assert end.kind == "recipe"
    assert words in end.cause
    assert "training.frozen" in end.cause


# --- gradient checkpointing ----------------------------------------------------------------------------


def test_computing_layers_twice_changes_nothing(tmp_path: Path) -> None:
    """Dropout included: the second time the same is left out."""
    ends = [
        trained(tmp_path, f"training.gradient_checkpointing={on}", "model.dropout=0.4", "model.layers=2")
        for on in ("false", "true")
    ]
    first, second = (weights(run) for run, _ in ends)
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    figures = [[e.metrics for e in of(events.Evaluation, seen)] for _, seen in ends]
    assert figures[0] == figures[1]


def test_layers_are_computed_twice_in_training_only(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Layer(nn.Linear):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            calls.append(torch.is_grad_enabled())
            return super().forward(input).sigmoid()

    model = nn.Module()
    model.layers = nn.ModuleList([Layer(2, 2), Layer(2, 2)])
    assert recompute_layers(model) == 2
    inputs = torch.ones(1, 2, requires_grad=True)
    model.layers[1](model.layers[0](inputs)).sum().backward()
    assert len(calls) == 4
    calls.clear()
    model.eval()
    model.layers[0](inputs).sum().backward()
    assert len(calls) == 1


def test_a_network_without_layers_apart_is_told_so(tmp_path: Path) -> None:
    family = "model={ family = 'recurrent', width = 16, layers = 2, ngram_buckets = 64, ngram_width = 8 }"
    _, seen = trained(tmp_path, family, "training.gradient_checkpointing=true")
    assert [event.kind for event in of(events.Warned, seen)] == ["gradient_checkpointing"]


# --- steps that are no numbers -------------------------------------------------------------------------


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, float]]:
    """Factors that the loss is multiplied by, by the number of the forward pass in training, from 1."""
    factors: dict[int, float] = {}
    forward, count = SyllableTagger.forward, [0]

    def spoil(self: SyllableTagger, *given: Any, **named: Any) -> torch.Tensor:
        count[0] += 1
        return forward(self, *given, **named) * factors.get(count[0], 1.0)

    monkeypatch.setattr(SyllableTagger, "forward", spoil)
    yield factors


def test_a_step_that_is_no_number_is_left_out(
    spoilt: dict[int, float], tmp_path: Path, every_step: None
) -> None:
    """Weights, moments and counters are those of the step before; the plot shows a gap."""
    spoilt.update({4: math.nan, 5: math.inf})
    overrides = ("training.on_nan='skip'", "training.schedule='constant'", "training.checkpoint_every=1")
    run, seen = trained(tmp_path, *overrides, "training.checkpoints.keep=9")
    states = [load_file(run.checkpoint(step) / "training_state.safetensors") for step in (3, 4, 5, 6)]
    for name in states[0]:
        if name.startswith("optimizer."):
            assert torch.equal(states[0][name], states[1][name]), name
            assert torch.equal(states[0][name], states[2][name]), name
    assert all(torch.equal(value, weights(run, 5)[name]) for name, value in weights(run, 3).items())
    assert not torch.equal(weights(run, 6)["head.weight"], weights(run, 5)["head.weight"])
    assert [event.loss is None for event in of(events.Step, seen)] == [False, False, False, True, True, False]
    (warning,) = of(events.Warned, seen)
    assert (warning.kind, warning.step) == ("not_a_number", 4)


def test_too_many_in_a_row_end_the_run(spoilt: dict[int, float], tmp_path: Path, every_step: None) -> None:
    spoilt.update({4: math.nan, 6: math.nan, 7: math.nan, 8: math.nan})
    recipe, run = tiny.new_run(
        tmp_path, "training.on_nan='skip'", "training.skip_limit=2", "training.max_steps=20"
    )
    *_, end = tiny.training(recipe, run)
    assert isinstance(end, events.Failed)
    assert end.kind == "not_a_number"
    assert "step 8" in end.cause
    assert "2 before it" in end.cause
    assert end.remedy == ("training.learning_rate=0.005",)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("broken", [False, True])
def test_the_flag_on_the_device_does_what_asking_does(
    optimizer: str, broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU, where nobody may wait for the flag: the fused kernels look at it themselves."""
    ends = []
    for on_device in (False, True):
        monkeypatch.setattr(Stepper, "_leaves_out_on_device", lambda _, on=on_device: on)
        torch.manual_seed(1)
        model = _Summed()
        training = Training.model_validate(
            {"optimizer": optimizer, "on_nan": "skip", "l1": 0.01, "learning_rate": 0.1}
        )
        learner = Learner(model, make_optimizer(model, training), torch.device("cpu"))
        stepper = Stepper(training, learner, Accelerator(cpu=True), None)
        good, bad = torch.ones(2, 3), torch.full((2, 3), math.nan)
        for number, inputs in enumerate((good, bad if broken else good, good), start=1):
            result = stepper.step([Batch({"inputs": inputs}, 2)], 0.1, number)
            assert bool(result.broken) == (broken and number == 2)
        state = learner.optimizer.state_dict()["state"]
        ends.append([model.linear.weight.detach(), *(v for entry in state.values() for v in entry.values())])
    assert len(ends[0]) == len(ends[1]) > 2
    assert all(torch.equal(one, other) for one, other in zip(*ends, strict=True))


class _Summed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.linear(inputs).square().sum()


def test_a_run_that_stops_at_once_is_the_default(
    spoilt: dict[int, float], tmp_path: Path, every_step: None
) -> None:
    spoilt[5] = math.nan
    recipe, run = tiny.new_run(tmp_path)
    *_, end = tiny.training(recipe, run)
    assert isinstance(end, events.Failed)
    assert "step 5" in end.cause
    assert end.remedy == ("training.learning_rate=0.005",)


# --- compiling -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(235)
def test_a_compiled_model_learns_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the compiler's front alone: its back takes minutes for C++ that is not ours to test."""
    whole, asked = nn.Module.compile, []

    def front(self: nn.Module, **options: Any) -> None:
        asked.append(options)
        whole(self, backend="eager", **options)

    monkeypatch.setattr(nn.Module, "compile", front)
    ends = []
    for on in ("false", "true"):
        run, seen = trained(tmp_path, f"compute.compile={on}", "model.dropout=0.0", "training.max_steps=3")
        ends.append(
            (weights(run, 3), [e.metrics["validation_loss"] for e in of(events.Evaluation, seen)[:1]])
        )
    assert asked == [{"dynamic": True}]
    assert ends[0][0].keys() == ends[1][0].keys()
    assert ends[0][1] == pytest.approx(ends[1][1], rel=1e-4)
