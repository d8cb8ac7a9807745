"""The items of an evaluation as a table: pages come from the lab when they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.gui.dataset.asking import Question
from studio.gui.evaluation.tables import LEFT, RIGHT
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import NONE, decimal, percent
from studio.runs.appraisal_requests import Item, ItemsPaged, PageItems, Wanted
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

Index = QModelIndex | QPersistentModelIndex
PAGE = 200
_KEPT = 40  # pages in memory
_CELL = 300  # characters of a cell; the whole of it is shown below
_COLUMNS = 6


class ItemsModel(QAbstractTableModel):
    """Shows `total` items; those that are not here yet are empty. `told` is called when something has come.

    Attributes:
        total: items that are wanted; -1 while that is not known.
        refused: why the last page did not come.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._question = Question(session, self._answered, self)
        self._place = ("", "")
        self._wanted = Wanted()
        self._pages: OrderedDict[int, tuple[Item, ...]] = OrderedDict()
        self._asked = -1
        self._shown = 0
        self.total = -1
        self.refused: Refused | None = None
        self.told = _no_one

    def look_at(self, folder: str, records: str, wanted: Wanted) -> None:
        """Show the items of another evaluation, or others of them; of none if there is no file."""
        self._question.stop()
        self.beginResetModel()
        self._place, self._wanted = (folder, records), wanted
        self._pages.clear()
        self._asked, self._shown, self.refused = -1, 0, None
        self.total = -1 if records else 0
        self.endResetModel()
        if records:
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
        """Items that are in view: ask for the first of their pages that is not here."""
        wanted = range(first // PAGE, last // PAGE + 1)
        if self._asked in wanted and self._question.going_on:
            return
        missing = next((page for page in wanted if page not in self._pages), None)
        if missing is not None and self._place[1] and self.refused is None and first < max(self._shown, 1):
            self._ask(missing)

    def item(self, row: int) -> Item | None:
        """An item, if it is here."""
        page = self._pages.get(row // PAGE)
        place = row % PAGE
        return page[place] if page is not None and place < len(page) else None

    # --- Qt ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._shown

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else _COLUMNS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.item(index.row())
        column = index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if item is None:
                return "…" if column == 1 else ""
            return _text(item, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (4, 5):
            return RIGHT
        if role == Qt.ItemDataRole.TextAlignmentRole and column == 0:
            return Qt.AlignmentFlag.AlignCenter
        if (
            role == Qt.ItemDataRole.ForegroundRole
            and column == 0
            and item is not None
            and item.right is not None
        ):
            return theme.color("jade" if item.right else "danger")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            heads = ("", tr("Text"), tr("Right answer"), tr("Model's answer"), tr("Loss"), tr("Confidence"))
            return heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in (4, 5) else LEFT
        return None

    # --- inside --------------------------------------------------------------------------------------

    def _ask(self, page: int) -> None:
        self._asked = page
        (folder, records), wanted = self._place, self._wanted

        def made(name: str) -> Request:
            return PageItems(
                id=name, folder=folder, records=records, wanted=wanted, offset=page * PAGE, count=PAGE
            )

        self._question.ask(made, 0 if not self._pages else 40)

    def _answered(self, response: Response) -> None:
        page, self._asked = self._asked, -1
        if isinstance(response, Refused):
            self.refused = response
        elif isinstance(response, ItemsPaged):
            self._take(page, response)
        self.told()

    def _take(self, page: int, response: ItemsPaged) -> None:
        self._pages[page] = response.items
        self._pages.move_to_end(page)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
        self.total = response.total
        if response.total > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, response.total - 1)
            self._shown = response.total
            self.endInsertRows()
        if response.items:
            last = min(response.offset + len(response.items), self._shown) - 1
            self.dataChanged.emit(self.index(response.offset, 0), self.index(last, _COLUMNS - 1))


def _text(item: Item, column: int) -> str:
    if column == 0:
        return "" if item.right is None else "✓" if item.right else "✗"
    if column < 4:
        return " ".join((item.input, item.wanted, item.given)[column - 1][:_CELL].split())
    if column == 4:
        return NONE if item.loss is None else decimal(item.loss)
    return percent(item.confidence)


def _no_one() -> None:
    """Nobody listens yet."""
