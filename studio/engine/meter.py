"""Figures of the steps since they were last told, and the time that is left."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch

from studio.engine.step import StepResult

_EVERY = 0.05  # seconds between step events: more is more than anyone sees


@dataclass(frozen=True)
class Reading:
    """Means over the steps since the last reading.

    Attributes:
        loss: a position, in nats; None if one of the steps was broken.
        norm: of the last gradient; None if it was not finite.
        speed: positions a second.
    """

    loss: float | None
    norm: float | None
    speed: float


class Meter:
    """Adds up losses on the device, so that a step does not wait for the device; reading them does."""

    def __init__(self) -> None:
        self._steps: list[StepResult] = []
        self._looked = 0
        self._gap = False
        self._seconds = 0.0
        self._pace: float | None = None
        self._evaluation = 0.0
        self._told = time.monotonic()

    def add(self, step: StepResult, seconds: float) -> None:
        """Count one step and its duration."""
        self._steps.append(step)
        self._seconds += seconds

    def due(self) -> bool:
        """Whether it is time to tell."""
        return bool(self._steps) and time.monotonic() - self._told >= _EVERY

    def evaluated(self, seconds: float) -> None:
        """Remember how long an evaluation takes."""
        self._evaluation = seconds

    def broken(self) -> list[bool]:
        """Of each step that was not asked for yet, whether it was broken; waits for the device."""
        flags = [step.broken for step in self._steps[self._looked :]]
        self._looked = len(self._steps)
        found: list[bool] = torch.stack(flags).tolist() if flags else []
        self._gap = self._gap or any(found)
        return found

    def read(self) -> Reading:
        """What the steps since the last reading came to; there has to be one. Waits for the device."""
        self.broken()
        positions = sum(step.positions for step in self._steps)
        loss = float(torch.stack([step.loss for step in self._steps]).sum()) / max(positions, 1)
        norm = float(self._steps[-1].norm)
        pace = self._seconds / len(self._steps)
        self._pace = pace if self._pace is None else 0.9 * self._pace + 0.1 * pace
        reading = Reading(
            loss=loss if math.isfinite(loss) and not self._gap else None,
            norm=norm if math.isfinite(norm) else None,
            speed=positions / max(self._seconds, 1e-9),
        )
        self._steps, self._looked, self._gap, self._seconds = [], 0, False, 0.0
        self._told = time.monotonic()
        return reading

    def remaining(self, steps: int, evaluations: int) -> float | None:
        """Seconds that so many steps and evaluations will take, or None before the first measurement."""
        return None if self._pace is None else steps * self._pace + evaluations * self._evaluation
