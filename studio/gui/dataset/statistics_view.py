"""Statistics of the prepared splits, or of one source as it stands."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.charts import BinChart, Chart, RankChart
from studio.gui.dataset.figures_of import Statistics, of_prepared, of_source
from studio.gui.dataset.preparation import Preparation
from studio.gui.dataset.prepared_view import PreparedView
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title
from studio.gui.session import Session
from studio.runs.count_requests import CountData, DataCounted
from studio.runs.dataset_requests import InspectSource, SourceInspected
from studio.runs.requests import Request, Response

TWO_COLUMNS = 860
_ALL = "prepared:-1"


class StatisticsView(PreparedView):
    """A choice of what is counted above, a table and charts below."""

    def __init__(self, session: Session, preparation: Preparation, parent: QWidget | None = None) -> None:
        super().__init__(session, preparation, "dataset", parent)
        self._answer: Response | None = None
        self._columns = 0
        self.scope = QComboBox()
        self.scope.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.scope.setMinimumContentsLength(12)
        self.scope.activated.connect(lambda _: self.ask_again())
        self._notes = QLabel(wordWrap=True)
        self._notes.setProperty("role", "caption")
        self._notes.hide()
        self.table = _Table()
        self.cards: list[QFrame] = []
        inner = QWidget()
        self._charts: tuple[Chart, ...] = ()
        self._sides = (QVBoxLayout(), QVBoxLayout())
        self._pair = QHBoxLayout()
        self._pair.setSpacing(0)
        for side in self._sides:
            side.setSpacing(10)
            side.addStretch(1)
            self._pair.addLayout(side, 1)
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(12, 4, 12, 12)
        whole.setSpacing(10)
        whole.addWidget(self.table)
        whole.addLayout(self._pair)
        whole.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 0)
        head.addWidget(self.scope, 1)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._notes)
        column.addWidget(area, 1)
        self._notes.setContentsMargins(12, 0, 12, 0)
        self.retranslate()

    # --- what is asked -------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._fill_scope()
        super().refresh()

    def request(self, id: str, recipe: dict[str, Any]) -> Request:
        kind, _, number = (self.scope.currentData() or _ALL).partition(":")
        if kind == "raw":
            source = copy.deepcopy(recipe["data"]["sources"][int(number)])
            return InspectSource(id=id, source=source, rows=0, whole=True)
        return CountData(id=id, recipe=recipe, source=int(number))

    def show_answer(self, response: Response) -> bool:
        if not isinstance(response, DataCounted | SourceInspected):
            return False
        self._answer = response
        self._show()
        return True

    def retranslate(self) -> None:
        super().retranslate()
        self.scope.setAccessibleName(tr("What is counted"))
        self.table.setAccessibleName(tr("Figures"))
        self._fill_scope()
        self._show()

    # --- inside --------------------------------------------------------------------------------------

    def _fill_scope(self) -> None:
        sources = (self.session.values.get("data") or {}).get("sources") or []
        wanted = [(tr("Prepared data, all sources"), _ALL)]
        names = [source_title(item.get("name") or Path(str(item.get("path", ""))).name) for item in sources]
        if len(sources) > 1:
            wanted += [(tr("Prepared: {name}", name=name), f"prepared:{n}") for n, name in enumerate(names)]
        wanted += [
            (tr("As it stands: {name}", name=names[n]), f"raw:{n}")
            for n, item in enumerate(sources)
            if item.get("kind") in ("file", "table")
        ]
        there = [(self.scope.itemText(n), self.scope.itemData(n)) for n in range(self.scope.count())]
        if there == wanted:
            return
        chosen = self.scope.currentData()
        self.scope.clear()
        for text, data in wanted:
            self.scope.addItem(text, data)
        self.scope.setCurrentIndex(max(self.scope.findData(chosen), 0))

    def _show(self) -> None:
        if self._answer is None:
            return
        if isinstance(self._answer, SourceInspected):
            shown = of_source(self._answer.profile)
        else:
            assert isinstance(self._answer, DataCounted)
            shown = of_prepared(self._answer)
        self._notes.setText("\n".join(shown.notes))
        self._notes.setVisible(bool(shown.notes))
        self.table.show_figures(shown)
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self._charts = shown.charts
        self.cards = [_card(chart, self) for chart in shown.charts]
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


def _card(chart: Chart, parent: QWidget) -> QFrame:
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


class _Table(QTableWidget):
    """Measures as rows, groups as columns; as high as its rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setStyleSheet("QHeaderView::section { padding: 4px; } QTableView::item { padding: 2px 4px; }")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_figures(self, shown: Statistics) -> None:
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
