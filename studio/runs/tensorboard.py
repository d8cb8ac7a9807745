"""A run's events as TensorBoard event files, for whoever compares runs there.

Of tensorboardX only the record writer and the messages are used: its summary writer hands events to a thread
through a queue that blocks for good once that thread has met a full disk, and puts this machine's name into the
name of the file.
"""

from __future__ import annotations

import contextlib
import importlib.util
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.recipe import Problem, Recipe, RecipeError
from studio.runs.events import Evaluation, Event, RunStarted, Step
from studio.runs.folder import RunFolder

FOLDER = "tensorboard"
_PACKAGE = "tensorboardX"
_STEP = ("loss", "learning_rate", "gradient_norm", "positions_per_second", "epoch")
_FLUSH = 5.0  # seconds between two times that TensorBoard can see more


def require_writer(recipe: Recipe) -> None:
    """Refuse a recipe that wants event files where nothing is installed that writes them.

    Raises:
        RecipeError: with what to install.
    """
    if recipe.training.tensorboard and importlib.util.find_spec(_PACKAGE) is None:
        remedy = "pip install 'hanzi-studio[tensorboard]', or set it to false"
        reason = f"the package {_PACKAGE} is not installed"
        raise RecipeError([Problem("training.tensorboard", reason, remedy)])


def mirrored(run: RunFolder, recipe: Recipe, events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on after writing their figures to `tensorboard/` in the run folder, if the recipe wants it.

    A disk that takes no more ends the writing and not the run.
    """
    if not recipe.training.tensorboard or importlib.util.find_spec(_PACKAGE) is None:
        yield from events
        return
    with contextlib.ExitStack() as open_files:
        writer: _Writer | None = None
        for event in events:
            try:
                if isinstance(event, RunStarted):
                    writer = open_files.enter_context(_Writer(run.path / FOLDER, event))
                elif writer is not None:
                    writer.take(event)
            except OSError:
                writer = None
            yield event


class _Writer:
    """One event file; each attempt at a run begins a new one, which takes back what it will do again."""

    def __init__(self, folder: Path, started: RunStarted) -> None:
        from tensorboardX.proto.event_pb2 import Event as Message
        from tensorboardX.proto.event_pb2 import SessionLog
        from tensorboardX.record_writer import RecordWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._message: Any = Message
        self._file = RecordWriter(str(folder / f"events.out.tfevents.{int(started.at)}.{started.pid}"))
        self._write(Message(wall_time=started.at, file_version="brain.Event:2"))
        again = SessionLog(status=SessionLog.START)
        self._write(Message(wall_time=started.at, step=started.from_step + 1, session_log=again))
        self._flushed = time.monotonic()

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def take(self, event: Event) -> None:
        """Write the figures of an event, if it has any."""
        if isinstance(event, Step):
            self._scalars(event, {f"train/{name}": getattr(event, name) for name in _STEP})
        elif isinstance(event, Evaluation):
            self._scalars(event, {f"{event.split}/{name}": value for name, value in event.metrics.items()})

    def _scalars(self, event: Step | Evaluation, values: Mapping[str, float | None]) -> None:
        found = [{"tag": tag, "simple_value": value} for tag, value in values.items() if value is not None]
        self._write(self._message(wall_time=event.at, step=event.step, summary={"value": found}))
        if isinstance(event, Evaluation) or time.monotonic() - self._flushed > _FLUSH:
            self._file.flush()
            self._flushed = time.monotonic()

    def _write(self, message: Any) -> None:
        self._file.write(message.SerializeToString())
