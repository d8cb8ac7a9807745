"""The thread that owns a run: starts the training worker, reads its events, and sees to it that it ends.

Nothing here waits without a bound. The worker's output is read by a helper thread into a bounded queue, so
that commands and the steps of ending are never held up by a silent or a talkative worker. Events reach the
window in batches; while the window is busy they are thinned out rather than piled up, for all of them are in
the run's journal anyway.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import IO

from PySide6.QtCore import QObject, QThread, Signal

from studio.runs import commands as cmd
from studio.runs import events as ev
from studio.runs.ends import log_file, say_end, tail, unspoken_end, write_outcome
from studio.runs.folder import RunFolder
from studio.runs.processes import (
    group_options,
    kill_tree,
    terminate,
    worker_command,
    worker_environment,
)

_INTERVAL = 1 / 15
_LINES = 5000  # lines read ahead; then the worker's pipe fills up
_PENDING = 20_000  # events kept for a window that does not take them


@dataclass(frozen=True)
class Patience:
    """Seconds given to each step of ending a run.

    Attributes:
        stop: after a stop was asked for, and again after every sign of life but further steps: finishing a
            step, evaluating or saving may take long, going on with training is not heeding.
        stop_at_most: all that together.
        cancel: after a cancel was asked for.
        terminate: between SIGTERM and killing the whole tree.
        drain: for reading what a dead worker has left in the pipe.
    """

    stop: float = 10.0
    stop_at_most: float = 120.0
    cancel: float = 3.0
    terminate: float = 2.0
    drain: float = 2.0


class EngineThread(QThread):
    """Runs one training worker to its end. Made, started and listened to in the window's thread.

    Signals:
        batch: list of events, about 15 times a second; the receiver calls `taken()` when done with it.
        closed: the worker is gone and the outcome is on disk; no signal follows.
    """

    batch = Signal(object)
    closed = Signal()

    def __init__(
        self,
        folder: RunFolder,
        command: list[str] | None = None,
        patience: Patience | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self._command = command or worker_command("train", "--folder", str(folder.path))
        self._patience = patience or Patience()
        self._lines: queue.Queue[bytes | None] = queue.Queue(_LINES)
        self._commands: queue.SimpleQueue[cmd.Command] = queue.SimpleQueue()
        self._taken = threading.Event()
        self._taken.set()
        self._pending: list[ev.Event] = []
        self._ended: ev.Event | None = None
        self._stopping: cmd.StopAndSave | cmd.Pause | cmd.Cancel | None = None
        self._forced = False
        self._sign_of_life = False
        self._last_step = 0
        self._junk: list[str] = []

    # --- called by the window --------------------------------------------------------------------------

    def send(self, command: cmd.Command) -> None:
        """Pass a command to the worker; stops and cancels are also enforced."""
        self._commands.put(command)

    def taken(self) -> None:
        """The window has shown the last batch and can take another."""
        self._taken.set()

    # --- the thread ------------------------------------------------------------------------------------

    def run(self) -> None:
        log: IO[bytes] | None = None
        try:
            log = log_file(self.folder).open("ab")
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=worker_environment(),
                **group_options(),  # type: ignore[call-overload]
            )
        except OSError as error:
            fix = "check that the disk has room and that the studio is installed completely, then start again"
            self._end(
                ev.Failed(kind="worker_not_started", cause=f"the trainer did not start: {error}", fix=fix)
            )
        else:
            reader = threading.Thread(
                target=self._read, args=(process.stdout,), name="worker-output", daemon=True
            )
            reader.start()
            try:
                self._serve(process)
            finally:
                self._finish(process, reader)
        finally:
            if log:
                log.close()
        self._hand_over(force=True)
        self.closed.emit()

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(ValueError, OSError):
            for line in pipe:
                self._lines.put(line)
        self._lines.put(None)

    def _serve(self, process: subprocess.Popen[bytes]) -> None:
        """Until the output ends or the bounded ladder of ending has run out."""
        asked_at = deadline = next_batch = 0.0
        rung = 0  # 0: nobody asked; 1: asked kindly; 2: SIGTERM sent
        drained_by: float | None = None
        while True:
            for command in self._drain_commands():
                self._write(process, command)
                if isinstance(command, cmd.StopAndSave | cmd.Pause | cmd.Cancel) and rung < 2:
                    cancel = isinstance(command, cmd.Cancel)
                    if rung == 0 or (cancel and not isinstance(self._stopping, cmd.Cancel)):
                        self._stopping, asked_at, rung = command, time.monotonic(), 1
                        # Before the first step there is nothing to save, and so nothing to wait for.
                        quick = cancel or not self._last_step
                        deadline = asked_at + (self._patience.cancel if quick else self._patience.stop)
            self._sign_of_life = False
            if self._take_lines(0.02) is None:
                return
            now = time.monotonic()
            saving = self._last_step and not isinstance(self._stopping, cmd.Cancel)
            if rung == 1 and self._sign_of_life and saving:
                deadline = min(now + self._patience.stop, asked_at + self._patience.stop_at_most)
            if drained_by is None and process.poll() is not None:
                drained_by = now + self._patience.drain  # a grandchild may hold the pipe open
            if drained_by is not None:
                if now > drained_by:
                    return
            elif rung and now > deadline:
                self._forced = True
                if rung == 2:
                    return
                terminate(process.pid)
                rung, deadline = 2, now + self._patience.terminate
            if now >= next_batch:
                self._hand_over()
                next_batch = now + _INTERVAL

    def _drain_commands(self) -> list[cmd.Command]:
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._commands.get_nowait())
        return found

    def _write(self, process: subprocess.Popen[bytes], command: cmd.Command) -> None:
        # A command is far smaller than a pipe's buffer, so this cannot block unless hundreds pile up unread.
        with contextlib.suppress(OSError, ValueError):
            assert process.stdin is not None
            process.stdin.write(cmd.encode(command).encode() + b"\n")
            process.stdin.flush()

    def _take_lines(self, wait: float) -> bool | None:
        """Decode what has come; True if something has, None at the end of the output."""
        try:
            line = self._lines.get(timeout=wait)
        except queue.Empty:
            return False
        until = time.monotonic() + _INTERVAL
        while line is not None:
            self._accept(line)
            if time.monotonic() > until:
                return True
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return True
        return None

    def _accept(self, line: bytes) -> None:
        try:
            event = ev.decode(line)
        except ValueError:
            self._junk = [*self._junk[-19:], line.decode("utf-8", "replace").rstrip()]
            return
        if isinstance(event, ev.Step):
            self._last_step = event.step
        else:
            self._sign_of_life = True
        if isinstance(event, ev.Finished | ev.Failed | ev.Paused):
            self._ended = event
        self._pending.append(event)
        if len(self._pending) > _PENDING:
            self._thin()

    def _thin(self) -> None:
        """Drop every second step and all heartbeats; what else there is, is rare and stays."""
        steps = 0
        kept: list[ev.Event] = []
        for event in self._pending:
            if isinstance(event, ev.Step):
                steps += 1
                if steps % 2:
                    continue
            elif isinstance(event, ev.Heartbeat):
                continue
            kept.append(event)
        self._pending = kept[-_PENDING:]

    def _hand_over(self, force: bool = False) -> None:
        if self._pending and (force or self._taken.is_set()):
            self._taken.clear()
            events, self._pending = self._pending, []
            self.batch.emit(events)

    # --- the end ---------------------------------------------------------------------------------------

    def _finish(self, process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            # After its last word a worker has little left to do; its children may go with it.
            process.wait(timeout=self._patience.terminate if not self._forced else 0.1)
        kill_tree(process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        deadline = time.monotonic() + self._patience.drain
        while reader.is_alive() and time.monotonic() < deadline:
            if self._take_lines(0.05) is None:
                break
        while self._take_lines(0) is True:
            pass
        reader.join(timeout=0.2)
        if not reader.is_alive():
            assert process.stdout is not None
            process.stdout.close()
        if self._ended is None:
            self._end(self._unspoken_end(process))
        elif self.folder.outcome() is None:
            write_outcome(self.folder, self._ended)

    def _unspoken_end(self, process: subprocess.Popen[bytes]) -> ev.Event:
        """What to say of a worker that ended without a word of its own."""
        return unspoken_end(
            step=self._last_step,
            asked=self._stopping,
            forced=self._forced,
            code=process.returncode,
            said=tail(log_file(self.folder)) or "\n".join(self._junk),
        )

    def _end(self, event: ev.Event) -> None:
        """Say the end in the worker's stead: to the journal, the outcome and the window."""
        self._ended = event
        self._pending.append(event)
        say_end(self.folder, event)
