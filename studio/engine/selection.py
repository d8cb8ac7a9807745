"""What follows from the newest figures: the best checkpoint, a lower learning rate, the end."""

from __future__ import annotations

import math

from studio.engine.progress import Progress
from studio.recipe import Training
from studio.recipe.task import lower_is_better


def improves(metric: str, value: float | None, best: float | None, least: float = 0.0) -> bool:
    """Whether a figure beats the best one by more than `least`; losses are better when lower."""
    if value is None or not math.isfinite(value):
        return False
    if best is None:
        return True
    return best - value > least if lower_is_better(metric) else value - best > least


def note_checkpoint(training: Training, progress: Progress) -> bool:
    """Whether a checkpoint with the newest figures is the best one; remembers them if so."""
    metric = training.checkpoints.best_metric
    value = progress.metrics.get(metric)
    if not improves(metric, value, progress.best):
        return False
    progress.best = value
    return True


def note_plateau(training: Training, progress: Progress) -> None:
    """Lower the rate of the plateau schedule once the validation loss has stopped falling."""
    if training.schedule != "plateau":
        return
    metric = "validation_loss"
    value = progress.metrics.get(metric)
    if improves(metric, value, progress.plateau_best):
        progress.plateau_best, progress.plateau_waiting = value, 0
        return
    progress.plateau_waiting += 1
    if progress.plateau_waiting >= training.plateau_patience:
        lowered = progress.plateau_scale * training.plateau_factor
        progress.plateau_scale, progress.plateau_waiting = max(lowered, training.final_rate), 0


def note_evaluation(training: Training, progress: Progress) -> bool:
    """Whether early stopping ends the run after the newest figures; counts evaluations in vain."""
    rule = training.early_stopping
    value = progress.metrics.get(rule.metric)
    if improves(rule.metric, value, progress.watched, rule.min_change):
        progress.watched, progress.waiting = value, 0
    else:
        progress.waiting += 1
    return has_stopped_early(training, progress)


def has_stopped_early(training: Training, progress: Progress) -> bool:
    """Whether early stopping has ended the run already: what is then left to do is the test."""
    rule = training.early_stopping
    return rule.enabled and progress.waiting >= rule.patience
