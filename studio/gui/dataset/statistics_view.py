"""Statistics of the prepared splits, or of one source as it stands."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.charts import Chart
from studio.gui.dataset.figure_table import CardColumns, FigureTable
from studio.gui.dataset.figures_of import of_prepared, of_source
from studio.gui.dataset.preparation import Preparation
from studio.gui.dataset.prepared_view import PreparedView
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title
from studio.gui.session import Session
from studio.runs.count_requests import CountData, DataCounted
from studio.runs.dataset_requests import InspectSource, SourceInspected

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

_ALL = "prepared:-1"


class StatisticsView(PreparedView):
    """A choice of what is counted above, a table and charts below."""

    def __init__(self, session: Session, preparation: Preparation, parent: QWidget | None = None) -> None:
        super().__init__(session, preparation, "dataset", parent)
        self._answer: Response | None = None
        self._charts: tuple[Chart, ...] = ()
        self.scope = QComboBox()
        self.scope.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.scope.setMinimumContentsLength(12)
        self.scope.activated.connect(lambda _: self.ask_again())
        self._notes = QLabel(wordWrap=True)
        self._notes.setProperty("role", "caption")
        self._notes.hide()
        self.table = FigureTable()
        inner = QWidget()
        self.columns = CardColumns()
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(12, 4, 12, 12)
        whole.setSpacing(10)
        whole.addWidget(self.table)
        whole.addWidget(self.columns)
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

    @property
    def cards(self) -> list[QFrame]:
        """A card a chart."""
        return self.columns.cards

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
        self._charts = shown.charts
        self.columns.show_charts(shown.charts)
