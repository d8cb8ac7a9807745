"""What a run tells: frozen dataclasses in one tagged union, one JSON object a line.

A figure that is not a number (a diverged loss) travels as null and is None here: plots show a gap.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

PhaseName = Literal[
    "starting",
    "downloading",
    "preparing_data",
    "building_model",
    "training",
    "evaluating",
    "saving",
    "ending",
]
EndReason = Literal["max_steps", "early_stopping", "stopped", "cancelled", "paused"]


@dataclass(frozen=True, kw_only=True)
class _Event:
    """`at` is seconds since the epoch, taken when the event was made."""

    at: float = field(default_factory=time.time)


@dataclass(frozen=True, kw_only=True)
class RunStarted(_Event):
    """The run has its folder and its worker; nothing is loaded yet."""

    type: Literal["run_started"] = "run_started"
    name: str
    folder: str
    pid: int
    total_steps: int
    from_step: int = 0


@dataclass(frozen=True, kw_only=True)
class Phase(_Event):
    """What the worker is busy with; `done` of `total` where it is known (total 0: unknown)."""

    type: Literal["phase"] = "phase"
    name: PhaseName
    detail: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class ModelBuilt(_Event):
    """The network stands on its device and the data is at hand.

    Attributes:
        parameters: numbers that the model holds.
        trainable: those of them that are trained; None in journals that do not say.
    """

    type: Literal["model_built"] = "model_built"
    parameters: int
    trainable: int | None = None
    device: str
    precision: str
    train_examples: int
    train_positions: int


@dataclass(frozen=True, kw_only=True)
class StartedFrom(_Event):
    """The run begins with another model's weights, as far as they fit.

    Attributes:
        name, task, step: of that model: its recipe's name, and the step of its weights.
        path: of its folder.
        taken: names of the weights that are that model's.
        resized: of those matched row by row, how many rows were found and how many there are.
        new: names of those that begin at random.
        left: names of that model's weights that are not used.
        layers: where it has more or fewer layers, for each layer the one of that model's that it is, -1 if it is new.
        licence: of an encoder that others have trained, as its folder states it; empty if it does not.
    """

    type: Literal["started_from"] = "started_from"
    name: str
    task: str
    step: int
    path: str
    taken: tuple[str, ...] = ()
    resized: dict[str, tuple[int, int]] = field(default_factory=dict)
    new: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    layers: tuple[int, ...] = ()
    licence: str = ""


@dataclass(frozen=True, kw_only=True)
class Step(_Event):
    """One optimiser step, or several since the last such event.

    Attributes:
        loss: mean training loss a position over those steps, in nats; None if it was not finite.
        positions_per_second: over those steps, padding not counted.
        seconds: training time so far, evaluations and pauses left out.
        remaining: estimated seconds until the end of the run, evaluations included; None at first.
    """

    type: Literal["step"] = "step"
    step: int
    epoch: float
    loss: float | None
    learning_rate: float
    gradient_norm: float | None
    positions_per_second: float
    seconds: float
    remaining: float | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluation(_Event):
    """Figures on one split: `validation_loss`, `character_accuracy`, `sentence_accuracy`, ..."""

    type: Literal["evaluation"] = "evaluation"
    step: int
    split: Literal["validation", "test"]
    metrics: dict[str, float | None]
    examples: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One decoded text with its probability (0 to 1) among all that were considered."""

    text: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Sample(_Event):
    """What the model makes of a pinned probe, or of a text asked for by `commands.Probe` (then with its id)."""

    type: Literal["sample"] = "sample"
    step: int
    input: str
    candidates: tuple[Candidate, ...]
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckpointSaved(_Event):
    """A whole checkpoint is on disk; `path` is relative to the run folder."""

    type: Literal["checkpoint_saved"] = "checkpoint_saved"
    step: int
    path: str
    best: bool
    size: int
    metrics: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WeightsPublished(_Event):
    """`live/` holds the weights of this step."""

    type: Literal["weights_published"] = "weights_published"
    step: int


@dataclass(frozen=True, kw_only=True)
class Warned(_Event):
    """Something a person should know that does not end the run."""

    type: Literal["warning"] = "warning"
    kind: str
    message: str
    step: int = 0


@dataclass(frozen=True, kw_only=True)
class Paused(_Event):
    """The whole state is saved and the device is free; the run can be resumed from `step`."""

    type: Literal["paused"] = "paused"
    step: int


@dataclass(frozen=True, kw_only=True)
class Finished(_Event):
    """The run ended in order."""

    type: Literal["finished"] = "finished"
    step: int
    reason: EndReason
    metrics: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Failed(_Event):
    """The run ended on an error: what kind, why, what to do, and the trace for a report.

    Attributes:
        remedy: changes to the recipe that would likely help, as `dotted.key=value`; empty if none is known.
    """

    type: Literal["failed"] = "failed"
    kind: str
    cause: str
    fix: str
    trace: str = ""
    step: int = 0
    remedy: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GpuState:
    """What a GPU is doing, whoever uses it; None for what it does not tell.

    Attributes:
        memory: in use, in bytes, of `memory_total`.
        utilisation: share of the time in which it computed, 0 to 1.
        temperature: in degrees Celsius.
    """

    memory: int
    memory_total: int
    utilisation: float | None = None
    temperature: float | None = None


@dataclass(frozen=True, kw_only=True)
class Heartbeat(_Event):
    """A sign of life, also while nothing else is to be told.

    Attributes:
        memory: the worker's resident set, in bytes.
        gpu: the GPU that the worker trains on; None on a processor.
    """

    type: Literal["heartbeat"] = "heartbeat"
    memory: int
    gpu: GpuState | None = None


Event = (
    RunStarted
    | Phase
    | ModelBuilt
    | StartedFrom
    | Step
    | Evaluation
    | Sample
    | CheckpointSaved
    | WeightsPublished
    | Warned
    | Paused
    | Finished
    | Failed
    | Heartbeat
)

_adapter: TypeAdapter[Event] = TypeAdapter(
    Annotated[Event, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)


def encode(event: Event) -> str:
    """One line of JSON, without the line end; figures that are not finite become null."""
    return _adapter.dump_json(event).decode("utf-8")


def decode(line: str | bytes) -> Event:
    """The event of one line.

    Raises:
        ValueError: if the line is no event this studio knows.
    """
    try:
        return _adapter.validate_json(line)
    except ValidationError as error:
        raise ValueError(f"not an event: {error.errors()[0]['msg']}") from error
