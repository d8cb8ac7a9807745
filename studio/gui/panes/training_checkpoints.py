"""The checkpoints of the shown run that are on disk, newest first."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.figures import count, decimal, size
from studio.gui.widgets.icons import icon
from studio.gui.widgets.task_figures import best_text, figures_of
from studio.runs.folder import CheckpointIndex, RunFolder
from studio.runs.wholeness import LostCheckpoint


class CheckpointTable(QWidget):
    """A table with a line a checkpoint. `export_wanted` carries the path of one."""

    export_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: RunFolder | None = None
        self.table = QTableWidget(0, 5)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._enable)
        self.export, self.reveal = QPushButton(), QPushButton()
        for button in (self.export, self.reveal):
            button.setProperty("quiet", True)
        self.export.clicked.connect(self._export)
        self.reveal.clicked.connect(self._reveal)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 4)
        row.addStretch(1)
        row.addWidget(self.reveal)
        row.addWidget(self.export)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        self._empty = EmptyState()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(full)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()

    def _say_columns(self) -> None:
        self.table.setHorizontalHeaderLabels(
            [tr("Step"), figures_of(self._folder)[0].title, tr("Validation loss"), tr("Size"), ""]
        )

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._say_columns()
        self.table.setAccessibleName(tr("Checkpoints"))
        self.export.setText(tr("Export…"))
        self.reveal.setText(tr("Open folder"))
        self._empty.say(
            tr("No checkpoint yet"),
            tr("The weights are saved at the steps that the recipe says, and when you stop."),
        )
        self.show_folder(self._folder)

    def show_folder(self, folder: RunFolder | None) -> None:
        """Read the index of a run again."""
        if folder is not self._folder:
            self._folder = folder
            self._say_columns()
        try:
            index = folder.read_index() if folder else CheckpointIndex()
        except (OSError, TypeError, KeyError, ValueError, AttributeError):
            index = CheckpointIndex()
        entries = sorted(index.entries, key=lambda entry: entry.step, reverse=True)
        chosen = self._chosen()
        lost = index.lost[::-1]
        self.table.setRowCount(len(entries) + len(lost))
        for row, gone in enumerate(lost, len(entries)):
            self._say_lost(row, gone)
        for row, entry in enumerate(entries):
            marks = [
                *([tr("best")] if entry.step == index.best else []),
                *([tr("last")] if entry.step == index.last else []),
            ]
            cells = (
                count(entry.step),
                best_text(entry.metrics),
                decimal(entry.metrics.get("validation_loss")),
                size(entry.size),
                " · ".join(marks),
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, entry.path)
                if column < 4:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                elif entry.step == index.best:
                    item.setForeground(theme.color("jade"))
                self.table.setItem(row, column, item)
            if entry.path == chosen:
                self.table.selectRow(row)
        self._stack.setCurrentIndex(1 if entries or lost else 0)
        self._enable()

    def _say_lost(self, row: int, lost: LostCheckpoint) -> None:
        """A line of a checkpoint that cannot be used any more, and so not be chosen."""
        words = tr("{file} is missing") if lost.damage.missing else tr("{file} is damaged")
        for column, text in enumerate((count(lost.step), "", "", "", words.format(file=lost.damage.file))):
            cell = QTableWidgetItem(text)
            cell.setFlags(Qt.ItemFlag.NoItemFlags)
            if column == 0:
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            elif column == 4:
                cell.setForeground(theme.color("amber"))
            self.table.setItem(row, column, cell)

    def _chosen(self) -> str:
        items = self.table.selectedItems()
        return str(items[0].data(Qt.ItemDataRole.UserRole)) if items else ""

    def _enable(self) -> None:
        chosen = bool(self._chosen())
        for button in (self.export, self.reveal):
            button.setEnabled(chosen)
            button.setToolTip("" if chosen else tr("Choose a checkpoint first"))

    def _export(self) -> None:
        if self._folder is not None and self._chosen():
            self.export_wanted.emit(str(self._folder.path / self._chosen()))

    def _reveal(self) -> None:
        if self._folder is not None and self._chosen():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder.path / self._chosen())))

    def _tint(self) -> None:
        self.export.setIcon(icon("export"))
        self.reveal.setIcon(icon("folder"))
