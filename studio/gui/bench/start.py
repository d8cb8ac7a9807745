"""How long the window takes to be there, told by the window itself."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer

from studio.gui.bench import say
from studio.gui.main_window import MainWindow


class StartClock(QObject):
    """Says when the window was first painted, and when all its panes stood, were painted and it answered.

    Args:
        window: just made, not shown yet.
        started: when the command was given, in seconds since the epoch.
    """

    def __init__(self, window: MainWindow, started: float) -> None:
        super().__init__(window)
        self._window = window
        self._started = started
        self._painted: float | None = None
        window.installEventFilter(self)
        window.filled.connect(self._filled)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._painted is None and event.type() == QEvent.Type.Paint:
            self._painted = time.time() - self._started
            self._window.removeEventFilter(self)
        return False

    def _filled(self) -> None:
        # What layouts and paintings are still due lies in the queue before this timer, and the second time
        # around there is what they in turn have asked for: then a click would be answered at once.
        QTimer.singleShot(0, self, lambda: QTimer.singleShot(0, self, self._tell))

    def _tell(self) -> None:
        files = [
            module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)
        ]
        result = {"painted_s": self._painted, "usable_s": time.time() - self._started, "files": files}
        say("result", result)
