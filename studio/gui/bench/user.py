"""A person at the window: switches panes, zooms and drags plots, moves the smoothing, without a rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QSlider, QWidget

from studio.gui.actions import PANES
from studio.gui.bench.heartbeat import Heartbeat
from studio.gui.main_window import MainWindow
from studio.gui.panes.training import TrainingPane

_PAUSE_MS = 60  # between two movements of the hand
_NOTCH = 120  # a wheel's smallest turn, as Qt counts
Turn = tuple[str, Callable[[], object]]


class User(QObject):
    """Makes one movement at a time, for ever; tells the heartbeat which."""

    def __init__(self, window: MainWindow, heartbeat: Heartbeat) -> None:
        super().__init__()
        self._window = window
        self._heartbeat = heartbeat
        self._turns = self._all_turns()
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._move)
        self.turns = 0

    def start(self) -> None:
        """Sit down."""
        self._timer.start()

    def stop(self) -> None:
        """Get up."""
        self._timer.stop()

    def _move(self) -> None:
        self._heartbeat.doing, act = next(self._turns)
        act()
        self.turns += 1

    def _all_turns(self) -> Iterator[Turn]:
        pane = self._window.panes["training"]
        assert isinstance(pane, TrainingPane)
        while True:
            for name in PANES:
                yield f"to {name}", partial(self._window.show_pane, name)
            yield "to training", partial(self._window.show_pane, "training")
            yield from self._plot_turns(pane)
            for at in (1, 2, 0):
                yield "tabs", partial(pane.tabs.setCurrentIndex, at)

    def _plot_turns(self, pane: TrainingPane) -> Iterator[Turn]:
        plots = pane.plots
        canvas = plots.loss.plot.viewport()
        smoothing = plots.findChild(QSlider)
        assert isinstance(smoothing, QSlider)
        for _ in range(8):
            yield "zoom in", partial(_wheel, canvas, _NOTCH)
        yield "drag", partial(_mouse, canvas, QEvent.Type.MouseButtonPress, 0.5)
        for step in range(8):
            yield "drag", partial(_mouse, canvas, QEvent.Type.MouseMove, 0.5 + 0.03 * step)
        yield "drag", partial(_mouse, canvas, QEvent.Type.MouseButtonRelease, 0.74)
        for _ in range(8):
            yield "zoom out", partial(_wheel, canvas, -_NOTCH)
        yield "fit", plots.fit
        for value in (*range(60, 99, 6), 99, *range(98, 0, -8), 0, *range(1, 60, 8), 60):
            yield "smoothing", partial(smoothing.setValue, value)
        yield "log scale", partial(plots.loss.set_log, True)
        yield "log scale", partial(plots.loss.set_log, False)
        for step in range(8):
            yield "hover", partial(_mouse, canvas, QEvent.Type.MouseMove, 0.1 * step, pressed=False)


def _wheel(widget: QWidget, turn: int) -> None:
    here = QPointF(widget.rect().center())
    event = QWheelEvent(
        here,
        QPointF(widget.mapToGlobal(here.toPoint())),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def _mouse(widget: QWidget, kind: QEvent.Type, share: float, *, pressed: bool = True) -> None:
    """A mouse event at a share of the widget's width."""
    here = QPointF(widget.width() * share, widget.height() / 2)
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = left if pressed and kind != QEvent.Type.MouseButtonRelease else none
    event = QMouseEvent(kind, here, widget.mapToGlobal(here), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
