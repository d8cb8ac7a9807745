"""The processes that train one run after another for the window: the queue and searches.

What they do lies on disk: a window that crashes loses nothing, for each of them pauses its run when its standard
input closes, and another one goes on. One that a terminal started is shown and stopped just the same.
"""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.gui.i18n import tr
from studio.recipe import Recipe, dump
from studio.runs.ends import tail
from studio.runs.folder import RunError
from studio.runs.processes import group_options, kill_tree, studio_command, worker_environment
from studio.runs.queue import RunQueue
from studio.runs.sweeps import SweepFolder, SweepSpec

_LOOK_MS = 300
_ORDERLY = (0, 3, 130)  # done; done, but a run failed; stopped


class SeriesProcess(QObject):
    """One `studio ...` process that ends when it is told to, or when this window goes. `ended` is its last word."""

    ended = Signal(int)

    def __init__(self, command: list[str], log: Path, parent: QObject | None = None) -> None:
        """Raises OSError if it cannot be started."""
        super().__init__(parent)
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=worker_environment(),
                **group_options(),  # type: ignore[call-overload]
            )
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def hang_up(self) -> None:
        """Let it pause its run and end."""
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    def wait(self, seconds: float) -> bool:
        """Wait for its end, at most so long; for tests and the very end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.poll() is not None

    def kill(self) -> None:
        """End it and its trainer now; the run can be gone on with from its last checkpoint."""
        kill_tree(self._process.pid)
        self.wait(5)

    def stop_looking(self) -> None:
        """The window goes: nobody is told of the end."""
        self._timer.stop()

    def _look(self) -> None:
        code = self._process.poll()
        if code is not None:
            self._timer.stop()
            self.hang_up()
            self.ended.emit(code)


class Series(QObject):
    """The window's queue and searches.

    Signals:
        changed: something was queued, started, or ended.
        message: level and text, for a banner.
    """

    changed = Signal()
    message = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue_process: SeriesProcess | None = None
        self._searches: dict[str, SeriesProcess] = {}

    # --- the queue -------------------------------------------------------------------------------------

    @property
    def queue(self) -> RunQueue:
        """The user's queue."""
        return RunQueue()

    def add(self, recipe: Recipe) -> bool:
        """Put a recipe at the end of the queue; False (and a message) if that fails."""
        try:
            item = self.queue.add(recipe)
        except (RunError, OSError) as error:
            self.message.emit("error", str(error))
            return False
        self.message.emit("ok", tr("{name} is queued.", name=item.name))
        self.changed.emit()
        return True

    @property
    def queue_starting(self) -> bool:
        """A process for the queue has been started here and has not ended."""
        return self._queue_process is not None

    def start_queue(self) -> None:
        """Train what is queued, unless somebody does so already."""
        if self._queue_process is not None or self.queue.runner() is not None:
            return
        command = studio_command("queue", "run", "--attached")
        self._queue_process = self._start(command, self.queue.folder / "runner.log")
        if self._queue_process is not None:
            self._queue_process.ended.connect(self._queue_ended)
        self.changed.emit()

    def stop_queue(self) -> None:
        """Pause the run of the queue and train no further, whoever does it."""
        try:
            self.queue.ask_to_stop()
        except (RunError, OSError) as error:
            if self._queue_process is not None:
                self._queue_process.hang_up()  # it has not got as far as taking requests
            else:
                self.message.emit("warning", str(error))
        self.changed.emit()

    def _queue_ended(self, code: int) -> None:
        process, self._queue_process = self._queue_process, None
        self._say_how(process, code)

    # --- searches --------------------------------------------------------------------------------------

    def begin_search(self, spec: SweepSpec, recipe: Recipe) -> SweepFolder | None:
        """Write down a new search and start it; None (and a message) if that fails."""
        folder = SweepFolder(spec.name)
        try:
            folder.begin(spec, dump(recipe))
        except OSError as error:
            self.message.emit(
                "error", tr("Cannot write {path}: {reason}.", path=folder.path, reason=error.strerror)
            )
            return None
        self.start_search(folder)
        return folder

    def searching(self, folder: SweepFolder) -> bool:
        """Whether this search goes on, here or elsewhere."""
        return folder.path.name in self._searches or folder.runner() is not None

    def start_search(self, folder: SweepFolder) -> None:
        """Go on with a search, unless somebody does so already."""
        name = folder.path.name
        if self.searching(folder):
            return
        command = studio_command("sweep", "--resume", "--name", name, "--attached", "--json")
        process = self._start(command, folder.path / "runner.log")
        if process is not None:
            self._searches[name] = process
            process.setObjectName(name)
            process.ended.connect(self._search_ended)
        self.changed.emit()

    def stop_search(self, folder: SweepFolder) -> None:
        """Pause the run of a search and go no further, whoever does it."""
        try:
            folder.ask_to_stop()
        except (RunError, OSError) as error:
            process = self._searches.get(folder.path.name)
            if process is not None:
                process.hang_up()
            else:
                self.message.emit("warning", str(error))
        self.changed.emit()

    def _search_ended(self, code: int) -> None:
        process = self.sender()
        assert isinstance(process, SeriesProcess)
        self._searches.pop(process.objectName(), None)
        self._say_how(process, code)

    # --- both ------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let everything pause and end by itself: the window does not wait for it."""
        for process in self.processes():
            process.stop_looking()
            process.hang_up()

    def processes(self) -> list[SeriesProcess]:
        """Those that were started here and go on."""
        return [*([self._queue_process] if self._queue_process else []), *self._searches.values()]

    def _start(self, command: list[str], log: Path) -> SeriesProcess | None:
        try:
            return SeriesProcess(command, log, self)
        except OSError as error:
            self.message.emit("error", tr("It could not be started: {reason}.", reason=error.strerror))
            return None

    def _say_how(self, process: SeriesProcess | None, code: int) -> None:
        if process is not None:
            if code not in _ORDERLY:
                said = [line for line in tail(process.log).splitlines() if line.strip()]
                reason = said[-1] if said else str(code)
                self.message.emit("error", tr("It ended unexpectedly: {reason}", reason=reason))
            process.deleteLater()
        self.changed.emit()
