"""The Training pane: the run that is shown, as it learns."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedLayout,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.gui.engine_view.timeline import TimelineView
from studio.gui.i18n import tr
from studio.gui.panes.training_checkpoints import CheckpointTable
from studio.gui.panes.training_header import TrainingHeader
from studio.gui.panes.training_probes import ProbeTable
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.figures import moment
from studio.gui.widgets.refusals import failure_texts
from studio.runs import events as ev

if TYPE_CHECKING:
    from studio.gui.panes.training_plots import TrainingPlots


class TrainingPane(QWidget):
    """Header, plots, probes, checkpoints and messages. `export_wanted` carries the path of a checkpoint."""

    export_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: object = None
        self._drawn: object = None
        self.header = TrainingHeader(session)
        self.probes = ProbeTable()
        self.timeline = TimelineView()
        self.timeline.problem.connect(self._say_problem)
        self.checkpoints = CheckpointTable()
        self.checkpoints.export_wanted.connect(self.export_wanted)
        self.messages = QListWidget()
        self.messages.setWordWrap(True)
        self.messages.setSelectionMode(QListWidget.SelectionMode.SingleSelection)
        self.tabs = QTabWidget()
        for widget in (self.probes, self.timeline, self.checkpoints, self.messages):
            self.tabs.addTab(widget, "")
        self._empty = EmptyState("training")
        self._empty.button.clicked.connect(session.start)
        upper = QWidget()
        self._stack = QStackedLayout(upper)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.addWidget(upper)
        self._splitter.addWidget(self.tabs)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([420, 170])
        self._splitter.setChildrenCollapsible(True)
        upper.setMinimumHeight(110)
        self.tabs.setMinimumHeight(84)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(10)
        column.addWidget(self.header)
        column.addWidget(self._splitter, 1)
        session.run_changed.connect(self._run_changed)
        session.events.connect(self._take)
        theme.changed.connect(self._recolor)
        self.retranslate()
        self._run_changed()

    @cached_property
    def plots(self) -> TrainingPlots:
        """The curves, made with the first run: the library that draws them takes long to load."""
        from studio.gui.panes.training_plots import TrainingPlots

        plots = TrainingPlots()
        self._stack.addWidget(plots)
        return plots

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        for at, text in enumerate((tr("Probes"), tr("Timeline"), tr("Checkpoints"), tr("Messages"))):
            self.tabs.setTabText(at, text)
        self.messages.setAccessibleName(tr("Messages"))
        for part in (self.header, self.probes, self.timeline, self.checkpoints):
            part.retranslate()
        if self._drawn is not None:
            self.plots.retranslate()
        self._say_empty()
        self._fill_messages()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.header.set_low(self.height() < 600)

    def _say_empty(self) -> None:
        text = tr(
            "Press Start to train the recipe of the Model pane; its curves are drawn here. Or open an old run."
        )
        self._empty.say(tr("No run yet"), text)

    def _run_changed(self) -> None:
        record = self._session.record
        if record is not self._shown:
            self._shown = record
            self.probes.show_record(record)
            self.timeline.show_record(record, self._session.folder)
        if self._session.folder is not None and record is not self._drawn:
            self._drawn = record
            self.plots.show_record(record, self._session.folder)
        self._say_empty()
        self.checkpoints.show_folder(self._session.folder)
        self._stack.setCurrentIndex(0 if self._session.folder is None else 1)
        self._refresh()
        self._fill_messages()

    def _take(self, events: list[ev.Event]) -> None:
        if any(isinstance(event, ev.CheckpointSaved) for event in events):
            self.checkpoints.show_folder(self._session.folder)
        if any(isinstance(event, ev.Warned | ev.Failed) for event in events):
            self._fill_messages()
        self._refresh()

    def _refresh(self) -> None:
        """While the pane is hidden, nothing is drawn; it catches up when shown."""
        if self.isVisible():
            if self._session.folder is not None:
                self.plots.refresh()
            self.probes.refresh(self._session.record)
            self.timeline.refresh()

    def _fill_messages(self) -> None:
        record = self._session.record
        self.messages.clear()
        found: list[tuple[float, str, str]] = [(one.at, one.message, "amber") for one in record.warnings]
        if isinstance(record.end, ev.Failed):
            found.append((record.end.at, "\n".join(failure_texts(record.end)), "danger"))
        for at, text, color in reversed(found):
            item = QListWidgetItem(f"{moment(at)}  {text}", self.messages)
            item.setForeground(theme.color(color))
        if not found:
            item = QListWidgetItem(tr("No warnings."), self.messages)
            item.setForeground(theme.color("muted"))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        count = f" ({len(found)})" if found else ""
        self.tabs.setTabText(self.tabs.indexOf(self.messages), tr("Messages") + count)

    def _say_problem(self, text: str) -> None:
        self._session.message.emit("warning", text)

    def _recolor(self) -> None:
        self._fill_messages()
        self.checkpoints.show_folder(self._session.folder)
