"""The items of an evaluation as a table: pages come from the lab when they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from studio.gui.dataset.paged_model import PAGE, Index, PagedModel
from studio.gui.evaluation.tables import LEFT, RIGHT
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import NONE, decimal, percent
from studio.runs.appraisal_requests import Item, ItemsPaged, PageItems, Wanted

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

_KEPT = 40  # pages in memory
_CELL = 300  # characters of a cell; the whole of it is shown below
_COLUMNS = 6


class ItemsModel(PagedModel[Item]):
    """The items of an evaluation, or those of them that are wanted."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, _KEPT, parent)
        self._place = ("", "")
        self._wanted = Wanted()
        self.running = False
        """The items are running text, of which each symbol is guessed given all before it."""

    def look_at(self, folder: str, records: str, wanted: Wanted) -> None:
        """Show the items of another evaluation, or others of them; of none if there is no file."""
        self._place, self._wanted = (folder, records), wanted
        self._begin(asking=bool(records))

    # --- Qt ------------------------------------------------------------------------------------------

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else _COLUMNS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.at(index.row())
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
            given = tr("Likeliest at each place") if self.running else tr("Model's answer")
            heads = ("", tr("Text"), tr("Right answer"), given, tr("Loss"), tr("Confidence"))
            return heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in (4, 5) else LEFT
        return None

    # --- inside --------------------------------------------------------------------------------------

    def _request(self, name: str, offset: int) -> Request:
        folder, records = self._place
        return PageItems(
            id=name, folder=folder, records=records, wanted=self._wanted, offset=offset, count=PAGE
        )

    def _received(self, page: int, response: Response) -> None:
        if isinstance(response, ItemsPaged):
            self._put(page, response.items, response.total)


def _text(item: Item, column: int) -> str:
    if column == 0:
        return "" if item.right is None else "✓" if item.right else "✗"
    if column < 4:
        return " ".join((item.input, item.wanted, item.given)[column - 1][:_CELL].split())
    if column == 4:
        return NONE if item.loss is None else decimal(item.loss)
    return percent(item.confidence)
