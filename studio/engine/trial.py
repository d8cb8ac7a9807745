"""Which batches a trial makes its steps with, and how long those take.

A batch of many short rows takes another time than one of few long rows, so short, middling and long ones are
tried, after a first step with the batch that needs most memory.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

_LEAST, _MOST = 3, 30  # steps measured, after the first one
_SECONDS = 5.0  # of steps, after which no further round is begun
_SLOW, _VERY_SLOW = 4.0, 15.0  # seconds of the first step from which two more, or one more, must do
_QUANTILES = (0.5, 0.1, 0.9)


class Stopwatch:
    """Notes how long steps, and the optimiser's part of them, take; waits for a GPU before each look.

    A step is over when the optimiser has moved the weights: the one place that no way of training goes round.

    Attributes:
        steps, optimizer: seconds of each step.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._began = self._moved = 0.0
        self.steps: list[float] = []
        self.optimizer: list[float] = []

    def now(self) -> float:
        """Seconds, once all that was asked of the device is done."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return time.perf_counter()

    def restart(self) -> None:
        """What was done since the last step is no part of the next one."""
        self._began = self.now()

    @contextlib.contextmanager
    def watching(self, after_step: Callable[[], None]) -> Iterator[None]:
        """Time every optimiser step of this process meanwhile, and call `after_step` after each."""

        def before(*_: Any) -> None:
            self._moved = self.now()

        def after(*_: Any) -> None:
            now = self.now()
            self.steps.append(now - self._began)
            self.optimizer.append(now - self._moved)
            after_step()
            self._began = self.now()

        hooks = [register_optimizer_step_pre_hook(before), register_optimizer_step_post_hook(after)]
        self.restart()
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()


class Plan:
    """The batches of a trial.

    Args:
        batches: all batches of an epoch, as numbers of examples.
        lengths: of the examples.
        accumulation: batches a step.

    Attributes:
        begun: the steps have begun; before, whoever asks is given the batch that needs most.
    """

    def __init__(self, batches: Sequence[np.ndarray], lengths: np.ndarray, accumulation: int) -> None:
        self._batches, self._accumulation = batches, accumulation
        self._longest = np.array([int(lengths[batch].max()) for batch in batches])
        self._positions = self._longest * np.array([len(batch) for batch in batches])
        # Of batches of the same size, the one with the longest rows needs most.
        self._largest = int(np.lexsort((self._longest, self._positions))[-1])
        self._by_length = np.argsort(self._longest, kind="stable")
        self._taken = 0
        self.begun = False

    def next_batch(self) -> np.ndarray:
        """The examples of the next batch; those of one step are of one kind."""
        if not self.begun:
            return self._batches[self._largest]
        place = self._place(self._taken // self._accumulation)
        self._taken += 1
        return self._batches[place]

    def batch_seconds(self, steps: Sequence[float], optimizer: float) -> float:
        """The mean duration of a batch over the whole epoch, in seconds, the optimiser's part left out.

        Args:
            steps: durations of the steps made, in their order; the first one warmed up and does not count.
            optimizer: the part of each that does not depend on the batch.
        """
        rates: dict[int, list[float]] = {}
        for number, seconds in list(enumerate(steps))[1:] or [(0, steps[0])]:
            place = self._place(number)
            share = max(0.0, seconds - optimizer) / self._accumulation / int(self._positions[place])
            rates.setdefault(int(self._longest[place]), []).append(share)
        at = sorted(rates)
        rate = np.interp(self._longest, at, [float(np.median(rates[length])) for length in at])
        return float((rate * self._positions).mean())

    def _place(self, step: int) -> int:
        """Which batch a step sees: first the largest, then in turn one of each length, each time another."""
        if step == 0:
            return self._largest
        lap, turn = divmod(step - 1, len(_QUANTILES))
        place = round(_QUANTILES[turn] * (len(self._by_length) - 1)) + lap
        return int(self._by_length[place % len(self._by_length)])


def enough(steps: Sequence[float]) -> bool:
    """Whether steps of these durations tell what a trial is to find out."""
    measured = len(steps) - 1
    if steps[0] > _SLOW and measured >= (1 if steps[0] > _VERY_SLOW else 2):
        return True
    whole = measured >= _LEAST and measured % len(_QUANTILES) == 0
    return whole and (sum(steps) > _SECONDS or measured >= _MOST)
