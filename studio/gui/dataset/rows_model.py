"""The rows of a source as a table: pages come from the lab when they are looked at, and the oldest are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from studio.gui.dataset.paged_model import PAGE, Index, PagedModel
from studio.gui.session import Session
from studio.runs.dataset_requests import PageRows, RowsPaged
from studio.runs.datasets import Row

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

KEPT = 60
"""Pages in memory."""
_CELL = 400  # characters of a cell in the table; the whole of it is shown below


class RowsModel(PagedModel[Row]):
    """The rows of a source, or those that are found in it. `columns` are named by the first page."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, KEPT, parent)
        self._source: dict[str, Any] = {}
        self._search = ""
        self.columns: tuple[str, ...] = ()

    def look_at(self, source: dict[str, Any], search: str) -> None:
        """Show the rows of another source, or other rows."""
        self._source, self._search, self.columns = source, search, ()
        self._begin(asking=bool(source))

    # --- Qt ------------------------------------------------------------------------------------------

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.at(index.row())
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
        row = self.at(section)
        return f"{row.number + 1:,}" if row is not None else ""

    # --- inside --------------------------------------------------------------------------------------

    def _request(self, name: str, offset: int) -> Request:
        return PageRows(id=name, source=self._source, offset=offset, count=PAGE, search=self._search)

    def _received(self, page: int, response: Response) -> None:
        if not isinstance(response, RowsPaged):
            return
        if response.columns != self.columns:
            self.beginResetModel()
            self.columns = response.columns
            self.endResetModel()
        self._put(page, response.rows, response.total)
        if response.rows:
            last = min(response.offset + len(response.rows), self._shown) - 1
            self.headerDataChanged.emit(Qt.Orientation.Vertical, response.offset, last)
        if response.total < 0 and len(response.rows) == PAGE:
            # How many there are is told with any page but the first.
            self._ask(page + 1)
