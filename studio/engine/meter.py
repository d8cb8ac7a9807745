"""Figures of the steps since they were last told, and the time that is left."""

from __future__ import annotations

import time

import torch
from torch import Tensor

_EVERY = 0.05  # seconds between step events: more is more than anyone sees


class Meter:
    """Adds up losses on the device, so that a step does not wait for the device; reading them does."""

    def __init__(self) -> None:
        self._losses: list[Tensor] = []
        self._norm: Tensor | None = None
        self._positions = 0
        self._steps = 0
        self._seconds = 0.0
        self._pace: float | None = None
        self._evaluation = 0.0
        self._told = time.monotonic()

    def add(self, loss: Tensor, positions: int, norm: Tensor | None, seconds: float) -> None:
        """Count one step: its summed loss, its positions, the norm of its gradient, and its duration."""
        self._losses.append(loss)
        self._norm = norm
        self._positions += positions
        self._steps += 1
        self._seconds += seconds

    def due(self) -> bool:
        """Whether it is time to tell."""
        return self._steps > 0 and time.monotonic() - self._told >= _EVERY

    def evaluated(self, seconds: float) -> None:
        """Remember how long an evaluation takes."""
        self._evaluation = seconds

    def read(self) -> tuple[float, float | None, float]:
        """Mean loss a position, norm of the last gradient, positions a second; starts anew after this."""
        loss = float(torch.stack(self._losses).sum()) / max(self._positions, 1)
        norm = None if self._norm is None else float(self._norm)
        speed = self._positions / max(self._seconds, 1e-9)
        pace = self._seconds / self._steps
        self._pace = pace if self._pace is None else 0.9 * self._pace + 0.1 * pace
        self._losses, self._norm, self._positions, self._steps, self._seconds = [], None, 0, 0, 0.0
        self._told = time.monotonic()
        return loss, norm, speed

    def remaining(self, steps: int, evaluations: int) -> float | None:
        """Seconds that so many steps and evaluations will take, or None before the first measurement."""
        return None if self._pace is None else steps * self._pace + evaluations * self._evaluation
