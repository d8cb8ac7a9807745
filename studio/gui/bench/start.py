"""How long the window takes to be there, told by the window itself."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer

from studio.gui.bench import say
from studio.gui.main_window import MainWindow


class StartClock(QObject):
    """Says when the window was first painted, when it could be used, and when all its panes stood.

    It can be used when it is painted, every pane in view is made, and it has come back to its event loop twice:
    what layouts and paintings were due lay in the queue before the first time, and what they in turn asked for
    before the second, so that a click would be answered at once. Panes behind tabs may follow.

    Args:
        window: just made, not shown yet.
        started: when the command was given, in seconds since the epoch.
    """

    def __init__(self, window: MainWindow, started: float) -> None:
        super().__init__(window)
        self._window = window
        self._started = started
        self._painted: float | None = None
        self._usable: float | None = None
        self._turns = 0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._look)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._painted is None and event.type() == QEvent.Type.Paint:
            self._painted = time.time() - self._started
            self._window.removeEventFilter(self)
            self._timer.start()
        return False

    def _look(self) -> None:
        made, docks = self._window.panes, self._window.docks
        if self._usable is None:
            shown = [name for name, dock in docks.items() if not dock.visibleRegion().isEmpty()]
            self._turns = self._turns + 1 if shown and all(name in made for name in shown) else 0
            if self._turns > 2:
                self._usable = time.time() - self._started
        elif len(made) == len(docks):
            self._timer.stop()
            self._tell(time.time() - self._started)

    def _tell(self, filled: float) -> None:
        files = [
            module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)
        ]
        times = {"painted_s": self._painted, "usable_s": self._usable, "filled_s": filled}
        say("result", {**times, "files": files})
