"""How the model is trained: length, batches, optimiser, evaluation, checkpoints."""

from __future__ import annotations

from typing import Literal

from studio.recipe.fields import Section, setting

DEFAULT_PROBES = ("jin tian tian qi hen hao", "wo men yi qi qu chi fan ba", "zhong guo ren min yin hang")


class EarlyStopping(Section):
    """Stop when validation no longer improves."""

    enabled: bool = setting(
        False, title="Early stopping", help="End the run when the metric stops improving."
    )
    metric: Literal["validation_loss", "character_accuracy", "sentence_accuracy"] = setting(
        "validation_loss", title="Watched metric", help="Which figure has to improve."
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
    best_metric: Literal["validation_loss", "character_accuracy", "sentence_accuracy"] = setting(
        "character_accuracy", title="Best by", help="The figure that decides which checkpoint is the best."
    )


class Training(Section):
    """Length, batches, optimiser, schedule, regularisation, evaluation, checkpoints."""

    max_steps: int = setting(
        1000,
        title="Steps",
        help="Optimiser steps; the run ends after this many.",
        unit="steps",
        step=50,
        ge=1,
        le=100_000_000,
    )
    token_budget: int = setting(
        4096,
        title="Tokens a batch",
        help="Each batch holds examples of similar length up to this many positions. Halve it when memory is short.",
        unit="tokens",
        step=256,
        ge=16,
        le=4_194_304,
    )
    accumulation: int = setting(
        1,
        title="Accumulation",
        help="Batches whose gradients are added up before each step.",
        unit="batches",
        ge=1,
        le=1024,
        advanced=True,
    )
    learning_rate: float = setting(
        2e-3,
        title="Learning rate",
        help="The highest rate of the schedule. Too high diverges, too low crawls.",
        step=1e-4,
        gt=0,
        le=10,
    )
    schedule: Literal["constant", "linear", "cosine"] = setting(
        "cosine", title="Schedule", help="How the learning rate falls after warm-up."
    )
    warmup_steps: int = setting(
        50,
        title="Warm-up",
        help="Steps in which the learning rate rises from zero; never more than half of the run.",
        unit="steps",
        ge=0,
        le=1_000_000,
    )
    optimizer: Literal["adamw", "sgd"] = setting(
        "adamw",
        title="Optimiser",
        help="AdamW suits nearly everything; SGD with momentum is for comparison.",
        advanced=True,
    )
    weight_decay: float = setting(
        0.01,
        title="Weight decay",
        help="Pulls weights towards zero (L2).",
        step=0.01,
        ge=0,
        le=10,
        advanced=True,
    )
    clip_norm: float = setting(
        1.0,
        title="Clip gradients at",
        help="Largest norm of the gradient; 0 switches clipping off.",
        step=0.1,
        ge=0,
        le=1000,
        advanced=True,
    )
    label_smoothing: float = setting(
        0.0,
        title="Label smoothing",
        help="Share of the target spread over the other candidates.",
        step=0.01,
        ge=0,
        lt=1,
        advanced=True,
    )
    ema_decay: float = setting(
        0.0,
        title="Average of weights",
        help="Share of the old average kept at each step, such as 0.999; the average is what is evaluated, saved "
        "and exported. 0 switches it off.",
        step=0.001,
        ge=0,
        lt=1,
        advanced=True,
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = setting(
        "auto",
        title="Precision",
        help="'auto' measures a short trial and takes bf16 where it is faster.",
        advanced=True,
    )
    seed: int = setting(1, title="Seed", help="Same seed, recipe and machine: same run.", ge=0, le=2**31 - 1)
    evaluate_every: int = setting(
        100,
        title="Evaluate every",
        help="Steps between evaluations.",
        unit="steps",
        step=10,
        ge=1,
        le=100_000_000,
    )
    evaluation_examples: int = setting(
        1000,
        title="Evaluation examples",
        help="Validation examples used each time; 0 takes all.",
        unit="examples",
        step=100,
        ge=0,
        le=10_000_000,
    )
    checkpoint_every: int = setting(
        200,
        title="Save every",
        help="Steps between checkpoints.",
        unit="steps",
        step=10,
        ge=1,
        le=100_000_000,
    )
    checkpoints: Checkpoints = setting(
        Checkpoints(), title="Checkpoints", help="Which checkpoints stay on disk."
    )
    early_stopping: EarlyStopping = setting(
        EarlyStopping(), title="Early stopping", help="Stop when validation no longer improves."
    )
    probes: tuple[str, ...] = setting(
        DEFAULT_PROBES,
        title="Pinned probes",
        help="Inputs decoded at every evaluation, one a line.",
        max_length=50,
    )
