"""One run in a training worker of its own, followed to its end."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from studio.runs import commands as cmd
from studio.runs import events as ev
from studio.runs.control import last_step
from studio.runs.ends import log_file, say_end, tail, unspoken_end, write_outcome
from studio.runs.folder import Outcome, RunFolder
from studio.runs.journal import outcome_of
from studio.runs.processes import group_options, kill_tree, terminate, worker_command, worker_environment

_TURN = 0.1  # seconds that silence lasts before the next look at what is wanted
_READ_AHEAD = 5000  # lines; then the worker's pipe fills up

Ending = cmd.StopAndSave | cmd.Pause | cmd.Cancel
Steer = Callable[[ev.Event | None], Ending | None]
"""Gets each event, and None now and then while nothing comes; says whether the run is to end, and how."""


@dataclass(frozen=True)
class Patience:
    """Seconds given to each step of ending a worker.

    Attributes:
        save: to finish a step or an evaluation and to save.
        cancel: to leave off.
        terminate: between SIGTERM and killing the whole tree.
        drain: for reading what a dead worker has left in the pipe.
        previous: for an earlier worker on the same run, whose starter was killed, to save and end.
    """

    save: float = 120.0
    cancel: float = 20.0
    terminate: float = 5.0
    drain: float = 2.0
    previous: float = 30.0


def train_in_child(run: RunFolder, steer: Steer, patience: Patience | None = None) -> Outcome:
    """Start a training worker on a run folder that holds a recipe, and follow it to its end.

    The worker ends when this process does, for its standard input closes then.

    Returns:
        how it ended; a worker that dies without a word is spoken for.
    """
    return _Child(run, steer, patience or Patience()).follow()


class _Child:
    def __init__(self, run: RunFolder, steer: Steer, patience: Patience) -> None:
        self._run, self._steer, self._patience = run, steer, patience
        self._lines: queue.Queue[bytes | None] = queue.Queue(_READ_AHEAD)
        self._asked: Ending | None = None
        self._deadline: float | None = None
        self._terminated = self._forced = False
        self._ended: ev.Event | None = None

    def follow(self) -> Outcome:
        self._wait_for_previous()
        try:
            with log_file(self._run).open("ab") as log:
                process = subprocess.Popen(
                    worker_command("train", "--folder", str(self._run.path)),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=worker_environment(),
                    **group_options(),  # type: ignore[call-overload]
                )
        except OSError as error:
            self._ended = ev.Failed(
                kind="worker_not_started",
                cause=f"the trainer did not start: {error}",
                fix="check that the disk has room and that the studio is installed completely, then start again",
            )
            say_end(self._run, self._ended)
            return _outcome(self._ended)
        reader = threading.Thread(
            target=self._read, args=(process.stdout,), name="worker-output", daemon=True
        )
        reader.start()
        try:
            self._serve(process)
        except BaseException:
            self._forced = True  # whoever follows it is in a hurry; what was saved can be gone on with
            raise
        finally:
            self._finish(process, reader)
        if self._ended is None:
            said = tail(log_file(self._run))
            self._ended = unspoken_end(
                step=last_step(self._run),
                asked=self._asked,
                forced=self._forced,
                code=process.returncode,
                said=said,
            )
            say_end(self._run, self._ended)
        elif self._run.outcome() is None:
            write_outcome(self._run, self._ended)
        return _outcome(self._ended)

    def _wait_for_previous(self) -> None:
        deadline = time.monotonic() + self._patience.previous
        while self._run.owner() is not None and time.monotonic() < deadline:
            time.sleep(_TURN)

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(ValueError, OSError):
            for line in pipe:
                self._lines.put(line)
        self._lines.put(None)

    def _serve(self, process: subprocess.Popen[bytes]) -> None:
        """Until the output ends, or the worker, or the bounded ladder of ending has run out."""
        drained_by: float | None = None
        while True:
            try:
                line = self._lines.get(timeout=_TURN)
            except queue.Empty:
                self._heed(process, self._steer(None))
            else:
                if line is None:
                    return
                event = self._accept(line)
                if event is not None:
                    self._heed(process, self._steer(event))
            now = time.monotonic()
            if drained_by is None and process.poll() is not None:
                drained_by = now + self._patience.drain  # a grandchild may hold the pipe open
            if drained_by is not None:
                if now > drained_by:
                    return
            elif self._deadline is not None and now > self._deadline:
                self._forced = True
                if self._terminated:
                    return
                terminate(process.pid)
                self._terminated, self._deadline = True, now + self._patience.terminate

    def _accept(self, line: bytes) -> ev.Event | None:
        try:
            event = ev.decode(line)
        except ValueError:
            return None
        if isinstance(event, ev.Finished | ev.Failed | ev.Paused):
            self._ended = event
        return event

    def _heed(self, process: subprocess.Popen[bytes], wanted: Ending | None) -> None:
        if wanted is None or self._terminated or isinstance(self._asked, cmd.Cancel):
            return
        if self._asked is not None and not isinstance(wanted, cmd.Cancel):
            return  # the first word counts, unless the second is a cancel
        self._asked = wanted
        patience = self._patience.cancel if isinstance(wanted, cmd.Cancel) else self._patience.save
        self._deadline = time.monotonic() + patience
        with contextlib.suppress(OSError, ValueError):
            assert process.stdin is not None
            process.stdin.write(cmd.encode(wanted).encode() + b"\n")
            process.stdin.flush()

    def _finish(self, process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            # After its last word a worker has little left to do; its children may go with it.
            process.wait(timeout=0.1 if self._forced else self._patience.terminate)
        kill_tree(process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=self._patience.terminate)
        deadline = time.monotonic() + self._patience.drain
        while reader.is_alive() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=_TURN)
                if line is not None:
                    self._accept(line)
        reader.join(timeout=_TURN)
        if not reader.is_alive():
            assert process.stdout is not None
            process.stdout.close()


def _outcome(event: ev.Event) -> Outcome:
    outcome = outcome_of(event)
    assert outcome is not None, "only ends get here"
    return outcome
