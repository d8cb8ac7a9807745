"""Schedules, optimisers and penalties, by their definitions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from studio.engine.optimisation import draw_to_zero, make_optimizer, rate_at
from studio.engine.progress import Progress
from studio.engine.selection import note_plateau
from studio.recipe import RecipeError, Training
from studio.runs import events
from tests import tiny

OPTIMISERS = ("adamw", "sgd", "adafactor", "lion")

# --- the learning rate ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("constant", [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ("plateau", [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ("linear", [0.25, 0.5, 0.75, 1, 1, 0.8775, 0.755, 0.6325, 0.51, 0.3875, 0.265, 0.1425]),
        (
            "cosine",
            [0.25, 0.5, 0.75, 1, *(0.02 + 0.49 * (1 + math.cos(math.pi * k / 8)) for k in range(8))],
        ),
        (
            "one_cycle",
            [
                *(0.04 + 0.48 * (1 - math.cos(math.pi * (k + 1) / 4)) for k in range(4)),
                *(0.02 + 0.49 * (1 + math.cos(math.pi * k / 8)) for k in range(8)),
            ],
        ),
    ],
)
def test_schedules(schedule: Any, rates: list[float]) -> None:
    training = Training(max_steps=12, warmup_steps=4, learning_rate=1.0, schedule=schedule)
    assert [rate_at(step, training) for step in range(12)] == pytest.approx(rates)


def test_one_cycle_rises_for_three_tenths_at_least() -> None:
    training = Training(max_steps=100, warmup_steps=0, learning_rate=1.0, schedule="one_cycle")
    rates = [rate_at(step, training) for step in range(100)]
    assert rates.index(max(rates)) == 29
    assert rates == pytest.approx([*sorted(rates[:30]), *sorted(rates[30:], reverse=True)])


def test_falling_schedules_end_where_they_are_told_to() -> None:
    for schedule in ("linear", "cosine", "one_cycle"):
        training = Training.model_validate(
            {
                "max_steps": 12,
                "warmup_steps": 0,
                "learning_rate": 2.0,
                "schedule": schedule,
                "final_rate": 0.5,
            }
        )
        assert rate_at(12, training) == pytest.approx(1.0)


def test_warming_up_never_takes_more_than_half() -> None:
    training = Training(max_steps=10, warmup_steps=1000, learning_rate=1.0, schedule="constant")
    assert [rate_at(step, training) for step in (0, 4, 5)] == pytest.approx([0.2, 1.0, 1.0])
    assert rate_at(0, Training(max_steps=1, learning_rate=0.5)) == pytest.approx(0.5)


def test_plateau_lowers_the_rate_when_the_loss_stops_falling() -> None:
    training = Training(schedule="plateau", plateau_patience=2, plateau_factor=0.5, final_rate=0.2)
    progress = Progress()
    scales = []
    for loss in (3.0, 2.0, 2.0, 2.5, 1.0, 1.5, None, 1.5, 1.5, 1.5, 1.5):
        progress.metrics = {"validation_loss": loss}
        note_plateau(training, progress)
        scales.append(progress.plateau_scale)
    assert scales == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]
    still = Progress(metrics={"validation_loss": 9.0}, plateau_best=1.0)
    note_plateau(Training(), still)
    assert still == Progress(metrics={"validation_loss": 9.0}, plateau_best=1.0)


# --- optimisers ----------------------------------------------------------------------------------------


def one_step(model: nn.Linear, gradient: float, **fields: Any) -> None:
    training = Training.model_validate({"learning_rate": 0.1, **fields})
    optimizer = make_optimizer(model, training)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, gradient)
    optimizer.step()


def linear() -> nn.Linear:
    model = nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.fill_(2.0)
        model.bias.fill_(2.0)
    return model


@pytest.mark.parametrize("optimizer", OPTIMISERS)
def test_weight_decay_is_decoupled_and_spares_vectors(optimizer: str) -> None:
    """Without a gradient the matrix shrinks by rate times decay, and nothing else moves."""
    model = linear()
    one_step(model, 0.0, optimizer=optimizer, weight_decay=0.3)
    rate = 0.1
    assert torch.allclose(model.weight, torch.full((2, 3), 2.0 * (1 - rate * 0.3)))
    assert torch.equal(model.bias, torch.full((2,), 2.0))


@pytest.mark.parametrize("optimizer", OPTIMISERS)
def test_a_gradient_moves_weights_against_it(optimizer: str) -> None:
    model = linear()
    one_step(model, 0.5, optimizer=optimizer, weight_decay=0.0)
    assert (model.weight < 2.0).all()
    assert (model.bias < 2.0).all()


def test_momentum_is_what_the_recipe_says() -> None:
    for name in ("adamw", "lion"):
        made = make_optimizer(
            linear(), Training.model_validate({"optimizer": name, "momentum": 0.7, "beta2": 0.8})
        )
        assert [group["betas"] for group in made.param_groups] == [(0.7, 0.8), (0.7, 0.8)]
    (group, _) = make_optimizer(linear(), Training(optimizer="sgd", momentum=0.0)).param_groups
    assert (group["momentum"], group["nesterov"]) == (0.0, False)


# --- the L1 penalty ------------------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0.5, torch.tensor(0.5)])
def test_l1_draws_to_zero_and_stops_there(threshold: float | torch.Tensor) -> None:
    weight = torch.tensor([[2.0, 0.4, 0.0, -0.5, -3.0]])
    draw_to_zero([weight], threshold)
    assert torch.equal(weight, torch.tensor([[1.5, 0.0, 0.0, 0.0, -2.5]]))


def test_l1_makes_weights_exactly_zero_in_a_run(tmp_path: Path) -> None:
    zeros = []
    for strength in (0.0, 0.2):
        recipe, run = tiny.new_run(tmp_path, f"training.l1={strength}", "training.max_steps=12")
        assert isinstance(list(tiny.training(recipe, run))[-1], events.Finished)
        weights = load_file(run.checkpoint(12) / "model.safetensors")
        zeros.append(int((weights["head.weight"] == 0).sum()))
        assert (weights["head.bias"] != 0).any()
    assert zeros[0] == 0
    assert zeros[1] > 100


# --- what the task reports -----------------------------------------------------------------------------


def test_a_metric_that_no_evaluation_reports_is_refused() -> None:
    for path in ("early_stopping.metric", "checkpoints.best_metric"):
        with pytest.raises(RecipeError, match=f"training.{path} 'perplexity'.*one of validation_loss"):
            tiny.recipe(f"training.{path}='perplexity'")
    assert tiny.recipe("training.early_stopping.metric='sentence_accuracy'")


def test_the_recipe_names_the_figures_that_the_task_reports() -> None:
    seen = tiny.finished_run().read_index().entries
    assert {name for entry in seen for name in entry.metrics} == set(tiny.recipe().task.METRICS)
