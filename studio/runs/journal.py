"""Events on disk: every one is written to the run folder before anyone is shown it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from studio.runs.events import Event, Failed, Finished, Heartbeat, Paused, Sample, decode, encode
from studio.runs.folder import Outcome, RunFolder


def recorded(folder: RunFolder, events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on after writing them: samples to `samples.jsonl`, ends to `outcome.json` as well.

    Heartbeats are passed on but not kept. A disk that takes no more does not stop the stream: the event
    that failed to be written is passed on all the same, and the engine notices when it next saves.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.metrics.open("ab") as metrics, folder.samples.open("ab") as samples:
        for event in events:
            try:
                if isinstance(event, Sample):
                    samples.write(encode(event).encode() + b"\n")
                    samples.flush()
                elif not isinstance(event, Heartbeat):
                    metrics.write(encode(event).encode() + b"\n")
                    metrics.flush()
                outcome = outcome_of(event)
                if outcome:
                    folder.write_outcome(outcome)
            except OSError:
                pass
            yield event


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
