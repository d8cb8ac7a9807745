"""A window without widgets: a Qt process that owns an engine thread. `window_probe.py RUN [worker command ...]`"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject

from studio.gui.engine_thread import EngineThread
from studio.runs.folder import RunFolder


class Window(QObject):
    """Takes what the thread hands over, as the session does."""

    def __init__(self, folder: Path, command: list[str] | None) -> None:
        super().__init__()
        self._engine = EngineThread(RunFolder(folder), command, parent=self)
        self._engine.batch.connect(self._take)
        self._engine.closed.connect(self._closed)
        self._engine.start()

    def _take(self, _events: object) -> None:
        self._engine.taken()

    def _closed(self) -> None:
        self._engine.wait()
        QCoreApplication.quit()


def main() -> int:
    """Until the run has ended."""
    app = QCoreApplication([])
    window = Window(Path(sys.argv[1]), sys.argv[2:] or None)
    print("shown", flush=True)
    status = app.exec()
    del window
    return status


if __name__ == "__main__":
    sys.exit(main())
