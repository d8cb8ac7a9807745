"""Where a run stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.engine.order import Position
from studio.tasks.base import Metrics


@dataclass
class Progress:
    """Where a run stands; everything in it is saved with each checkpoint.

    Attributes:
        step: optimiser steps done, those included whose update was left out.
        position: the next batch.
        filled_by: what fills batches up to the token budget, on which their order depends: "symbols" as they are fed;
            runs that were begun before there was a choice count "characters".
        epoch: epochs seen, with fraction.
        seconds: training time, evaluations left out.
        precision: chosen once a run, because another one would change the figures.
        rate_scale: what the schedule's rate is multiplied with after a change by hand.
        best: the best value so far of the figure that decides on the best checkpoint; None before the first.
        waiting: evaluations without improvement, for early stopping.
        watched: the best value so far of the figure that early stopping watches.
        plateau_scale: what the plateau schedule has come down to, as a share of the highest rate.
        plateau_waiting: evaluations since the validation loss last fell.
        plateau_best: the lowest validation loss so far, for the plateau schedule.
        skipped: steps whose update was left out because it was not finite.
        skipped_in_row: how many of them were the last ones.
        metrics: figures of the weights of this very step; empty if they were not evaluated.
    """

    step: int = 0
    position: Position = field(default_factory=Position)
    filled_by: str = "symbols"
    epoch: float = 0.0
    seconds: float = 0.0
    precision: str = "fp32"
    rate_scale: float = 1.0
    best: float | None = None
    waiting: int = 0
    watched: float | None = None
    plateau_scale: float = 1.0
    plateau_waiting: int = 0
    plateau_best: float | None = None
    skipped: int = 0
    skipped_in_row: int = 0
    metrics: Metrics = field(default_factory=dict)
