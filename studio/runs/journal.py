"""Events on disk: every one is written to the run folder before anyone is shown it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from studio.runs.events import Event, Failed, Finished, Heartbeat, Paused, RunStarted, Sample, decode, encode
from studio.runs.folder import Outcome, RunFolder


def recorded(folder: RunFolder, events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on after writing them: samples to `samples.jsonl`, ends to `outcome.json` as well.

    Heartbeats are passed on but not kept. A disk that takes no more does not stop the stream: the event
    that failed to be written is passed on all the same, and the engine notices when it next saves.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    with _Lines(folder.metrics) as metrics, _Lines(folder.samples) as samples:
        for event in events:
            if isinstance(event, RunStarted):
                # How an earlier attempt ended says nothing about this one, which may die without a word.
                with contextlib.suppress(OSError):
                    folder.outcome_file.unlink(missing_ok=True)
            if isinstance(event, Sample):
                samples.append(encode(event))
            elif not isinstance(event, Heartbeat):
                metrics.append(encode(event))
            outcome = outcome_of(event)
            if outcome:
                with contextlib.suppress(OSError):
                    folder.write_outcome(outcome)
            yield event


class _Lines:
    """A file that lines are appended to, each whole as far as the disk allows; opening it may fail."""

    def __init__(self, path: Path) -> None:
        # Unbuffered: what the disk refused is not tried again behind our back, nor when the file is closed.
        self._file = path.open("ab+", buffering=0)
        self._broken = False
        if self._file.seek(0, os.SEEK_END):
            self._file.seek(-1, os.SEEK_END)
            self._broken = self._file.read(1) != b"\n"

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def append(self, line: str) -> None:
        """Write one line; behind a line that was cut off, a new one is begun first."""
        data = (b"\n" if self._broken else b"") + line.encode("utf-8") + b"\n"
        try:
            written = self._file.write(data) or 0
        except OSError:
            return
        self._broken = written < len(data)


def outcome_of(event: Event) -> Outcome | None:
    """The outcome that an event means, or None if the run goes on."""
    if isinstance(event, Finished):
        if event.reason in ("stopped", "cancelled"):
            return Outcome(state="cancelled" if event.reason == "cancelled" else "stopped", step=event.step)
        return Outcome(state="finished", step=event.step, reason=event.reason)
    if isinstance(event, Paused):
        return Outcome(state="paused", step=event.step)
    if isinstance(event, Failed):
        return Outcome(
            state="failed",
            step=event.step,
            kind=event.kind,
            cause=event.cause,
            fix=event.fix,
            trace=event.trace,
        )
    return None


def read_events(path: Path) -> Iterator[Event]:
    """The events of a journal; a last line that was cut off, or lines of a newer studio, are skipped."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                try:
                    yield decode(line)
                except ValueError:
                    continue
