"""What to say of a trainer that ended without a word of its own, and where: for whoever started or ended it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from studio.runs import commands as cmd
from studio.runs import events as ev
from studio.runs.folder import RunFolder
from studio.runs.journal import outcome_of
from studio.runs.processes import exit_words


def unspoken_end(
    *,
    step: int,
    asked: cmd.Command | None,
    forced: bool,
    code: int | None,
    said: str = "",
) -> ev.Finished | ev.Failed:
    """The event that a trainer would have ended with.

    Args:
        step: the last step known of.
        asked: what it had been told, if that was to end.
        forced: it did not heed that in time and was killed.
        code: its exit status as `subprocess` gives it; None if unknown.
        said: the end of its log.
    """
    if isinstance(asked, cmd.Cancel):
        return ev.Finished(step=step, reason="cancelled")
    if asked is not None and not step:
        return ev.Finished(step=step, reason="stopped")
    how = exit_words(code) if code is not None else "no exit code"
    if forced:
        return ev.Failed(
            kind="stop_timed_out",
            cause=f"the trainer did not end when asked, and was ended by force ({how})",
            fix="the last checkpoint is whole and can be used; what was learnt after it is lost",
            trace=said,
            step=step,
        )
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    return ev.Failed(
        kind="worker_died",
        cause=f"the trainer ended unexpectedly ({how})" + (f": {last[:300]}" if last else ""),
        fix="saved checkpoints are whole and can be used; worker.log in the run folder holds what it said",
        trace=said,
        step=step,
    )


def say_end(run: RunFolder, event: ev.Event) -> None:
    """Write an end into the journal and the outcome in the trainer's stead; a disk that refuses is let be."""
    with contextlib.suppress(OSError), run.metrics.open("ab") as file:
        # A leading line end closes a last line that was cut off; an empty line is skipped by readers.
        file.write(b"\n" + ev.encode(event).encode() + b"\n")
    write_outcome(run, event)


def write_outcome(run: RunFolder, event: ev.Event) -> None:
    """Write the outcome that an event means, as far as the disk allows."""
    outcome = outcome_of(event)
    if outcome:
        with contextlib.suppress(OSError):
            run.write_outcome(outcome)


def log_file(run: RunFolder) -> Path:
    """Where whoever starts a trainer keeps what it writes to standard error."""
    return run.path / "worker.log"


def tail(path: Path, size: int = 8000, lines: int = 40) -> str:
    """The last lines of a log; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - size))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""
