"""What a run can be told while it goes on: one JSON object a line on the worker's standard input."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError


@dataclass(frozen=True)
class StopAndSave:
    """Finish the step, save a checkpoint, end."""

    type: Literal["stop_and_save"] = "stop_and_save"


@dataclass(frozen=True)
class Cancel:
    """End at once; what was saved before stays."""

    type: Literal["cancel"] = "cancel"


@dataclass(frozen=True)
class Pause:
    """Save the whole state and end the worker; the run can be resumed."""

    type: Literal["pause"] = "pause"


@dataclass(frozen=True)
class SaveNow:
    """Save a checkpoint after this step."""

    type: Literal["save_now"] = "save_now"


@dataclass(frozen=True)
class EvaluateNow:
    """Evaluate after this step."""

    type: Literal["evaluate_now"] = "evaluate_now"


@dataclass(frozen=True)
class PublishWeights:
    """Write the weights of this step into `live/`."""

    type: Literal["publish_weights"] = "publish_weights"


@dataclass(frozen=True)
class Probe:
    """Decode `text` with the weights of this step; answered by `events.Sample` with the same id."""

    text: str
    id: str
    type: Literal["probe"] = "probe"


@dataclass(frozen=True)
class SetLearningRate:
    """Make this the highest rate of the schedule from now on."""

    value: float
    type: Literal["set_learning_rate"] = "set_learning_rate"


Command = StopAndSave | Cancel | Pause | SaveNow | EvaluateNow | PublishWeights | Probe | SetLearningRate

_adapter: TypeAdapter[Command] = TypeAdapter(
    Annotated[Command, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)


def encode(command: Command) -> str:
    """One line of JSON, without the line end."""
    return _adapter.dump_json(command).decode("utf-8")


def decode(line: str | bytes) -> Command:
    """The command of one line.

    Raises:
        ValueError: if the line is no command this studio knows.
    """
    try:
        return _adapter.validate_json(line)
    except ValidationError as error:
        raise ValueError(f"not a command: {error.errors()[0]['msg']}") from error


class CommandQueue:
    """Commands on their way into a run: filled by any thread, emptied by the training loop."""

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()

    def put(self, command: Command) -> None:
        """Add a command; safe from any thread and from a signal handler."""
        self._waiting.append(command)

    def poll(self) -> list[Command]:
        """All commands that came since the last call, oldest first; never blocks."""
        commands = []
        while self._waiting:
            commands.append(self._waiting.popleft())
        return commands
