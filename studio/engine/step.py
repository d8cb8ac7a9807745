"""One optimiser step: losses, gradients, update."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor

from studio.engine.ema import WeightAverage
from studio.engine.optimisation import draw_to_zero
from studio.engine.state import Learner
from studio.recipe import Training
from studio.tasks.base import Batch


@dataclass(frozen=True)
class StepResult:
    """What a step came to; the tensors are scalars that stay on the device, so that nobody waits for it.

    Attributes:
        loss: summed over the positions, in nats.
        norm: of the gradient of the mean loss, before it is clipped.
        broken: whether loss or gradient was no finite number.
    """

    loss: Tensor
    positions: int
    norm: Tensor
    broken: Tensor


class Stepper:
    """Makes the optimiser steps of a run."""

    def __init__(
        self, training: Training, learner: Learner, accelerator: Accelerator, average: WeightAverage | None
    ) -> None:
        self._training, self._accelerator, self._average = training, accelerator, average
        self._raw = learner.optimizer
        self._device = learner.device
        self.model, self._optimizer = accelerator.prepare(learner.model, learner.optimizer)
        self._matrices = [p for p in learner.model.parameters() if p.requires_grad and p.ndim >= 2]

    def step(self, batches: Sequence[Batch], rate: float, number: int) -> StepResult:
        """Learn from some batches at once.

        Args:
            rate: the learning rate of this step.
            number: of this step, counted from 1.
        """
        for group in self._raw.param_groups:
            group["lr"] = rate
        positions = sum(batch.positions for batch in batches)
        loss = torch.zeros((), device=self._device)
        for batch in batches:
            part = self.model(**batch.to(self._device).inputs)
            self._accelerator.backward(part / max(positions, 1))
            loss += part.detach()
        limit = self._training.clip_norm or math.inf
        norm: Tensor = self._accelerator.clip_grad_norm_(self.model.parameters(), limit)
        broken = ~torch.isfinite(loss)
        if self._accelerator.scaler is None:
            # With a scaled loss, gradients that run over are how the scale is found: the scaler drops them.
            broken |= ~torch.isfinite(norm)
        self._update(broken, rate)
        self._optimizer.zero_grad()
        if self._average:
            self._average.update(number)
        return StepResult(loss, positions, norm, broken)

    def _update(self, broken: Tensor, rate: float) -> None:
        """Move the weights, unless the recipe leaves a broken step out."""
        kept: float | Tensor = 1.0
        if self._training.on_nan == "skip" and self._accelerator.scaler is None:
            if self._leaves_out_on_device():
                # What the scaler of half precision uses: the kernel looks at the flag, nobody waits for it.
                left_out = broken.float()
                self._raw.found_inf = left_out  # type: ignore[attr-defined]
                kept = 1.0 - left_out
            elif bool(broken):
                return
        self._optimizer.step()
        if self._training.l1:
            draw_to_zero(self._matrices, rate * self._training.l1 * kept)

    def _leaves_out_on_device(self) -> bool:
        """Whether asking for the flag would make the host wait, and the optimiser can do without that."""
        return self._device.type == "cuda" and bool(getattr(self._raw, "_step_supports_amp_scaling", False))
