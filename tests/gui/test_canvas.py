"""Plots that take turns in painting."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.widgets.canvas import Canvas, Turns


class Watched(Canvas):
    def __init__(self, name: str, turns: Turns, said: list[str]) -> None:
        self.name, self.said = name, said
        super().__init__(turns)
        self.curve = self.plot()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.said.append(self.name)
        super().paintEvent(event)


def test_what_changes_together_is_painted_turn_by_turn(qtbot: QtBot) -> None:
    window, said = QWidget(), list[str]()
    row = QHBoxLayout(window)
    turns = Turns(window)
    canvases = [Watched(name, turns, said) for name in ("first", "second", "third")]
    for canvas in canvases:
        row.addWidget(canvas)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: set(said) == {"first", "second", "third"})
    qtbot.wait(50)
    said.clear()
    beat = QTimer(window, interval=0)
    beat.timeout.connect(lambda: said.append("-"))
    beat.start()
    for canvas in canvases:
        canvas.curve.setData([0, 1, 2], [3, 1, 2])
    qtbot.waitUntil(lambda: {"first", "second", "third"} <= set(said))
    beat.stop()
    painted = [place for place, what in enumerate(said) if what != "-"]
    assert all("-" in said[one:other] for one, other in itertools.pairwise(painted)), said
    qtbot.wait(100)  # axes follow a turn later
    before = len(said)
    qtbot.wait(50)
    assert len(said) == before, "nothing is painted where nothing changes"
