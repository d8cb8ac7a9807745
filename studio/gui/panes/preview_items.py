"""Previewed documents as list items: source and split, the raw beginning, the examples with their pinyin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.i18n import tr
from studio.gui.panes.source_rows import BUILTINS
from studio.gui.theme import theme
from studio.gui.widgets import ruby
from studio.runs.requests import PreviewRow

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_LEFT, _TOP, _HEAD, _RAW_LINE = 14, 10, 22, 19


def split_text(split: str) -> str:
    """A split in words."""
    words = {
        "train": tr("training"),
        "validation": tr("validation"),
        "test": tr("test"),
        "lexicon": tr("word list"),
    }
    return words.get(split, split)


def source_title(name: str) -> str:
    """A source in words; a file by its name."""
    return tr(BUILTINS[name][0]) if name in BUILTINS else name


class PreviewModel(QAbstractListModel):
    """The rows of one source, or of all."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[PreviewRow, ...] = ()
        self._shown: list[PreviewRow] = []

    def set_rows(self, rows: tuple[PreviewRow, ...], source: str = "") -> None:
        """Show these rows; with a source's name only that one's."""
        self.beginResetModel()
        self._all = rows
        self._shown = [row for row in rows if not source or row.source == source]
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._shown[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{source_title(row.source)}, {split_text(row.split)}: {row.raw}"
        return None


@dataclass(frozen=True)
class _Laid:
    raw: tuple[str, ...]
    cells: tuple[ruby.Cell, ...]

    @property
    def height(self) -> int:
        return 2 * _TOP + _HEAD + len(self.raw) * _RAW_LINE + 6 + ruby.height_of(self.cells)


class PreviewDelegate(QStyledItemDelegate):
    """Paints a document; the current one with more of its text and examples."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._laid: dict[tuple[PreviewRow, int, bool], _Laid] = {}
        theme.changed.connect(self.forget)

    def forget(self) -> None:
        """Lay out anew: the font or the rows changed."""
        self._laid.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.viewport().width()
        return QSize(width, self._lay_out(index, width).height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PreviewRow = index.data(ROW)
        rect = option.rect
        state = option.state
        laid = self._lay_out(index, self._view.viewport().width())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("accent_soft", 0.5))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("hover", 0.6))
        painter.setPen(theme.color("hairline"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        left, top = rect.left() + _LEFT, rect.top() + _TOP
        self._paint_head(painter, row, left, top, rect.width() - 2 * _LEFT)
        top += _HEAD
        painter.setFont(theme.hanzi_font(13))
        painter.setPen(theme.color("muted"))
        for number, line in enumerate(laid.raw):
            painter.drawText(QPointF(left, top + number * _RAW_LINE + 13), line)
        ruby.paint(painter, laid.cells, left, top + len(laid.raw) * _RAW_LINE + 6)
        painter.restore()

    def _paint_head(self, painter: QPainter, row: PreviewRow, left: int, top: int, width: int) -> None:
        font = theme.hanzi_font(12)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        ink, ground = {
            "validation": ("jade", "jade_soft"),
            "test": ("amber", "amber_soft"),
            "lexicon": ("accent_ink", "accent_soft"),
        }.get(row.split, ("muted", "hover"))
        word = split_text(row.split)
        chip = QRectF(left, top - 1, metrics.horizontalAdvance(word) + 14, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(theme.color(ink))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, word)
        painter.setPen(theme.color("text"))
        room = width - int(chip.width()) - 10
        title = metrics.elidedText(source_title(row.source), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(chip.right() + 10, top + 12), title)

    def _lay_out(self, index: Index, width: int) -> _Laid:
        row: PreviewRow = index.data(ROW)
        current = self._view.currentIndex() == index
        key = (row, width, current)
        if key not in self._laid:
            if len(self._laid) > 500:
                self._laid.clear()
            room = max(width - 2 * _LEFT, 60)
            raw = (
                ()
                if row.split == "lexicon"
                else _wrapped(" ".join(row.raw.split()), room, 8 if current else 2)
            )
            self._laid[key] = _Laid(raw, ruby.lay_out(row.examples, room, 12 if current else 2))
        return self._laid[key]


def _wrapped(text: str, width: int, lines: int) -> tuple[str, ...]:
    """The text in at most so many lines, the last one with an ellipsis if it does not end there."""
    font = theme.hanzi_font(13)
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    made: list[str] = []
    while len(made) < lines:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        start = line.textStart()
        if len(made) == lines - 1 and start + line.textLength() < len(text):
            rest = text[start : start + line.textLength() + 8]
            made.append(QFontMetrics(font).elidedText(rest + "…", Qt.TextElideMode.ElideRight, width))
        else:
            made.append(text[start : start + line.textLength()])
    layout.endLayout()
    return tuple(made)
