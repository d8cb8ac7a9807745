"""One optimiser step: losses, gradients, update."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from studio.engine.ema import WeightAverage
from studio.engine.optimisation import draw_to_zero
from studio.engine.sharding import local, whole
from studio.engine.state import Learner
from studio.engine.team import Team
from studio.recipe import Training
from studio.tasks.base import Batch


@dataclass(frozen=True)
class StepResult:
    """What a step came to; the tensors are scalars that stay on the device, so that nobody waits for it.

    Attributes:
        loss: summed over the positions of all processes, in nats.
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
        self,
        training: Training,
        learner: Learner,
        accelerator: Accelerator,
        average: WeightAverage | None,
        team: Team | None = None,
    ) -> None:
        self._training, self._accelerator, self._average = training, accelerator, average
        self._team = team or Team()
        self._sharded = learner.sharded
        self._raw = learner.optimizer
        self._device = learner.device
        # A sharded model needs no wrapping but for the precision; others become DDP's where there are several.
        with warnings.catch_warnings():
            # Newer releases of torch call the option otherwise; Accelerate passes it on by its old name.
            warnings.filterwarnings("ignore", message=".*broadcast_buffers", category=FutureWarning)
            self.model = accelerator.prepare_model(learner.model, evaluation_mode=learner.sharded)
        self._optimizer = accelerator.prepare_optimizer(learner.optimizer)
        self._matrices = [local(p) for p in learner.model.parameters() if p.requires_grad and p.ndim >= 2]

    def step(self, batches: Sequence[Batch], rate: float, number: int) -> StepResult:
        """Learn from some batches at once.

        Args:
            batches: this process's; the others learn from theirs at the same time.
            rate: the learning rate of this step.
            number: of this step, counted from 1.
        """
        for group in self._raw.param_groups:
            group["lr"] = rate
        positions = self._team.total(sum(batch.positions for batch in batches))
        # Gradients are averaged over the processes, and wanted is their sum.
        share = max(positions, 1) / self._team.size
        loss = torch.zeros((), device=self._device)
        for place, batch in enumerate(batches, start=1):
            with self._apart(place < len(batches)):
                part = self.model(**batch.to(self._device).inputs)
                self._accelerator.backward(part / share)
            loss += part.detach()
        self._team.add_up(loss)
        norm = self._clip(self._training.clip_norm or math.inf)
        broken = ~torch.isfinite(loss)
        if self._accelerator.scaler is None:
            # With a scaled loss, gradients that run over are how the scale is found: the scaler drops them.
            broken |= ~torch.isfinite(norm)
        self._update(broken, rate)
        self._optimizer.zero_grad()
        if self._average:
            self._average.update(number)
        return StepResult(loss, positions, norm, broken)

    def _clip(self, limit: float) -> Tensor:
        """Bring the gradient to a norm of at most `limit`; what it was before."""
        if self._device.type != "cpu" or self._sharded:
            return whole(self._accelerator.clip_grad_norm_(self.model.parameters(), limit))
        # Here asking costs nothing, and leaving alone what is short enough saves a pass over all gradients.
        gradients = list(_gradients(self.model.parameters()))
        norm = torch.nn.utils.get_total_norm(gradients)
        if norm > limit:
            torch._foreach_mul_(gradients, float(limit / (norm + 1e-6)))
        return norm

    def _apart(self, more: bool) -> contextlib.AbstractContextManager[object]:
        """Leave gradients unsent while `more` batches of the step are to come."""
        unsent = getattr(self.model, "no_sync", None)
        return unsent() if more and unsent is not None else contextlib.nullcontext()

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
        return (
            not self._sharded
            and self._device.type == "cuda"
            and bool(getattr(self._raw, "_step_supports_amp_scaling", False))
        )


def _gradients(weights: Iterable[nn.Parameter]) -> Iterator[Tensor]:
    """Dense gradients, and of sparse ones the rows that they hold, each once."""
    for weight in weights:
        if weight.grad is None:
            continue
        if weight.grad.is_sparse:
            rows = weight.grad._indices()[0]
            if not (rows[1:] > rows[:-1]).all():  # those of several batches lie one behind the other
                weight.grad = weight.grad.coalesce()
            yield weight.grad._values()
        else:
            yield weight.grad
