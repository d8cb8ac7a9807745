"""Optimisers and learning-rate schedules of a recipe."""

from __future__ import annotations

import math

import torch
from torch import nn

from studio.recipe import Training

_FLOOR = 0.02  # share of the highest rate that decaying schedules end at


def make_optimizer(model: nn.Module, training: Training) -> torch.optim.Optimizer:
    """The recipe's optimiser; weight decay applies to matrices only, as is customary."""
    matrices = [p for p in model.parameters() if p.requires_grad and p.ndim >= 2]
    others = [p for p in model.parameters() if p.requires_grad and p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": training.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    if training.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=training.learning_rate, momentum=0.9, nesterov=True, fused=True)
    # Loshchilov and Hutter 2019; the second moment forgets faster than by default because runs are short.
    return torch.optim.AdamW(groups, lr=training.learning_rate, betas=(0.9, 0.98), fused=True)


def rate_at(step: int, training: Training) -> float:
    """The learning rate of a step (counted from 0): linear warm-up, then the recipe's schedule."""
    warmup = min(training.warmup_steps, training.max_steps // 2)
    if step < warmup:
        return training.learning_rate * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, training.max_steps - warmup))
    if training.schedule == "constant":
        return training.learning_rate
    shape = 1 - progress if training.schedule == "linear" else 0.5 * (1 + math.cos(math.pi * progress))
    return training.learning_rate * (_FLOOR + (1 - _FLOOR) * shape)
