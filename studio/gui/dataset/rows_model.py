"""The rows of a source as a table: pages come from the lab when they are looked at, and the oldest are forgotten."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.gui.dataset.asking import Question
from studio.gui.session import Session
from studio.runs.dataset_requests import PageRows, RowsPaged
from studio.runs.datasets import Row
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

Index = QModelIndex | QPersistentModelIndex
PAGE = 200
KEPT = 60
"""Pages in memory; a screen shows one or two."""
_CELL = 400  # characters of a cell in the table; the whole of it is shown below


class RowsModel(QAbstractTableModel):
    """Shows `total` rows, of which those that are not here yet are empty.

    Attributes:
        total: rows, or rows found; -1 while that is not known.
        refused: why the last page did not come.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._question = Question(session, self._answered, self)
        self._source: dict[str, Any] = {}
        self._search = ""
        self._pages: OrderedDict[int, tuple[Row, ...]] = OrderedDict()
        self._asked = -1
        self._shown = 0
        self.columns: tuple[str, ...] = ()
        self.total = -1
        self.refused: Refused | None = None
        self.told = _no_one

    def look_at(self, source: dict[str, Any], search: str) -> None:
        """Show the rows of another source, or other rows."""
        self._question.stop()
        self.beginResetModel()
        self._source, self._search = source, search
        self._pages.clear()
        self._asked, self._shown, self.total, self.columns, self.refused = -1, 0, -1, (), None
        self.endResetModel()
        if source:
            self._ask(0)
        self.told()

    def stop(self) -> None:
        """Ask nothing more."""
        self._question.stop()
        self._asked = -1

    @property
    def going_on(self) -> bool:
        return self._question.going_on

    def need(self, first: int, last: int) -> None:
        """Rows that are in view: ask for the first of their pages that is not here, and for nothing elsewhere."""
        wanted = range(first // PAGE, last // PAGE + 1)
        if self._asked in wanted and self._question.going_on:
            return
        missing = next((page for page in wanted if page not in self._pages), None)
        if missing is not None and self._source and self.refused is None:
            self._ask(missing)

    def row(self, number: int) -> Row | None:
        """A row, if it is here."""
        page = self._pages.get(number // PAGE)
        place = number % PAGE
        return page[place] if page is not None and place < len(page) else None

    # --- Qt ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._shown

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.row(index.row())
        if row is None:
            return "…" if index.column() == 0 else ""
        cell = row.cells[index.column()] if index.column() < len(row.cells) else ""
        return " ".join(cell[:_CELL].split())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.columns[section] if section < len(self.columns) else ""
        row = self.row(section)
        return f"{row.number + 1:,}" if row is not None else ""

    # --- inside --------------------------------------------------------------------------------------

    def _ask(self, page: int) -> None:
        self._asked = page
        source, search = self._source, self._search

        def made(name: str) -> Request:
            return PageRows(id=name, source=source, offset=page * PAGE, count=PAGE, search=search)

        self._question.ask(made, 0 if not self._pages else 40)

    def _answered(self, response: Response) -> None:
        page, self._asked = self._asked, -1
        if isinstance(response, Refused):
            self.refused = response
        elif isinstance(response, RowsPaged):
            self._take(page, response)
        self.told()

    def _take(self, page: int, response: RowsPaged) -> None:
        if response.columns != self.columns:
            self.beginResetModel()
            self.columns = response.columns
            self.endResetModel()
        self._pages[page] = response.rows
        self._pages.move_to_end(page)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        self.total = response.total
        shown = response.total if response.total >= 0 else response.offset + len(response.rows)
        if shown > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, shown - 1)
            self._shown = shown
            self.endInsertRows()
        elif shown < self._shown and response.total >= 0:
            self.beginRemoveRows(QModelIndex(), shown, self._shown - 1)
            self._shown = shown
            self.endRemoveRows()
        if response.rows and self.columns:
            last = min(response.offset + len(response.rows), self._shown) - 1
            self.dataChanged.emit(self.index(response.offset, 0), self.index(last, len(self.columns) - 1))
            self.headerDataChanged.emit(Qt.Orientation.Vertical, response.offset, last)
        if response.total < 0 and len(response.rows) == PAGE:
            # How many there are is told with any page but the first.
            self._ask(page + 1)


def _no_one() -> None:
    """Nobody listens yet."""
