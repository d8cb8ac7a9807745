"""The docks of the main window and how they are arranged on screens of different sizes."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar, QWidget

_LEFT = ("dataset", "model", "runs")
BARS = ("bar-tools", "bar-banners")  # the tool bars' names, as the stored layout calls them
_AREA = Qt.DockWidgetArea


def make_docks(window: QMainWindow, names: tuple[str, ...]) -> dict[str, QDockWidget]:
    """One empty dock a pane; the panes are put in after the window has been shown."""
    docks = {}
    for name in names:
        dock = QDockWidget(window)
        dock.setObjectName(f"dock-{name}")  # what the stored layout calls it
        dock.setWidget(QWidget())
        docks[name] = dock
    return docks


def default_state(names: tuple[str, ...], size: QSize) -> QByteArray:
    """The default layout for a size, as `QMainWindow.restoreState` takes it.

    It is made in a window that nobody sees: docks that are moved among tabs while they are shown leave their old
    tab bars on the screen (Qt 6.11).
    """
    window = QMainWindow()
    window.resize(size)
    for bar in BARS:
        tool_bar = QToolBar(window)
        tool_bar.setObjectName(bar)
        window.addToolBar(tool_bar)
        window.addToolBarBreak()
    _arrange(window, make_docks(window, names), size.width(), size.height())
    state = window.saveState()
    window.deleteLater()
    return state


def _arrange(window: QMainWindow, docks: dict[str, QDockWidget], width: int, height: int) -> None:
    """What is set up on the left, what happens on the right."""
    first = docks[_LEFT[0]]
    window.addDockWidget(_AREA.LeftDockWidgetArea, first)
    for name in _LEFT[1:]:
        window.addDockWidget(_AREA.LeftDockWidgetArea, docks[name])
        window.tabifyDockWidget(first, docks[name])
    training, playground = docks["training"], docks["playground"]
    window.addDockWidget(_AREA.RightDockWidgetArea, training)
    window.addDockWidget(_AREA.RightDockWidgetArea, playground)
    left = max(330, min(480, round(width * 0.34)))
    if width >= 1800:
        window.splitDockWidget(training, playground, _H)
        rest = width - left
        window.resizeDocks([first, training, playground], [left, round(rest * 0.6), round(rest * 0.4)], _H)
    elif height >= 940:
        window.splitDockWidget(training, playground, _V)
        window.resizeDocks([first, training], [left, width - left], _H)
        window.resizeDocks([training, playground], [round(height * 0.62), round(height * 0.38)], _V)
    else:
        window.tabifyDockWidget(training, playground)
        window.resizeDocks([first, training], [left, width - left], _H)
    docks["model"].raise_()
    training.raise_()


def show_titles(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    """A dock among tabs needs no title of its own: its tab says it, and can be dragged like a title."""
    for dock in docks.values():
        tabbed = bool(window.tabifiedDockWidgets(dock)) and not dock.isFloating()
        if tabbed == (dock.titleBarWidget() is None):
            old = dock.titleBarWidget()
            dock.setTitleBarWidget(_NoTitle(dock) if tabbed else None)  # type: ignore[arg-type]
            if old is not None:
                old.deleteLater()


class _NoTitle(QWidget):
    """A title bar that takes no room."""

    def sizeHint(self) -> QSize:
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


_H, _V = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
