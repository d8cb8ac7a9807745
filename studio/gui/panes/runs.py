"""The Runs pane: every run there is, how it went, and what can be done with it."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QFile, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio import paths
from studio.gui.i18n import tr
from studio.gui.panes.queue_list import QueueList
from studio.gui.panes.runs_list import RunLister, RunSummary
from studio.gui.run_folders import has_weights
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.figures import NONE, count, moment, size
from studio.gui.widgets.icons import icon
from studio.gui.widgets.words import state_color, state_text
from studio.recipe import RecipeError, load
from studio.runs.folder import RunFolder

_SUMMARY = Qt.ItemDataRole.UserRole
_REREAD_MS = 5000


class RunsPane(QWidget):
    """A table of runs, newest first. `opened` says that one is shown now; `evaluation_wanted` carries a run's path."""

    opened = Signal()
    evaluation_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._lister: RunLister | None = None
        self._again = False
        self._summaries: list[RunSummary] | None = None
        self.question: QMessageBox | None = None
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setColumnCount(6)
        self.table.setTextElideMode(
            Qt.TextElideMode.ElideMiddle
        )  # the trials of a search differ in their end
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.itemActivated.connect(self.open_chosen)
        self.table.itemSelectionChanged.connect(self._enable)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._reason = QLabel(wordWrap=True)
        self._reason.setProperty("role", "caption")
        self._reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open, self.evaluate, self.reveal, self.reuse, self.delete = (QPushButton() for _ in range(5))
        row = QHBoxLayout()
        row.setSpacing(4)
        for button, action in (
            (self.open, self.open_chosen),
            (self.evaluate, self.evaluate_chosen),
            (self.reveal, self.reveal_chosen),
            (self.reuse, self.reuse_recipe),
            (self.delete, self.ask_delete),
        ):
            button.setProperty("quiet", True)
            button.clicked.connect(action)
            row.addWidget(button)
        row.addStretch(1)
        self.delete.setProperty("danger", True)
        delete_key = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete_key.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete_key.activated.connect(self.ask_delete)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.table, 1)
        column.addWidget(self._reason)
        column.addLayout(row)
        self._empty = EmptyState("runs")
        self.queue = QueueList(session)
        self.queue.opened.connect(self.show_run)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(full)
        both = QVBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addLayout(self._stack, 1)
        both.addWidget(self.queue)
        self._timer = QTimer(self, interval=_REREAD_MS)
        self._timer.timeout.connect(self.reread)
        session.run_changed.connect(self.reread)
        theme.changed.connect(self._recolor)
        self._recolor()
        self.retranslate()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.table.setHeaderLabels(
            [tr("Run"), tr("State"), tr("Started"), tr("Steps"), tr("Best"), tr("Size")]
        )
        self.table.setAccessibleName(tr("Runs"))
        for button, text in (
            (self.open, tr("Open")),
            (self.reveal, tr("Show folder")),
            (self.reuse, tr("Use its recipe")),
            (self.delete, tr("Delete…")),
        ):
            button.setText(text)
        # A picture alone: in a narrow window there is no room for five texts.
        self.evaluate.setToolTip(tr("Evaluate…"))
        self.evaluate.setAccessibleName(tr("Evaluate…"))
        self.queue.retranslate()
        self._empty.say(
            tr("No runs yet"), tr("Every training run is kept here, with its curves and checkpoints.")
        )
        self._fill()

    # --- reading ---------------------------------------------------------------------------------------

    def reread(self) -> None:
        """Read the run folders again, in a thread; calls in the meantime are one more reading."""
        if not self.isVisible():
            return
        if self._lister is not None:
            self._again = True
            return
        self._lister = RunLister(paths.runs_home(), self)
        self._lister.found.connect(self._take)
        self._lister.finished.connect(self._read)
        self._lister.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self.queue.watch(True)
        self.reread()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self.queue.watch(False)

    def shutdown(self) -> None:
        """Wait for the reading that goes on."""
        self._timer.stop()
        self.queue.watch(False)
        if self._lister is not None:
            self._lister.requestInterruption()
            self._lister.wait(3000)

    def _take(self, summaries: list[RunSummary]) -> None:
        if summaries != self._summaries:
            self._summaries = summaries
            self._fill()

    def _read(self) -> None:
        if self._lister is not None:
            self._lister.wait()
            self._lister.deleteLater()
            self._lister = None
        if self._again:
            self._again = False
            self.reread()

    def _fill(self) -> None:
        chosen = self.chosen()
        shown = self._session.folder.path if self._session.folder else None
        self.table.clear()
        for summary in self._summaries or []:
            step = count(summary.step) if summary.step >= 0 else NONE
            cells = [summary.name, state_text(summary.state), moment(summary.changed), step]
            item = QTreeWidgetItem([*cells, summary.figure, size(summary.size)])
            item.setData(0, _SUMMARY, summary)
            item.setForeground(1, theme.color(state_color(summary.state)))
            for column in (3, 4, 5):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, f"{summary.path}\n{summary.reason}".strip())
            if shown == summary.path:
                font = item.font(0)
                font.setBold(True)
                item.setFont(0, font)
            self.table.addTopLevelItem(item)
            if chosen is not None and summary.path == chosen.path:
                self.table.setCurrentItem(item)
        self._stack.setCurrentIndex(1 if self._summaries else 0)
        self._enable()

    # --- what can be done ------------------------------------------------------------------------------

    def chosen(self) -> RunSummary | None:
        """The selected line."""
        items = self.table.selectedItems()
        return items[0].data(0, _SUMMARY) if items else None

    def open_chosen(self, *_: object) -> None:
        """Show the curves and checkpoints of the selected run."""
        summary = self.chosen()
        if summary is not None:
            self.show_run(summary.path)

    def show_run(self, path: str | Path) -> None:
        """Show the curves and checkpoints of a run."""
        if self._session.open_run(path):
            self._fill()
            self.opened.emit()

    def evaluate_chosen(self) -> None:
        """Ask for the evaluation of the selected run."""
        summary = self.chosen()
        if summary is not None:
            self.evaluation_wanted.emit(str(summary.path))

    def reveal_chosen(self) -> None:
        """Open the folder in the file manager."""
        summary = self.chosen()
        if summary is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(summary.path)))

    def reuse_recipe(self) -> None:
        """Make the run's recipe the draft."""
        summary = self.chosen()
        if summary is None:
            return
        try:
            self._session.new_from(load(summary.path / "recipe.toml"))
        except RecipeError as error:
            self._session.message.emit("error", str(error))
        else:
            self._session.message.emit(
                "ok", tr("The recipe of {name} is in the Model pane now.", name=summary.name)
            )

    def ask_delete(self) -> None:
        """Ask whether the selected run goes to the trash or away for good."""
        summary = self.chosen()
        if summary is None or summary.state == "running":
            return
        box = self.question = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(tr("Delete run"))
        box.setText(
            tr(
                "Delete the run {name}, with its checkpoints ({size})?",
                name=summary.name,
                size=size(summary.size),
            )
        )
        box.setInformativeText(str(summary.path))
        trash = box.addButton(tr("Move to trash"), QMessageBox.ButtonRole.AcceptRole)
        forever = box.addButton(tr("Delete permanently"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("Keep it"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        trash.setObjectName("trash")
        forever.setObjectName("forever")
        box.setProperty("path", str(summary.path))
        box.buttonClicked.connect(self._answered)
        box.open()

    def _answered(self, button: QWidget) -> None:
        box, self.question = self.question, None
        if box is None or button.objectName() not in ("trash", "forever"):
            return
        self.remove(Path(str(box.property("path"))), forever=button.objectName() == "forever")

    def remove(self, path: Path, forever: bool) -> None:
        """Take a run folder away."""
        if self._session.folder is not None and self._session.folder.path == path:
            self._session.close_run()
        if forever:
            try:
                shutil.rmtree(path)
            except OSError as error:
                self._session.message.emit(
                    "error", tr("Cannot delete {path}: {reason}", path=path, reason=error.strerror)
                )
        elif not QFile(str(path)).moveToTrash():
            self._session.message.emit(
                "error", tr("There is no trash for {path}; delete it permanently or by hand.", path=path)
            )
        self.reread()

    def _enable(self) -> None:
        summary = self.chosen()
        usable = summary is not None and summary.state != "unreadable"
        self.open.setEnabled(usable)
        self.evaluate.setEnabled(summary is not None and usable and has_weights(RunFolder(summary.path)))
        self.reuse.setEnabled(usable)
        self.reveal.setEnabled(summary is not None)
        self.delete.setEnabled(summary is not None and summary.state != "running")
        reason = summary.reason if summary else ""
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))

    def _menu(self, at: QPoint) -> None:
        if self.chosen() is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button, action in (
            (self.open, self.open_chosen),
            (self.evaluate, self.evaluate_chosen),
            (self.reveal, self.reveal_chosen),
            (self.reuse, self.reuse_recipe),
            (self.delete, self.ask_delete),
        ):
            entry = menu.addAction(button.icon(), button.text() or button.toolTip(), action)
            entry.setEnabled(button.isEnabled())
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _recolor(self) -> None:
        self.open.setIcon(icon("open"))
        self.evaluate.setIcon(icon("check"))
        self.reveal.setIcon(icon("folder"))
        self.reuse.setIcon(icon("model"))
        self.delete.setIcon(icon("trash", "danger"))
        self._fill()
