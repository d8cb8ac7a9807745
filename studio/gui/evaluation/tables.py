"""Tables of figures: plain, quiet, numbers on the right and sorted as numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NUMBER = Qt.ItemDataRole.UserRole


class NumberItem(QTableWidgetItem):
    """A cell that is sorted by its number, not by its text; without one it comes last."""

    def __init__(self, text: str, number: float | None) -> None:
        super().__init__(text)
        self.setTextAlignment(RIGHT)
        self.setData(_NUMBER, -1.0 if number is None else number)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return bool(self.data(_NUMBER) < other.data(_NUMBER))


class PlainTable(QTableWidget):
    """A table that is only read. `words` columns on the left are texts, all others numbers."""

    def __init__(self, columns: int, words: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(0, columns, parent)
        self._words = words
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)

    def say_heads(self, heads: Sequence[str]) -> None:
        """Name the columns."""
        modes = QHeaderView.ResizeMode
        for column, text in enumerate(heads):
            head = QTableWidgetItem(text)
            head.setTextAlignment(LEFT if column < self._words else RIGHT)
            self.setHorizontalHeaderItem(column, head)
            mode = modes.Stretch if column < self._words else modes.ResizeToContents
            self.horizontalHeader().setSectionResizeMode(column, mode)

    def show_rows(self, rows: Sequence[Sequence[QTableWidgetItem | str]]) -> None:
        """Show these rows and no others."""
        sorting = self.isSortingEnabled()
        self.setSortingEnabled(False)
        self.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell) if isinstance(cell, str) else cell
                if isinstance(cell, str):
                    item.setTextAlignment(LEFT if column < self._words else RIGHT)
                    item.setToolTip(cell if column < self._words else "")
                self.setItem(row, column, item)
        self.setSortingEnabled(sorting)

    def fit_height(self, most: int) -> None:
        """As high as its rows, up to so many."""
        shown = min(self.rowCount(), most)
        head = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(head + 28 * shown + 4)
