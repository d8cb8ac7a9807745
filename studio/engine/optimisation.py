"""Optimisers and learning-rate schedules of a recipe."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from lion_pytorch import Lion
from torch import Tensor, nn

from studio.engine.layer_rates import scale_rates, split_groups
from studio.engine.rows import RowAdamW, tables
from studio.recipe import Training

_RISE = 0.3  # share of a run in which one_cycle rises, and
_FOOT = 1 / 25  # the share of the highest rate it starts at: Smith and Topin 2018 (arXiv:1708.07120)


def make_optimizer(model: nn.Module, training: Training) -> torch.optim.Optimizer:
    """The recipe's optimiser over the weights that are trained; lower layers at lower rates, if it says so.

    Weight decay is decoupled from the gradient with every one (Loshchilov and Hutter 2019, arXiv:1711.05101),
    and applies to matrices only, as is customary.
    """
    trained = [p for p in model.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": training.weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    if training.layer_rates == 1:
        return _optimizer(model, training, groups)
    made = _optimizer(model, training, split_groups(model, groups, training.layer_rates))
    scale_rates(made)
    return made


def _optimizer(model: nn.Module, training: Training, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    rate, betas = training.learning_rate, (training.momentum, training.beta2)
    if training.optimizer == "sgd":
        return DecayingSGD(groups, rate, training.momentum)
    if training.optimizer == "adafactor":
        # Shazeer and Stern 2018 (arXiv:1804.04235); torch's own, so that its state has torch's names.
        return torch.optim.Adafactor(groups, lr=rate)
    if training.optimizer == "lion":
        # Chen et al. 2023 (arXiv:2302.06675).
        return Lion(groups, lr=rate, betas=betas)
    # The second moment forgets faster than by default because runs are short.
    return RowAdamW(groups, tables(model), lr=rate, betas=betas)


class DecayingSGD(torch.optim.SGD):
    """SGD with Nesterov's momentum and decoupled weight decay; torch's own adds the decay to the gradient."""

    def __init__(self, groups: list[dict[str, Any]], rate: float, momentum: float) -> None:
        # Taken out of torch's sight, which would add it to the gradient.
        groups = [{**group, "weight_decay": 0.0, "decay": group["weight_decay"]} for group in groups]
        super().__init__(groups, lr=rate, momentum=momentum, nesterov=momentum > 0, fused=True)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One step; left out as a whole where `found_inf` says so."""
        left_out: Tensor | None = getattr(self, "found_inf", None)
        for group in self.param_groups:
            shrinkage = group["lr"] * group["decay"]
            weights = [p for p in group["params"] if p.grad is not None]
            if shrinkage and weights:
                factor = 1 - shrinkage if left_out is None else 1 - shrinkage * (1 - left_out)
                torch._foreach_mul_(weights, factor)
        return super().step(closure)


@torch.no_grad()
def draw_to_zero(weights: Iterable[Tensor], threshold: float | Tensor) -> None:
    """The proximal step of an L1 penalty: every weight moves towards zero by `threshold`, and stays there.

    Apart from the gradient, as weight decay is: a subgradient in Adam's second moment would be scaled away, and
    leave no weight exactly zero. See Parikh and Boyd 2014, Proximal algorithms, 6.5.2.
    """
    for weight in weights:
        bound = torch.as_tensor(threshold, dtype=weight.dtype, device=weight.device)
        weight.sub_(weight.clamp(-bound, bound))


def rate_at(step: int, training: Training) -> float:
    """The learning rate of a step (counted from 0): warm-up, then the recipe's schedule.

    The plateau schedule is constant here: what it has come down to is part of the progress, see `selection`.
    """
    highest, last = training.learning_rate, training.max_steps
    warmup = min(training.warmup_steps, last // 2)
    if training.schedule == "one_cycle":
        # Momentum stays as it is, since AdamW's matters less for this than SGD's.
        warmup = max(warmup, int(_RISE * last))
        if step < warmup:
            return highest * (_FOOT + (1 - _FOOT) * _fall(1 - (step + 1) / warmup))
    elif step < warmup:
        return highest * (step + 1) / warmup
    if training.schedule in ("constant", "plateau"):
        return highest
    progress = min(1.0, (step - warmup) / max(1, last - warmup))
    shape = 1 - progress if training.schedule == "linear" else _fall(progress)
    return highest * (training.final_rate + (1 - training.final_rate) * shape)


def _fall(progress: float) -> float:
    """Half a cosine, from 1 to 0."""
    return 0.5 * (1 + math.cos(math.pi * progress))
