"""Figures as a table, and charts as cards in one column or two."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.charts import BinChart, Chart, RankChart
from studio.gui.dataset.figures_of import Statistics

TWO_COLUMNS = 860


class CardColumns(QWidget):
    """Charts as cards, side by side where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = 0
        self._charts: tuple[Chart, ...] = ()
        self.cards: list[QFrame] = []
        self._sides = (QVBoxLayout(), QVBoxLayout())
        self._pair = QHBoxLayout(self)
        self._pair.setContentsMargins(0, 0, 0, 0)
        self._pair.setSpacing(0)
        for side in self._sides:
            side.setSpacing(10)
            side.addStretch(1)
            self._pair.addLayout(side, 1)

    def show_charts(self, charts: Sequence[Chart]) -> None:
        """Show these and no others."""
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self._charts = tuple(charts)
        self.cards = [chart_card(chart, self) for chart in charts]
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        columns = 2 if self.width() >= TWO_COLUMNS else 1
        if columns == self._columns:
            return
        self._columns = columns
        self._pair.setStretch(1, columns - 1)
        self._pair.setSpacing(10 * (columns - 1))
        heights = [0, 0]
        for side in self._sides:
            for card in self.cards:
                side.removeWidget(card)
        for card, chart in zip(self.cards, self._charts, strict=True):
            # The shorter column gets the next card.
            place = heights.index(min(heights)) if columns == 2 else 0
            heights[place] += 160 if chart.kind == "bins" else 80 + 8 * len(chart.labels)
            self._sides[place].insertWidget(self._sides[place].count() - 1, card)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def chart_card(chart: Chart, parent: QWidget) -> QFrame:
    """A chart with its title and note."""
    card = QFrame(parent)
    card.setProperty("role", "card")
    title, note = QLabel(chart.title, card, wordWrap=True), QLabel(chart.note, card, wordWrap=True)
    title.setProperty("role", "heading")
    note.setProperty("role", "caption")
    note.setVisible(bool(chart.note))
    view = BinChart(chart, card) if chart.kind == "bins" else RankChart(chart, card)
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 10, 12, 10)
    column.setSpacing(3)
    column.addWidget(title)
    column.addWidget(note)
    column.addWidget(view)
    return card


class FigureTable(QTableWidget):
    """Measures as rows, groups as columns; as high as its rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setStyleSheet(
            "QTableWidget { background: transparent; } QHeaderView { background: transparent; } "
            "QHeaderView::section { padding: 4px; background: transparent; } "
            "QTableView::item { padding: 2px 4px; }"
        )
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_figures(self, shown: Statistics) -> None:
        """Show a table of figures."""
        columns = max((len(values) for _, _, values in shown.table), default=0)
        self.setColumnCount(1 + columns)
        self.setRowCount(len(shown.table))
        heads = ["", *(shown.groups or [""] * columns)]
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, text in enumerate(heads):
            head = QTableWidgetItem(text)
            head.setTextAlignment(right if column else Qt.AlignmentFlag.AlignLeft)
            self.setHorizontalHeaderItem(column, head)
        self.horizontalHeader().setVisible(bool(shown.groups))
        for row, (title, why, values) in enumerate(shown.table):
            for column, text in enumerate((title, *values)):
                item = QTableWidgetItem(text)
                item.setToolTip(why)
                if column:
                    item.setTextAlignment(right)
                self.setItem(row, column, item)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The first column takes what is left; where nothing is, the table scrolls."""
        head = self.horizontalHeader()
        wanted = [
            max(self.sizeHintForColumn(n), head.sectionSizeHint(n)) + 4 for n in range(self.columnCount())
        ]
        for column, width in enumerate(wanted):
            self.setColumnWidth(column, width)
        if wanted:
            self.setColumnWidth(0, max(wanted[0], self.viewport().width() - sum(wanted[1:])))
        scrolls = sum(wanted) > self.viewport().width()
        height = (0 if head.isHidden() else head.sizeHint().height()) + 26 * self.rowCount() + 4
        self.setFixedHeight(height + (12 if scrolls else 0))
