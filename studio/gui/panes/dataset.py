"""The Dataset pane: where texts come from, what stands in them, what is wrong with them, what the model is fed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.gui.dataset.batches_view import BatchesView
from studio.gui.dataset.preparation import Preparation
from studio.gui.dataset.sources_view import SourcesView
from studio.gui.dataset.statistics_view import StatisticsView
from studio.gui.dataset.switch import ViewSwitch
from studio.gui.session import Session
from studio.gui.theme import theme


class DatasetPane(QWidget):
    """One of several views of the draft's data. All but the sources are made when they are first looked at."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._preparation: Preparation | None = None
        self._views: dict[str, Any] = {}
        self.switch = ViewSwitch(self)
        self.switch.chosen.connect(self.show_view)
        self._stack = QStackedWidget(self)
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 8, 2)
        head.addWidget(self.switch, 1)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self._origin = SourcesView(session, self)
        self._views["sources"] = self._origin
        self._stack.addWidget(self._origin)
        self.sources, self.form, self.preview = self._origin.sources, self._origin.form, self._origin.preview
        self._drop = QFrame(self)
        self._drop.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._drop.hide()
        self.setAcceptDrops(True)
        self.setFocusProxy(self._origin)
        session.draft_changed.connect(self.refresh)
        self.retranslate()
        self.refresh()

    # --- views ---------------------------------------------------------------------------------------

    @property
    def area(self) -> QScrollArea:
        """What the settings scroll in."""
        return self._origin.area

    def view(self, name: str) -> Any:
        """A view by its name; made now if it was not looked at before."""
        if name not in self._views:
            self._views[name] = made = self._make(name)
            self._stack.addWidget(made)
        return self._views[name]

    def show_view(self, name: str) -> None:
        """Bring a view to the front."""
        view = self.view(name)
        self.switch.choose(name)
        self._stack.setCurrentWidget(view)
        if name != "sources":
            view.refresh()

    def _make(self, name: str) -> QWidget:
        if self._preparation is None:
            self._preparation = Preparation(self._session, self)
        if name == "statistics":
            return StatisticsView(self._session, self._preparation, self._stack)
        return BatchesView(self._session, self._preparation, self._stack)

    # --- the draft -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the draft as it is now, and look at its data again if they changed."""
        self._origin.refresh()
        shown = self._views[self.switch.value()]
        if shown is not self._origin:
            shown.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def reveal(self, path: str) -> None:
        """Bring the setting or source that a problem is about into view."""
        self.show_view("sources")
        self._origin.reveal(path)

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        if self._preparation is not None:
            self._preparation.stop()
        for view in self._views.values():
            view.shutdown()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.switch.retranslate()
        for view in self._views.values():
            view.retranslate()

    # --- files dropped onto the pane -----------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            color = theme.color("accent").name()
            self._drop.setStyleSheet(f"QFrame {{ border: 2px dashed {color}; border-radius: 8px; }}")
            self._drop.setGeometry(self.rect().adjusted(6, 6, -6, -6))
            self._drop.show()
            self._drop.raise_()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.hide()
        self.sources.add_files([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 320)
