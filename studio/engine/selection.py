"""Which evaluation is the best so far, and when none will be better."""

from __future__ import annotations

import math

from studio.engine.checkpoints import Progress
from studio.recipe import Training


def improves(metric: str, value: float | None, best: float | None, least: float = 0.0) -> bool:
    """Whether a figure beats the best one by more than `least`; losses are better when lower."""
    if value is None or not math.isfinite(value):
        return False
    if best is None:
        return True
    return best - value > least if metric.endswith("loss") else value - best > least


def note_checkpoint(training: Training, progress: Progress) -> bool:
    """Whether a checkpoint with the newest figures is the best one; remembers them if so."""
    metric = training.checkpoints.best_metric
    value = progress.metrics.get(metric)
    if not improves(metric, value, progress.best):
        return False
    progress.best = value
    return True


def note_evaluation(training: Training, progress: Progress) -> bool:
    """Whether early stopping ends the run after the newest figures; counts evaluations in vain."""
    rule = training.early_stopping
    value = progress.metrics.get(rule.metric)
    if improves(rule.metric, value, progress.watched, rule.min_change):
        progress.watched, progress.waiting = value, 0
    else:
        progress.waiting += 1
    return rule.enabled and progress.waiting >= rule.patience
