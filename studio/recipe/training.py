"""How the model is trained: length, batches, optimiser, evaluation, checkpoints."""

from __future__ import annotations

from typing import Literal

from studio.recipe.fields import Section, setting
from studio.recipe.keeping import Checkpoints, EarlyStopping
from studio.recipe.pretrained import Lora
from studio.recipe.task import TYPED

DEFAULT_PROBES = ("jin tian tian qi hen hao", "wo men yi qi qu chi fan ba", "zhong guo ren min yin hang")


class Training(Section):
    """Length, batches, optimiser, schedule, regularisation, evaluation, checkpoints."""

    start_from: str = setting(
        "",
        title="Start from",
        help="A run, a checkpoint or an exported folder whose weights the run begins with, as far as they fit: family "
        "and width must be the same. Empty for random weights.",
        picks="runs",
        max_length=4096,
    )
    start_layers: Literal["first", "spaced"] = setting(
        "first",
        title="Layers taken",
        help="Where the model to start from has another number of layers: the first ones are taken, or ones that are "
        "evenly spaced. Layers that it does not have begin at random.",
        advanced=True,
    )
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
    layer_rates: float = setting(
        1.0,
        title="Rate of lower layers",
        help="What each layer's learning rate is of the one above it, such as 0.9: of a model that began with "
        "another's weights, the lower layers then change less. 1 for the same rate everywhere.",
        step=0.05,
        gt=0,
        le=1,
        advanced=True,
    )
    schedule: Literal["constant", "linear", "cosine", "one_cycle", "plateau"] = setting(
        "cosine",
        title="Schedule",
        help="How the learning rate falls after warm-up. One cycle warms up for three tenths of the run; plateau "
        "lowers the rate whenever the validation loss stops falling.",
    )
    warmup_steps: int = setting(
        50,
        title="Warm-up",
        help="Steps in which the learning rate rises from zero; never more than half of the run.",
        unit="steps",
        ge=0,
        le=1_000_000,
    )
    final_rate: float = setting(
        0.02,
        title="Final rate",
        help="Share of the learning rate that falling schedules end at, and plateau stops at.",
        step=0.01,
        ge=0,
        le=1,
        advanced=True,
    )
    plateau_patience: int = setting(
        3,
        title="Plateau patience",
        help="With the plateau schedule: evaluations without a lower validation loss before the rate falls.",
        unit="evaluations",
        ge=1,
        le=1000,
        advanced=True,
    )
    plateau_factor: float = setting(
        0.5,
        title="Plateau factor",
        help="With the plateau schedule: what the rate is multiplied by each time.",
        step=0.1,
        gt=0,
        lt=1,
        advanced=True,
    )
    optimizer: Literal["adamw", "sgd", "adafactor", "lion"] = setting(
        "adamw",
        title="Optimiser",
        help="AdamW suits nearly everything; SGD is for comparison; Adafactor needs less memory (its rate is "
        "relative to the size of the weights); Lion wants about a fifth of AdamW's rate.",
        advanced=True,
    )
    momentum: float = setting(
        0.9,
        title="Momentum",
        help="How much of the direction of earlier steps stays: SGD's momentum, the first beta of AdamW and Lion.",
        step=0.01,
        ge=0,
        lt=1,
        advanced=True,
    )
    beta2: float = setting(
        0.98,
        title="Second beta",
        help="How slowly AdamW forgets the size of gradients, and Lion their direction.",
        step=0.001,
        ge=0,
        lt=1,
        advanced=True,
    )
    weight_decay: float = setting(
        0.01,
        title="Weight decay",
        help="Pulls weights towards zero in proportion to their size (L2, apart from the gradient); biases and "
        "norms are spared.",
        step=0.01,
        ge=0,
        le=10,
        advanced=True,
    )
    l1: float = setting(
        0.0,
        title="L1 penalty",
        help="Draws weights towards zero at an even pace, so that the small ones become exactly zero; biases and "
        "norms are spared. 0 switches it off.",
        step=1e-5,
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
    frozen: tuple[str, ...] = setting(
        (),
        title="Frozen weights",
        help="Names of weights that are not trained, one pattern a line, such as encoder.* or embedding.*.",
        max_length=100,
        advanced=True,
    )
    lora: Lora = setting(Lora(), title="LoRA", help="Train small adapters instead of the encoder's weights.")
    gradient_checkpointing: bool = setting(
        False,
        title="Gradient checkpointing",
        help="Compute each layer twice instead of keeping what it computed: less memory, about a third slower, the "
        "same result.",
        advanced=True,
    )
    on_nan: Literal["stop", "skip"] = setting(
        "stop",
        title="Not a number",
        help="What to do when a loss or gradient is not a finite number: end the run, or leave that step out.",
        advanced=True,
    )
    skip_limit: int = setting(
        10,
        title="Steps left out",
        help="More steps than these left out in a row end the run.",
        unit="steps",
        ge=0,
        le=1_000_000,
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
    typing_sentences: int = setting(
        200,
        title="Typed sentences",
        help="For pinyin: where typing_top1 or typing_char decides what is best or when to stop, each evaluation types "
        "so many validation sentences as raw letters, with network, counts and words: about 4 s for 100 on one core.",
        unit="sentences",
        step=50,
        ge=1,
        le=100_000,
        advanced=True,
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
    tensorboard: bool = setting(
        False,
        title="TensorBoard files",
        help="Also write the curves as TensorBoard event files into the run folder (needs the package tensorboardX).",
        advanced=True,
    )
    probes: tuple[str, ...] = setting(
        DEFAULT_PROBES,
        title="Pinned probes",
        help="Inputs decoded at every evaluation, one a line.",
        max_length=50,
    )

    @property
    def types(self) -> bool:
        """Whether evaluations type sentences, because a figure of them decides something."""
        return not {self.early_stopping.metric, self.checkpoints.best_metric}.isdisjoint(TYPED)
