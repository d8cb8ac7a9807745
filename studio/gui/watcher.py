"""Reading a run from its folder: a finished one to its end, a running one for as long as someone writes it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QTimer, Signal

from studio.runs import events as ev
from studio.runs.folder import RunFolder

_SLICE = 0.012  # seconds of reading between two turns of the event loop
_POLL = 500  # milliseconds
_WAITING = 2000  # milliseconds, while nobody writes
_CHUNK = 64 * 1024


class JournalWatcher(QObject):
    """Reads `metrics.jsonl` and `samples.jsonl` in slices, so that a long journal never holds up the window.

    Signals:
        batch: list of events. caught_up: what was on disk has been read (once). writer_changed: another process
        writes, or none. ended: nobody writes any more; a patient watcher never says so.
    """

    batch = Signal(object)
    caught_up = Signal()
    writer_changed = Signal()
    ended = Signal()

    def __init__(self, folder: RunFolder, parent: QObject | None = None, *, patient: bool = False) -> None:
        super().__init__(parent)
        self.folder, self.patient = folder, patient
        self.writer = folder.owner()
        self._files = [_Tail(folder.metrics), _Tail(folder.samples)]
        self._reported = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._read)
        self._timer.start(0)

    def stop(self) -> None:
        """Read no further."""
        self._timer.stop()
        for file in self._files:
            file.close()

    def _read(self) -> None:
        # Asked before reading: what a writer wrote before it went is then sure to be read.
        before, self.writer = self.writer, self.folder.owner()
        until = time.monotonic() + _SLICE
        events: list[ev.Event] = []
        more = False
        for file in self._files:
            while True:
                found = file.read()
                if found is None:
                    break
                events += found
                if time.monotonic() > until:
                    more = True
                    break
        if events:
            self.batch.emit(events)
        if more:
            self._timer.start(1)
            return
        if not self._reported:
            self._reported = True
            self.caught_up.emit()
        elif self.writer != before:
            self.writer_changed.emit()
        if self.writer is not None or self.patient:
            self._timer.start(_POLL if self.writer is not None else _WAITING)
        else:
            self.stop()
            self.ended.emit()


class _Tail:
    """A file that may be missing, may grow, and may end in half a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._rest = b""

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def read(self) -> list[ev.Event] | None:
        """The events of the next chunk, or None when there is nothing more for now."""
        try:
            if self._file is None:
                self._file = self._path.open("rb")
            chunk = self._file.read(_CHUNK)
        except OSError:
            return None
        if not chunk:
            return None
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        events = []
        for line in lines:
            try:
                events.append(ev.decode(line))
            except ValueError:
                continue
        return events
