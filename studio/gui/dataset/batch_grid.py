"""A batch as a grid: a row an example, a column a position, with what is fed above what is to be said."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw
from studio.runs.batch_requests import BatchRow, BatchShown

Index = QModelIndex | QPersistentModelIndex
CELL = Qt.ItemDataRole.UserRole
_WIDTH, _WIDTH_WITH_IDS, _HEIGHT = 46, 54, 46


class BatchModel(QAbstractTableModel):
    """The rows of a batch that were asked for.

    `CELL` is (token, id, target, target id): no token in padding, no target where texts are asked about as a whole.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[BatchRow] = []
        self._columns = 0

    def show_batch(self, shown: BatchShown) -> None:
        """Show a batch from its first row on."""
        self.beginResetModel()
        self._rows, self._columns = list(shown.rows), shown.columns
        self.endResetModel()

    def add_rows(self, rows: tuple[BatchRow, ...]) -> None:
        """Add rows that were asked for later."""
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
        self._rows += rows
        self.endInsertRows()

    def row(self, number: int) -> BatchRow:
        return self._rows[number]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._columns

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        inside = column < len(row.tokens)
        positions = bool(row.targets)
        target = row.targets[column] if positions and inside else ""
        if role == CELL:
            token = row.tokens[column] if inside else None
            number = row.target_ids[column] if row.target_ids else None
            return token, row.ids[column], target if positions else None, number
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if not inside:
                return tr("padding")
            return (
                f"{row.tokens[column]} → {target or tr('nothing asked')}" if positions else row.tokens[column]
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            if not inside:
                return tr("Padding: fed as {id}, nothing is asked here", id=row.ids[column])
            told = tr("fed {token} ({id})", token=row.tokens[column], id=row.ids[column])
            if not positions:
                return told
            if target:
                return told + "\n" + tr("asked {token} ({id})", token=target, id=row.target_ids[column])
            return told + "\n" + tr("nothing is asked here: its syllable has no such candidate")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation == Qt.Orientation.Horizontal:
                return str(section)
            row = self._rows[section]
            return f"{row.example:,}  {row.label}" if row.label else f"{row.example:,}"
        if role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Vertical:
            return tr("Number among the examples of training")
        return None


class _Delegate(QStyledItemDelegate):
    """Paints a position; padding is hatched, what is not asked for is amber."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.ids = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(_WIDTH_WITH_IDS if self.ids else _WIDTH, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        token, number, target, target_number = index.data(CELL)
        rect = QRectF(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("accent_soft"))
        if token is None:
            painter.fillRect(rect, QBrush(theme.color("hairline"), Qt.BrushStyle.BDiagPattern))
            if self.ids:
                painter.setPen(theme.color("muted"))
                below = "" if target_number is None else str(target_number)
                _lines(painter, rect, (str(number), 10), (below, 10))
        elif target is None:
            painter.setPen(theme.color("muted" if self.ids else "text"))
            draw(painter, rect, str(number) if self.ids else token, 11 if self.ids else 18, across=0.5)
        else:
            if not target:
                painter.fillRect(rect, theme.color("amber_soft"))
            painter.setPen(theme.color("muted"))
            if self.ids:
                _lines(painter, rect, (str(number), 11), (str(target_number), 11))
            else:
                draw(painter, QRectF(rect.left(), rect.top() + 2, rect.width(), 16), token, 11, across=0.5)
                lower = QRectF(rect.left(), rect.top() + 17, rect.width(), rect.height() - 19)
                painter.setPen(theme.color("text" if target else "amber"))
                draw(painter, lower, target or "–", 18, across=0.5)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.color("accent"))
            painter.drawRect(rect.adjusted(0.5, 0.5, -1.5, -1.5))
        painter.setPen(theme.color("hairline"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()


def _lines(painter: QPainter, rect: QRectF, upper: tuple[str, int], lower: tuple[str, int]) -> None:
    half = rect.height() / 2
    draw(painter, QRectF(rect.left(), rect.top(), rect.width(), half + 3), *upper, across=0.5)
    draw(painter, QRectF(rect.left(), rect.top() + half - 3, rect.width(), half), *lower, across=0.5)


class BatchGrid(QTableView):
    """`row_chosen` carries the number of a row that was clicked, or moved to and confirmed with Enter."""

    row_chosen = Signal(int)
    end_reached = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.batch = BatchModel(self)
        self._delegate = _Delegate(self)
        self.setModel(self.batch)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        for header, size in ((self.horizontalHeader(), _WIDTH), (self.verticalHeader(), _HEIGHT)):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
        self.horizontalHeader().setMinimumSectionSize(_WIDTH)
        self.verticalHeader().setSectionsClickable(True)
        self.verticalHeader().sectionClicked.connect(self._head_clicked)
        self.clicked.connect(self._clicked)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        theme.changed.connect(self.viewport().update)

    def show_ids(self, on: bool) -> None:
        """Show the numbers that are fed instead of the words they stand for."""
        self._delegate.ids = on
        self.horizontalHeader().setDefaultSectionSize(_WIDTH_WITH_IDS if on else _WIDTH)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.row_chosen.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def _clicked(self, index: QModelIndex) -> None:
        self.row_chosen.emit(index.row())

    def _head_clicked(self, row: int) -> None:
        self.setCurrentIndex(self.batch.index(row, 0))
        self.row_chosen.emit(row)

    def _scrolled(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum():
            self.end_reached.emit()
