"""Which classes are taken for which others; each cell opens its items."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.evaluation.tables import NumberItem, PlainTable
from studio.gui.evaluation.words import class_text
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import count, percent
from studio.runs.appraisals import Appraisal

_MOST = 40  # classes of a matrix; more are a list of pairs
_PAIR, _SHADE = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2


class _Shaded(QStyledItemDelegate):
    """Cells in a colour of their own, which the stylesheet would paint over."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        shade = index.data(_SHADE)
        if shade is not None:
            painter.fillRect(option.rect, shade)


class ConfusionPage(QWidget):
    """A matrix where classes are few, else the most frequent confusions. `pair_chosen`: wanted and given class."""

    pair_chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Appraisal | None = None
        self.matrix = QTableWidget()
        self.matrix.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.matrix.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.matrix.setTabKeyNavigation(False)
        self.matrix.setCornerButtonEnabled(False)
        self.matrix.setItemDelegate(_Shaded(self.matrix))
        self.pairs = PlainTable(3, words=2)
        for table in (self.matrix, self.pairs):
            table.itemActivated.connect(self._choose)
        self.matrix.itemClicked.connect(self._choose)
        self.hint = QLabel(wordWrap=True)
        self.hint.setProperty("role", "caption")
        self._stack = QStackedLayout()
        self._stack.addWidget(self.matrix)
        self._stack.addWidget(self.pairs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.hint)
        column.addLayout(self._stack, 1)
        column.addStretch()
        theme.changed.connect(self.retranslate)

    def retranslate(self) -> None:
        """Show all words in the window's language, in the colours of the theme."""
        self.matrix.setAccessibleName(tr("Confusion matrix"))
        self.pairs.setAccessibleName(tr("Confusions"))
        self.show_appraisal(self._shown)

    def show_appraisal(self, shown: Appraisal | None) -> None:
        """Show the confusions of an evaluation."""
        self._shown = shown
        names = _names(shown)
        whole = shown is not None and shown.class_kind == "label" and len(names) <= _MOST
        self._stack.setCurrentWidget(self.matrix if whole else self.pairs)
        if whole and shown is not None:
            self._fill_matrix(shown, names)
            text = tr("Rows: what would be right. Columns: what the model said. A cell opens its items.")
        else:
            self._fill_pairs(shown)
            text = tr("The most frequent confusions. Enter or a double click opens their items.")
        if shown is not None and not any(one.wanted != one.given for one in shown.confusion):
            text = tr("Nothing was taken for anything else.") + (" " + text if whole else "")
        self.hint.setText(text)
        self.hint.setVisible(shown is not None)
        if whole:
            self.matrix.setVisible(True)
        else:
            self.pairs.setVisible(self.pairs.rowCount() > 0)

    def _fill_matrix(self, shown: Appraisal, names: list[str]) -> None:
        self.matrix.setRowCount(len(names))
        self.matrix.setColumnCount(len(names))
        texts = [class_text(name) for name in names]
        self.matrix.setHorizontalHeaderLabels(texts)
        self.matrix.setVerticalHeaderLabels(texts)
        for place, text in enumerate(texts):
            for head in (self.matrix.horizontalHeaderItem(place), self.matrix.verticalHeaderItem(place)):
                if head is not None:
                    head.setToolTip(text)
        counts = {(one.wanted, one.given): one.count for one in shown.confusion}
        for row, wanted in enumerate(names):
            total = sum(counts.get((wanted, given), 0) for given in names)
            for column, given in enumerate(names):
                self.matrix.setItem(row, column, _cell(wanted, given, counts.get((wanted, given), 0), total))
        modes = QHeaderView.ResizeMode
        for header in (self.matrix.horizontalHeader(), self.matrix.verticalHeader()):
            header.setSectionResizeMode(modes.ResizeToContents)
            header.setMinimumSectionSize(34)
            header.setMaximumSectionSize(140)

    def _fill_pairs(self, shown: Appraisal | None) -> None:
        self.pairs.say_heads((tr("Right answer"), tr("Model's answer"), tr("Times")))
        rows: list[tuple[QTableWidgetItem, ...]] = []
        for one in shown.confusion if shown is not None else ():
            if one.wanted == one.given:
                continue
            cells = [QTableWidgetItem(class_text(name)) for name in (one.wanted, one.given)]
            for cell in cells:
                cell.setData(_PAIR, (one.wanted, one.given))
            rows.append((*cells, NumberItem(count(one.count), one.count)))
        self.pairs.show_rows(rows)

    def _choose(self, item: QTableWidgetItem) -> None:
        table = item.tableWidget()
        of = item if table is self.matrix else table.item(item.row(), 0)
        pair = of.data(_PAIR) if of is not None else None
        if pair is not None:
            self.pair_chosen.emit(*pair)


def _names(shown: Appraisal | None) -> list[str]:
    """The classes that occur in the matrix, the most frequent first, none at the end."""
    if shown is None:
        return []
    met = {name for one in shown.confusion for name in (one.wanted, one.given)}
    listed = [one.name for one in shown.classes if one.name in met]
    return [*listed, *sorted(met - {*listed, ""}), *([""] if "" in met else [])]


def _cell(wanted: str, given: str, times: int, total: int) -> QTableWidgetItem:
    item = QTableWidgetItem(count(times) if times else "")
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    if not wanted and not given:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        return item
    if times:
        share = times / total
        item.setData(_SHADE, theme.color("jade" if wanted == given else "accent", 0.10 + 0.45 * share))
        item.setData(_PAIR, (wanted, given))
        item.setToolTip(
            tr(
                "{wanted} taken for {given}: {times} times, {share}",
                wanted=class_text(wanted),
                given=class_text(given),
                times=count(times),
                share=percent(share),
            )
        )
    return item
