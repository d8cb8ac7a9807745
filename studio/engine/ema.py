"""A running mean of the weights: smoother than the weights of any one step, and usually better."""

from __future__ import annotations

import copy

import torch
from torch import nn


class WeightAverage:
    """An exponential moving average (Polyak and Juditsky 1992) of a model's weights, as a model of its own.

    Attributes:
        model: has the averaged weights; for looking at, never trained.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self._source = model
        self._decay = decay

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after a step, counted from 1. Nothing is remembered but the average itself."""
        share = 1 - decay_at(step, self._decay)
        trained = [
            (ours, theirs.detach())
            for ours, theirs in zip(self.model.parameters(), self._source.parameters(), strict=True)
            if theirs.requires_grad
        ]
        torch._foreach_lerp_([ours for ours, _ in trained], [theirs for _, theirs in trained], share)
        for ours, theirs in zip(self.model.buffers(), self._source.buffers(), strict=True):
            ours.copy_(theirs)


def decay_at(step: int, decay: float) -> float:
    """How much of the old average stays: less at first, so that the random start is soon forgotten."""
    return min(decay, (1 + step) / (10 + step))
