"""A `studio` command in a process of its own that tells what it does as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from studio.runs.processes import studio_command, worker_environment

_PATIENCE_MS = 3000  # for leaving off by itself
_LAST_MS = 2000


class CommandProcess(QObject):
    """Runs one command at a time; ends it when the window goes.

    Signals:
        told: an object that the command told.
        ended: its exit code, and the last that it said on standard error.
    """

    told = Signal(dict)
    ended = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._said = ""
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._kill)

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, arguments: Sequence[str]) -> None:
        """Run `studio` with arguments; it has to understand `--json --attached`."""
        if self._process is not None:
            return
        process = self._process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in worker_environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        self._said = ""
        program, *rest = studio_command(*arguments, "--json", "--attached")
        process.start(program, rest)

    def cancel(self) -> None:
        """Let it leave off; if it does not, it is ended. What it writes is whole or not there."""
        if self._process is not None and not self._patience.isActive():
            self._process.closeWriteChannel()
            self._patience.start()

    def shutdown(self) -> None:
        """End it now: nobody waits for it any more."""
        process, self._process = self._process, None
        self._patience.stop()
        if process is not None:
            process.finished.disconnect(self._finished)
            process.errorOccurred.disconnect(self._failed)
            process.kill()
            process.waitForFinished(_LAST_MS)
            process.deleteLater()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            line = bytes(process.readLine().data())
            try:
                found: Any = json.loads(line)
            except ValueError:
                continue  # a library's print
            if isinstance(found, dict):
                self.told.emit(found)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        process, self._process = self._process, None
        self._patience.stop()
        if process is None:
            return
        said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        process.deleteLater()
        crashed = status == QProcess.ExitStatus.CrashExit
        self.ended.emit(-1 if crashed else code, said[-1] if said else "")

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            process, self._process = self._process, None
            self.ended.emit(-1, process.errorString())
            process.deleteLater()
