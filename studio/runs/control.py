"""Ending a run from outside: a request in its folder, which whoever trains it looks for, and force if nobody does."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studio.runs import atomic, commands
from studio.runs import events as ev
from studio.runs.commands import Cancel, Command, CommandQueue, StopAndSave
from studio.runs.ends import log_file, say_end, tail, unspoken_end
from studio.runs.folder import Outcome, RunError, RunFolder
from studio.runs.processes import kill_tree, terminate

_LOOK = 0.25  # seconds between two looks into the folder
_POLL = 0.1  # seconds between two looks at a process


@dataclass(frozen=True)
class Patience:
    """Seconds given to each step of ending another process's run.

    Attributes:
        stop: to finish a step or an evaluation and to save; on a busy machine also to load the libraries.
        cancel: to leave off.
        terminate: between SIGTERM, which a trainer takes for a stop, and killing the whole tree.
        killed: for the system to clear away what was killed.
    """

    stop: float = 120.0
    cancel: float = 20.0
    terminate: float = 5.0
    killed: float = 5.0


def request_file(run: RunFolder, pid: int) -> Path:
    """Where a request to the process that writes a run lies; a later process has a file of its own."""
    return run.path / f"request-{pid}.json"


def ask(run: RunFolder, command: Command) -> int:
    """Leave a command for the process that writes a run; returns its id.

    Raises:
        RunError: if no process does.
    """
    pid = run.owner()
    if pid is None:
        raise RunError(f"{run.path} is not running: it is {run.state()}")
    atomic.write_text(request_file(run, pid), commands.encode(command) + "\n")
    return pid


@contextmanager
def obeying(run: RunFolder, queue: CommandQueue, pid: int) -> Iterator[None]:
    """Pass requests that are left in the run folder for process `pid` to `queue` while the block runs."""
    file, ended = request_file(run, pid), threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK):
            with contextlib.suppress(OSError):
                content = file.read_bytes()
                file.unlink()
                with contextlib.suppress(ValueError):
                    queue.put(commands.decode(content))

    _forget_requests(run, but=file)
    thread = threading.Thread(target=watch, name="studio-requests", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        _forget_requests(run)


def stop(run: RunFolder, *, cancel: bool = False, patience: Patience | None = None) -> Outcome:
    """End a run that another process trains, and wait until it has ended: kindly first, then by force.

    Args:
        run: the run folder.
        cancel: leave off at once; otherwise a checkpoint is saved first.
        patience: how long each step may take.

    Returns:
        how it ended, as the run folder now says. What was killed before it could say so is spoken for.

    Raises:
        RunError: if no process writes the run.
        TimeoutError: if the process cannot be ended: it is another user's, or on another machine.
    """
    patience = patience or Patience()
    command = Cancel() if cancel else StopAndSave()
    before = _stamp(run)
    pid = ask(run, command)
    forced = False
    try:
        if not _gone(run, pid, patience.cancel if cancel else patience.stop):
            if not run.is_owned_here():
                raise TimeoutError(
                    f"process {pid} on another machine, which writes {run.path}, does not answer"
                )
            forced = True
            terminate(pid)
            if not _gone(run, pid, patience.terminate):
                kill_tree(pid)
                if not _gone(run, pid, patience.killed):
                    raise TimeoutError(f"process {pid}, which writes {run.path}, cannot be ended")
    finally:
        _forget_requests(run)
    deadline = time.monotonic() + (1.0 if forced else 0.0)
    # A window whose trainer was killed says so itself.
    while _stamp(run) == before and time.monotonic() < deadline:
        time.sleep(_POLL)
    outcome = run.outcome()
    if outcome is None or (cancel and _stamp(run) == before):
        code = -9 if forced else None
        said = tail(log_file(run))
        say_end(run, unspoken_end(step=last_step(run), asked=command, forced=forced, code=code, said=said))
        outcome = run.outcome()
    if outcome is None:
        raise OSError(f"{run.outcome_file} cannot be written")
    return outcome


def last_step(run: RunFolder) -> int:
    """The last step that a run has told of or saved; 0 before the first."""
    for line in reversed(tail(run.metrics, size=64 * 1024, lines=1000).splitlines()):
        with contextlib.suppress(ValueError):
            event = ev.decode(line)
            if isinstance(event, ev.RunStarted):
                return event.from_step
            if isinstance(event, ev.Step | ev.Evaluation | ev.Finished | ev.Paused | ev.Failed):
                return event.step
    outcome = run.outcome()
    return max(run.read_index().last, outcome.step if outcome else 0, 0)


def _gone(run: RunFolder, pid: int, patience: float) -> bool:
    """Wait until process `pid` no longer writes the run; false if it still does when patience is over."""
    deadline = time.monotonic() + patience
    while run.owner() == pid:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _stamp(run: RunFolder) -> int:
    """When the outcome was written, to tell an old one from a new one; 0 if there is none."""
    try:
        return run.outcome_file.stat().st_mtime_ns
    except OSError:
        return 0


def _forget_requests(run: RunFolder, but: Path | None = None) -> None:
    with contextlib.suppress(OSError):
        for file in run.path.glob("request-*.json"):
            if file != but:
                file.unlink(missing_ok=True)
