"""Pinned probes: what the model makes of each now, what changed since the evaluation before, and its history."""

from __future__ import annotations

import difflib

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.record import Probe, RunRecord
from studio.gui.theme import theme
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.figures import count, percent

_MARKS = Qt.ItemDataRole.UserRole + 1
_MORE, _FROM_LEFT = "…", Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_HISTORY = 200  # evaluations listed below a probe


def changed_marks(before: str, now: str) -> list[bool]:
    """For each character of `now`, whether it is new against `before`."""
    if len(before) == len(now):
        return [one != other for one, other in zip(before, now, strict=True)]
    marks = [True] * len(now)
    for block in difflib.SequenceMatcher(a=before, b=now, autojunk=False).get_matching_blocks():
        marks[block.b : block.b + block.size] = [False] * block.size
    return marks


class ChangedTextDelegate(QStyledItemDelegate):
    """Draws hanzi with the changed ones on a tinted ground."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        marks = index.data(_MARKS)
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        if not marks or len(marks) != len(text):
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        painter.save()
        painter.setClipRect(option.rect)
        painter.setFont(option.font)
        metrics = QFontMetricsF(option.font)
        x, end = option.rect.x() + 8.0, option.rect.x() + option.rect.width() - 8.0
        widths = [metrics.horizontalAdvance(character) for character in text]
        if x + sum(widths) > end:
            end -= metrics.horizontalAdvance(_MORE)
        for character, changed, width in zip(text, marks, widths, strict=True):
            if x + width > end:
                painter.setPen(theme.color("text"))
                painter.drawText(QRectF(x, option.rect.y(), end, option.rect.height()), _FROM_LEFT, _MORE)
                break
            box = QRectF(x, option.rect.y() + 2, width, option.rect.height() - 4)
            if changed:
                painter.fillRect(box, theme.color("jade_soft"))
            painter.setPen(theme.color("jade" if changed else "text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, character)
            x += width
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 16, max(hint.height(), 30))


class ProbeTable(QWidget):
    """A tree: one line a probe, and below it, when unfolded, what it was at each evaluation, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = QTreeWidget()
        self.tree.setColumnCount(4)
        self.tree.setItemDelegateForColumn(1, ChangedTextDelegate(self.tree))
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for column in (2, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(0, 210)
        self._empty = EmptyState()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.tree)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._known: dict[str, int] = {}
        theme.changed.connect(self._refont)
        self.retranslate()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.tree.setHeaderLabels([tr("Probe"), tr("Best candidate"), tr("Probability"), tr("Step")])
        self.tree.setAccessibleName(tr("Pinned probes"))
        self._empty.say(
            tr("No evaluation yet"),
            tr("At every evaluation the pinned probes of the recipe are decoded and shown here."),
        )

    def show_record(self, record: RunRecord) -> None:
        """Show another run's probes."""
        self.tree.clear()
        self._items.clear()
        self._known.clear()
        self.refresh(record)

    def refresh(self, record: RunRecord) -> None:
        """Take in what the record has gained."""
        for text, probe in record.probes.items():
            if self._known.get(text) == len(probe.history):
                continue
            item = self._items.get(text)
            if item is None:
                item = self._items[text] = QTreeWidgetItem(self.tree, [text])
            for index in range(self._known.get(text, 0), len(probe.history)):
                self._add_history(item, probe, index)
            self._known[text] = len(probe.history)
            self._fill(item, probe, len(probe.history) - 1)
            item.setText(0, text)
        self._stack.setCurrentWidget(self.tree if self._items else self._empty)

    def _add_history(self, item: QTreeWidgetItem, probe: Probe, index: int) -> None:
        child = QTreeWidgetItem()
        self._fill(child, probe, index)
        others = probe.history[index].candidates[1:4]
        child.setText(0, "  ".join(one.text for one in others))
        child.setToolTip(0, "\n".join(f"{one.text}  {percent(one.score)}" for one in others))
        child.setForeground(0, theme.color("muted"))
        item.insertChild(0, child)
        if item.childCount() > _HISTORY:
            item.takeChild(_HISTORY)

    @staticmethod
    def _fill(item: QTreeWidgetItem, probe: Probe, index: int) -> None:
        sample = probe.history[index]
        now = probe.best(index)
        before = probe.best(index - 1) if index else now
        item.setText(1, now)
        item.setToolTip(1, now)
        item.setFont(1, theme.hanzi_font(16))
        item.setData(1, _MARKS, changed_marks(before, now))
        item.setText(2, percent(sample.candidates[0].score) if sample.candidates else "")
        item.setText(3, count(sample.step))
        for column in (2, 3):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _refont(self) -> None:
        self.tree.viewport().update()
