"""A table whose pages come from the lab when they are looked at, and of which the oldest are forgotten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex

from studio.gui.dataset.asking import Question
from studio.gui.session import Session
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

Index = QModelIndex | QPersistentModelIndex
PAGE = 200
_PAUSE = 40  # milliseconds before a page is asked for: who scrolls is soon elsewhere
T = TypeVar("T")


class PagedModel(QAbstractTableModel, Generic[T]):
    """Shows `total` rows; those that are not here yet are empty. `told` is called when something has come.

    Attributes:
        total: rows that are wanted; -1 while that is not known.
        refused: why the last page did not come.
    """

    def __init__(self, session: Session, kept: int, parent: QObject | None = None) -> None:
        """`kept` pages stay in memory; a screen shows one or two."""
        super().__init__(parent)
        self._question = Question(session, self._answered, self)
        self._kept = kept
        self._pages: OrderedDict[int, tuple[T, ...]] = OrderedDict()
        self._asked = -1
        self._shown = 0
        self._asking = False
        self.total = -1
        self.refused: Refused | None = None
        self.told = _no_one

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
        if missing is not None and self._asking and self.refused is None and first < max(self._shown, 1):
            self._ask(missing)

    def at(self, row: int) -> T | None:
        """What stands in a row, if it is here."""
        page = self._pages.get(row // PAGE)
        place = row % PAGE
        return page[place] if page is not None and place < len(page) else None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._shown

    # --- what is shown -------------------------------------------------------------------------------

    def _request(self, name: str, offset: int) -> Request:
        """What asks for the page that begins at a row."""
        raise NotImplementedError

    def _received(self, page: int, response: Response) -> None:
        """Put what came into its place, with `_put`."""
        raise NotImplementedError

    def _begin(self, *, asking: bool) -> None:
        """Show something else; call `_ask` for its first page if there is one."""
        self._question.stop()
        self.beginResetModel()
        self._pages.clear()
        self._asked, self._shown, self.refused, self._asking = -1, 0, None, asking
        self.total = -1 if asking else 0
        self.endResetModel()
        if asking:
            self._ask(0)
        self.told()

    def _put(self, page: int, rows: Sequence[T], total: int) -> None:
        """Keep a page of a table that has so many rows; -1 where that is not known yet."""
        self._pages[page] = tuple(rows)
        self._pages.move_to_end(page)
        while len(self._pages) > self._kept:
            self._pages.popitem(last=False)
        self.total = total
        first = page * PAGE
        shown = total if total >= 0 else first + len(rows)
        if shown > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, shown - 1)
            self._shown = shown
            self.endInsertRows()
        elif shown < self._shown and total >= 0:
            self.beginRemoveRows(QModelIndex(), shown, self._shown - 1)
            self._shown = shown
            self.endRemoveRows()
        if rows and self.columnCount():
            last = min(first + len(rows), self._shown) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))

    def _ask(self, page: int) -> None:
        self._asked = page
        self._question.ask(lambda name: self._request(name, page * PAGE), _PAUSE if self._pages else 0)

    def _answered(self, response: Response) -> None:
        page, self._asked = self._asked, -1
        if isinstance(response, Refused):
            self.refused = response
        else:
            self._received(page, response)
        self.told()


def _no_one() -> None:
    """Nobody listens yet."""
