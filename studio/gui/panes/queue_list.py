"""The queue below the list of runs: what waits, what is being trained, what became of the rest."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import NONE, count
from studio.gui.widgets.icons import icon
from studio.gui.widgets.words import state_color, state_text
from studio.runs.control import last_step
from studio.runs.folder import RunError, RunFolder
from studio.runs.queue import QueueItem

_LOOK_MS = 1000
_ROWS = 6  # shown without scrolling
_ITEM = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class _Row:
    item: QueueItem
    state: str
    step: int


class QueueList(QWidget):
    """Hidden while nothing is queued. `opened` carries the folder of a run that is to be shown."""

    opened = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series = session.series
        self._rows: tuple[_Row, ...] = ()
        self._runner: int | None = None
        self._problem = ""
        rule = QFrame()
        rule.setProperty("role", "rule")
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._note = QLabel(wordWrap=True)
        self._note.setProperty("role", "caption")
        self.start, self.stop = QPushButton(), QPushButton()
        self.start.clicked.connect(self._series.start_queue)
        self.stop.clicked.connect(self._series.stop_queue)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.start)
        head.addWidget(self.stop)
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setColumnCount(3)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.itemActivated.connect(self.open_chosen)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.up, self.down, self.open, self.remove = (QToolButton() for _ in range(4))
        row = QHBoxLayout()
        row.setSpacing(4)
        for button, action in (
            (self.up, self.move_up),
            (self.down, self.move_down),
            (self.open, self.open_chosen),
            (self.remove, self.remove_chosen),
        ):
            button.setAutoRaise(True)
            button.setIconSize(QSize(16, 16))
            button.clicked.connect(action)
            row.addWidget(button)
        row.addWidget(self._note, 1)
        key = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(self.remove_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 8)
        column.setSpacing(6)
        column.addWidget(rule)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addLayout(row)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.reread)
        self._series.changed.connect(self.reread)
        theme.changed.connect(self._recolor)
        self._recolor()
        self.retranslate()
        self.reread()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.table.setHeaderLabels([tr("Run"), tr("State"), tr("Steps")])
        self.table.setAccessibleName(tr("Queue"))
        self.start.setText(tr("Start the queue"))
        self.stop.setText(tr("Pause the queue"))
        self.stop.setToolTip(
            tr("The run that goes on is saved, and resumed when the queue is started again.")
        )
        for button, text in (
            (self.up, tr("Earlier")),
            (self.down, tr("Later")),
            (self.open, tr("Open")),
            (self.remove, tr("Remove from the queue")),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._fill()

    def watch(self, watching: bool) -> None:
        """Look at the disk again and again while the pane is in view."""
        if watching:
            self._timer.start()
            self.reread()
        else:
            self._timer.stop()

    def reread(self) -> None:
        """Read the queue again: a few small files."""
        queue = self._series.queue
        rows: tuple[_Row, ...] = ()
        problem, runner = "", None
        try:
            runner = queue.runner()
            rows = tuple(
                _Row(item, queue.state(item), last_step(RunFolder(Path(item.run))) if item.run else -1)
                for item in queue.items()
            )
        except (RunError, OSError) as error:
            problem = str(error)
        if (rows, runner, problem) != (self._rows, self._runner, self._problem):
            self._rows, self._runner, self._problem = rows, runner, problem
            self._fill()
        else:
            self._enable()

    def _fill(self) -> None:
        chosen = self._chosen()
        self.table.clear()
        for row in self._rows:
            item = QTreeWidgetItem(
                [row.item.name, state_text(row.state), count(row.step) if row.step >= 0 else NONE]
            )
            item.setData(0, _ITEM, row.item.id)
            item.setForeground(1, theme.color(state_color(row.state)))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, row.item.run)
            self.table.addTopLevelItem(item)
            if chosen is not None and row.item.id == chosen.item.id:
                self.table.setCurrentItem(item)
        shown = min(max(len(self._rows), 1), _ROWS)
        height = self.table.sizeHintForRow(0) if self._rows else self.fontMetrics().height()
        self.table.setFixedHeight(self.table.header().sizeHint().height() + shown * max(height, 18) + 6)
        self.setVisible(bool(self._rows or self._problem))
        self._enable()

    def _enable(self) -> None:
        waiting = sum(row.state in ("waiting", "interrupted") for row in self._rows)
        goes_on = self._runner is not None or self._series.queue_starting
        self._title.setText(tr("Queue: {number} waiting", number=waiting) if waiting else tr("Queue"))
        self.start.setVisible(not goes_on)
        self.start.setEnabled(bool(waiting))
        self.stop.setVisible(goes_on)
        self._note.setText(self._problem)
        chosen = self._chosen()
        place = self._rows.index(chosen) if chosen is not None else -1
        self.up.setEnabled(place > 0)
        self.down.setEnabled(0 <= place < len(self._rows) - 1)
        self.open.setEnabled(chosen is not None and bool(chosen.item.run))
        self.remove.setEnabled(chosen is not None and chosen.state != "running")

    # --- what can be done ------------------------------------------------------------------------------

    def _chosen(self) -> _Row | None:
        items = self.table.selectedItems()
        chosen = items[0].data(0, _ITEM) if items else None
        return next((row for row in self._rows if row.item.id == chosen), None)

    def move_up(self) -> None:
        """Train the chosen one earlier."""
        self._move(-1)

    def move_down(self) -> None:
        """Train the chosen one later."""
        self._move(1)

    def remove_chosen(self) -> None:
        """Take the chosen one out; its run stays."""
        chosen = self._chosen()
        if chosen is not None:
            with self._telling():
                self._series.queue.remove(chosen.item.id)
            self.reread()

    def open_chosen(self, *_: object) -> None:
        """Show the run of the chosen one."""
        chosen = self._chosen()
        if chosen is not None and chosen.item.run:
            self.opened.emit(chosen.item.run)

    def _move(self, by: int) -> None:
        chosen = self._chosen()
        if chosen is not None:
            with self._telling():
                self._series.queue.move(chosen.item.id, self._rows.index(chosen) + by)
            self.reread()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (RunError, OSError) as error:
            self._series.message.emit("warning", str(error))

    def _recolor(self) -> None:
        self.start.setIcon(icon("play"))
        self.stop.setIcon(icon("pause"))
        self.up.setIcon(icon("chevron-up"))
        self.down.setIcon(icon("chevron-down"))
        self.open.setIcon(icon("open"))
        self.remove.setIcon(icon("trash", "danger"))
        self._fill()
