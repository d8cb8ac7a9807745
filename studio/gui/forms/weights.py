"""Names with numbers, written into a table of two columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from studio.gui.forms.values import number_from, number_text
from studio.gui.i18n import tr
from studio.recipe import FieldDescription

_ROW = 26
_MOST_ROWS = 8


class Weights(QTableWidget):
    """A row a name; the last row is empty and takes another. A row without a name or a number does not count."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self._setting = False
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, 72)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumWidth(160)
        self.itemChanged.connect(self._changed)
        self._fill({})
        self.retranslate()

    def value(self) -> Any:
        found: dict[str, Any] = {}
        for row in range(self.rowCount()):
            name, number = (self._text(row, column) for column in range(2))
            if name and number:
                found[name] = number_from(number, whole=False)
        return found

    def set_value(self, value: Any) -> None:
        names = dict(value) if isinstance(value, dict) else {}
        if self.value() != names:
            self._fill(names)

    def retranslate(self) -> None:
        self.setHorizontalHeaderLabels([tr("Label"), tr("Weight")])

    def sizeHint(self) -> QSize:
        """As many rows as there are, up to eight."""
        rows = min(max(self.rowCount(), 2), _MOST_ROWS)
        return QSize(220, rows * _ROW + self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return item.text().strip() if item is not None else ""

    def _fill(self, names: dict[str, Any]) -> None:
        self._setting = True
        self.setRowCount(len(names))
        for row, (name, number) in enumerate(names.items()):
            self.setItem(row, 0, QTableWidgetItem(str(name)))
            self.setItem(row, 1, QTableWidgetItem(number_text(number)))
        self._setting = False
        self._add_empty()

    def _add_empty(self) -> None:
        last = self.rowCount() - 1
        if last < 0 or self._text(last, 0) or self._text(last, 1):
            self.setRowCount(last + 2)
        self.updateGeometry()

    def _changed(self) -> None:
        if not self._setting:
            self._add_empty()
            self.edited.emit(self.value())
