"""Rates by layer."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio import tasks
from studio.data.prepare import prepare
from studio.engine.layer_rates import depths
from studio.engine.optimisation import make_optimizer
from studio.recipe import Recipe
from tests import tiny_texts


def model_of(recipe: Recipe) -> nn.Module:
    made: nn.Module = tasks.create(recipe.task).prepare(prepare(recipe.data, recipe.task)).build_model(recipe)
    return made


def test_how_deep_weights_are() -> None:
    found = depths(
        ["embedding.weight", "ngrams.table", "input_norm.bias", "encoder.layers.0.expand.weight",
         "encoder.layers.2.expand.weight", "encoder.norm.weight", "head.weight", "bias"]
    )  # fmt: skip
    assert list(found.values()) == [4, 4, 4, 3, 1, 0, 0, 0]
    recurrent = depths(
        ["embedding.weight", "encoder.recurrent.weight_ih_l0_reverse", "encoder.recurrent.bias_hh_l1"]
    )
    assert list(recurrent.values()) == [3, 2, 1]
    assert depths(["embedding.weight", "head.weight"]) == {"embedding.weight": 1, "head.weight": 0}


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "adafactor", "lion"])
def test_steps_take_the_rate_of_their_depth(optimizer: str) -> None:
    recipe = tiny_texts.masked("training.layer_rates=0.5", f"training.optimizer={optimizer}")
    model = model_of(recipe)
    made = make_optimizer(model, recipe.training)
    torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=1.0)  # whose step is watched from now on, too
    for rate in (0.1, 0.1, 0.05, 0.05):  # a rate may become what a layer's was before
        for group in made.param_groups:
            group["lr"] = rate
        for weight in model.parameters():
            weight.grad = torch.ones_like(weight)
        made.step()
        assert {group["lr"] / rate for group in made.param_groups} == {
            0.5**depth for depth in set(depths(name for name, _ in model.named_parameters()).values())
        }
    assert made.param_groups[0]["lr"] == 0.05, "what is told is the rate of the top"
    every = [id(weight) for group in made.param_groups for weight in group["params"]]
    assert sorted(every) == sorted(map(id, model.parameters()))


def test_lower_layers_move_less() -> None:
    recipe = tiny_texts.masked("training.layer_rates=0.1", "training.optimizer=sgd", "training.momentum=0")
    model = model_of(recipe)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    made = make_optimizer(model, recipe.training)
    for group in made.param_groups:
        group["lr"] = 1.0
        group["decay"] = 0.0
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    made.step()
    moved = {
        name: float((before[name] - weight.detach()).abs().max()) for name, weight in model.named_parameters()
    }
    assert moved["bias"] == pytest.approx(1, abs=1e-4)
    assert moved["encoder.layers.0.expand.weight"] == pytest.approx(0.1, abs=1e-4)
    assert moved["ngrams.table"] == pytest.approx(0.01, abs=1e-4)


def test_one_rate_for_all_is_what_it_was() -> None:
    recipe = tiny_texts.masked()
    made = make_optimizer(model_of(recipe), recipe.training)
    assert len(made.param_groups) == 2 and all("factor" not in group for group in made.param_groups)
