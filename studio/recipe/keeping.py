"""Which figures decide: what stays on disk, and when to stop."""

from __future__ import annotations

from studio.recipe.fields import Section, setting
from studio.recipe.task import TASKS, TYPED

# The figures of all tasks; `Recipe` checks against what the task of a recipe reports.
_OFFERED = (*dict.fromkeys(metric for section in TASKS.values() for metric in section.METRICS), *TYPED)
_METRIC = r"^[a-z][a-z0-9_]*$"


class EarlyStopping(Section):
    """Stop when validation no longer improves."""

    enabled: bool = setting(
        False, title="Early stopping", help="End the run when the metric stops improving."
    )
    metric: str = setting(
        "validation_loss",
        title="Watched metric",
        help="Which figure has to improve: validation_loss, or any other that the task reports.",
        offered=_OFFERED,
        pattern=_METRIC,
    )
    patience: int = setting(
        5,
        title="Patience",
        help="Evaluations without improvement before stopping.",
        unit="evaluations",
        ge=1,
        le=1000,
    )
    min_change: float = setting(
        0.0,
        title="Least change",
        help="Smaller improvements do not count.",
        ge=0,
        le=1,
        step=0.001,
        advanced=True,
    )


class Checkpoints(Section):
    """Which checkpoints stay on disk; the best and the last always do."""

    keep: int = setting(
        2, title="Keep recent", help="How many recent checkpoints stay besides the best one.", ge=1, le=1000
    )
    best_metric: str = setting(
        "character_accuracy",
        title="Best by",
        help="The figure that decides which checkpoint is the best: any that the task reports.",
        offered=_OFFERED,
        pattern=_METRIC,
    )
    every_nth: int = setting(
        0,
        title="Keep every n-th",
        help="Of the regular checkpoints every n-th stays too, to look back at; 0 keeps none for that.",
        ge=0,
        le=100_000,
        advanced=True,
    )
    limit: int = setting(
        20,
        title="At most of these",
        help="How many of the n-th checkpoints stay; the oldest go first.",
        unit="checkpoints",
        ge=1,
        le=100_000,
        advanced=True,
    )
