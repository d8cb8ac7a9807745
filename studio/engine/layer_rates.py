"""Lower learning rates for lower layers, which learn what is of use to every task (Howard and Ruder 2018).

The highest rate is that of the task's own output; each layer below has a share of the one above it, and what stands
below all layers (embeddings) the lowest of all. https://arxiv.org/abs/1801.06146
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from studio.models.depth import BELOW, layer_of, layers_of

_FACTOR, _SCALED = "factor", "scaled"


def depths(names: Iterable[str]) -> dict[str, int]:
    """How far each weight is from the top: 0 for what stands above all layers."""
    found = {name: layer_of(name) for name in names}
    layers = layers_of(found)
    below = {name: layers + 1 for name in found if name.startswith(BELOW)}
    return {name: below.get(name, 0 if number is None else layers - number) for name, number in found.items()}


def split_groups(model: nn.Module, groups: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """An optimiser's groups, each split by depth and with its factor; those of the top come first."""
    depth_of = depths(name for name, _ in model.named_parameters())
    by_weight = {id(weight): depth_of[name] for name, weight in model.named_parameters()}
    made = [
        {**group, "params": [w for w in group["params"] if by_weight[id(w)] == depth], _FACTOR: share**depth}
        for depth in sorted(set(by_weight.values()))
        for group in groups
    ]
    return [group for group in made if group["params"]]


def scale_rates(optimizer: torch.optim.Optimizer) -> None:
    """Let each step take the rate that it is given times the group's factor."""
    optimizer.register_step_pre_hook(_scale)


def _scale(optimizer: torch.optim.Optimizer, _args: object, _kwargs: object) -> None:
    for group in optimizer.param_groups:
        # An optimiser that calls another's step is seen twice: the very rate that was set here is left as it is.
        if _FACTOR in group and group["lr"] is not group.get(_SCALED):
            group["lr"] = group[_SCALED] = group["lr"] * group[_FACTOR]
