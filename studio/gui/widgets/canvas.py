"""Plots that take turns: what several of them have to paint is painted one after another, not at one go."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QGraphicsView


class Turns(QObject):
    """Lets one of several canvases paint in each turn of the event loop, which sees to keys and mouse in between.

    Linked plots change together, and Qt paints at one go whatever has changed: four of them held up the window three
    times as long as the slowest of them does.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Canvas] = []
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._next)

    def ask(self, canvas: Canvas) -> None:
        """Let a canvas paint when those that asked before it have painted."""
        if canvas not in self._waiting:
            self._waiting.append(canvas)
            self._timer.start()

    def _next(self) -> None:
        if self._waiting:
            self._waiting.pop(0).viewport().update()
        else:
            self._timer.stop()


class Canvas(pg.PlotWidget):
    """A plot that is painted in its turn after its content has changed.

    Args:
        turns: shared with other canvases, and living as long as they do.
        **named: as pyqtgraph takes them.
    """

    def __init__(self, turns: Turns, **named: Any) -> None:
        super().__init__(**named)
        self._turns = turns
        # Qt would paint whatever the scene says has changed; the signal that says so is heard instead.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self.scene().changed.connect(self._changed)

    def _changed(self, _: object) -> None:
        self._turns.ask(self)
