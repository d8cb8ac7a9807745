"""Files and folders on their way into the recipe: each is looked at before it becomes a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.import_panel import ImportPanel
from studio.gui.i18n import language, tr
from studio.gui.session import Session
from studio.gui.widgets.icons import icon

MOST = 50
"""Files that are looked at one by one; more belong into a folder, which is one source."""


class ImportDialog(QDialog):
    """`accepted_sources` carries the sources that were ticked, as the recipe is to have them."""

    accepted_sources = Signal(object)

    def __init__(self, session: Session, paths: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.panels = [ImportPanel(session, path, self) for path in list(dict.fromkeys(paths))[:MOST]]
        self.list = QListWidget()
        self.list.setFixedWidth(190)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._stack = QStackedWidget()
        for panel in self.panels:
            item = QListWidgetItem(Path(panel.path).name or panel.path)
            item.setToolTip(panel.path)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.list.addItem(item)
            self._stack.addWidget(panel)
            panel.changed.connect(self._known)
        self.list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.list.itemChanged.connect(self._known)
        self.list.setCurrentRow(0)
        self.list.setVisible(len(self.panels) > 1)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.add.setProperty("primary", True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.list)
        row.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addLayout(row, 1)
        column.addWidget(self.buttons)
        self.setMinimumSize(380, 360)
        self.resize(820 if len(self.panels) > 1 else 680, 560)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("Import"))
        self.list.setAccessibleName(tr("Files"))
        for panel in self.panels:
            panel.retranslate()
        self._known()

    def accept(self) -> None:
        wanted = [panel.source() for panel, item in self._ticked() if panel.usable() and item]
        if wanted:
            self.accepted_sources.emit(wanted)
            super().accept()

    def done(self, result: int) -> None:
        for panel in self.panels:
            panel.stop()
        super().done(result)

    def _ticked(self) -> list[tuple[ImportPanel, bool]]:
        return [
            (panel, self.list.item(place).checkState() == Qt.CheckState.Checked)
            for place, panel in enumerate(self.panels)
        ]

    def _known(self, *_: object) -> None:
        """More is known of a file: which can be added, and how many will be."""
        self.list.blockSignals(True)
        for place, panel in enumerate(self.panels):
            item = self.list.item(place)
            name, color = ("error", "danger") if panel.refused else ("clock", "muted")
            if panel.usable():
                name, color = "check", "jade"
            item.setIcon(icon(name, color))
            if panel.refused:
                item.setCheckState(Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        ready = sum(ticked and panel.usable() for panel, ticked in self._ticked())
        self.add.setText(tr("Add {count} sources", count=ready) if len(self.panels) > 1 else tr("Add"))
        self.add.setEnabled(ready > 0)
