"""Every row of a source as it stands: ten million scroll as ten do, since only what is in view is asked for."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QStackedWidget,
    QTableView,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.rows_model import RowsModel
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.figures import count
from studio.gui.widgets.refusals import refusal_text

SIDE = 640
_ROW = 28
_MEASURED, _LONG, _WIDEST = 40, 30, 320  # rows, characters and pixels that decide how wide a column is
_TYPED = 300  # milliseconds of quiet before rows are searched


class RowsView(QWidget):
    """Sources on the left (above, where the pane is narrow), rows on the right, the whole of one below."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._sources: list[dict[str, Any]] = []
        self._shown: tuple[Any, str] | None = None
        self._fitted = False
        self.list = QListWidget()
        self.list.setFixedWidth(190)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._listed)
        self.chooser = QComboBox()
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(10)
        self.chooser.activated.connect(self.choose)
        self.search = QLineEdit(clearButtonEnabled=True)
        self._timer = QTimer(self, singleShot=True, interval=_TYPED)
        self._timer.timeout.connect(self._look)
        self.search.textEdited.connect(lambda _: self._timer.start())
        self.search.returnPressed.connect(self._look)
        self._found = QLabel()
        self._found.setProperty("role", "caption")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setFixedHeight(3)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self.rows = RowsModel(session, self)
        self.rows.told = self._told
        self.table = QTableView()
        self.table.setModel(self.rows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.rows.modelReset.connect(self._columns_changed)
        self.whole = QTextEdit(readOnly=True)
        self.whole.setFixedHeight(132)
        self.whole.setTabChangesFocus(True)
        self.whole.hide()
        self.empty = EmptyState("dataset")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        line = QHBoxLayout()
        line.addWidget(self.search, 1)
        line.addWidget(self._found)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.chooser)
        right.addLayout(line)
        right.addWidget(self._bar)
        right.addWidget(self._stack, 1)
        right.addWidget(self.whole)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(12, 8, 12, 8)
        whole.setSpacing(10)
        whole.addWidget(self.list)
        whole.addLayout(right, 1)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)
        theme.changed.connect(self._show_row)
        self.retranslate()

    # --- for the pane --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the draft's sources, and the rows of the chosen one if it changed; nothing while the view is hidden."""
        if not self.isVisible():
            return
        found = (self._session.values.get("data") or {}).get("sources")
        sources = [dict(item) for item in found if isinstance(item, dict)] if isinstance(found, list) else []
        if sources != self._sources:
            chosen = self._sources[self.index()] if 0 <= self.index() < len(self._sources) else {}
            self._sources = sources
            same = [n for n, item in enumerate(sources) if _name(item) == _name(chosen)]
            own = [n for n, item in enumerate(sources) if item.get("kind") != "builtin"]
            self._fill(next(iter([*same, *own, 0])))
        self._look()

    def choose(self, number: int, search: str | None = None) -> None:
        """Show the rows of the source with this number."""
        if search is not None:
            self.search.setText(search)
        self.chooser.setCurrentIndex(number)
        self.list.blockSignals(True)
        self.list.setCurrentRow(number)
        self.list.blockSignals(False)
        self._look()

    def index(self) -> int:
        """The number of the chosen source."""
        return self.chooser.currentIndex()

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self._timer.stop()
        self.rows.stop()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.list.setAccessibleName(tr("Sources"))
        self.chooser.setAccessibleName(tr("Source"))
        self.search.setPlaceholderText(tr("Search in the rows"))
        self.search.setAccessibleName(tr("Search in the rows"))
        self.table.setAccessibleName(tr("Rows"))
        self.whole.setAccessibleName(tr("The whole row"))
        self._fill(max(self.index(), 0))
        self._told()

    # --- inside --------------------------------------------------------------------------------------

    def _fill(self, chosen: int) -> None:
        titles = [source_title(_name(item)) for item in self._sources]
        self.list.blockSignals(True)
        self.list.clear()
        self.chooser.clear()
        for title, item in zip(titles, self._sources, strict=True):
            shown = QListWidgetItem(title)
            shown.setToolTip(str(item.get("path", "")) or title)
            self.list.addItem(shown)
            self.chooser.addItem(title)
        self.list.setCurrentRow(chosen)
        self.chooser.setCurrentIndex(chosen)
        self.list.blockSignals(False)
        self._arrange()

    def _listed(self, number: int) -> None:
        self.choose(number)

    def _look(self) -> None:
        """Ask for rows, unless they are what is shown."""
        self._timer.stop()
        number = self.index()
        source = self._sources[number] if 0 <= number < len(self._sources) else {}
        wanted = (source, self.search.text().strip())
        if wanted == self._shown and self.rows.refused is None:
            return
        self._shown = wanted
        self.whole.hide()
        self.rows.look_at(source, wanted[1])
        self.table.scrollToTop()

    def _told(self) -> None:
        """The model has gained rows, or a reason why there are none."""
        rows, source = self.rows, self._shown[0] if self._shown else {}
        self._bar.setVisible(rows.going_on)
        if rows.refused is not None:
            self.empty.say(tr("The rows could not be read"), refusal_text(rows.refused))
        elif not source:
            self.empty.say(tr("No sources yet"), tr("Choose some under Sources first."))
        elif rows.rowCount() == 0 and rows.going_on:
            self.empty.say(tr("Reading the rows"))
        elif rows.rowCount() == 0:
            self.empty.say(
                tr("No rows"), tr("No row holds this text.") if self._shown and self._shown[1] else ""
            )
        self._stack.setCurrentWidget(self.table if rows.rowCount() and rows.refused is None else self.empty)
        self.search.setEnabled(bool(source))
        total = count(rows.total) if rows.total >= 0 else tr("counting…")
        self._found.setText(tr("{rows} rows", rows=total) if rows.rowCount() else "")
        if rows.rowCount() and not self._fitted:
            self._fit()
        self._scrolled()
        self._show_row()

    def _scrolled(self, _: int = 0) -> None:
        if self.rows.rowCount():
            top = max(self.table.rowAt(0), 0)
            self.rows.need(top, min(top + self.table.height() // _ROW + 1, self.rows.rowCount() - 1))

    def _columns_changed(self) -> None:
        self._fitted = False

    def _fit(self) -> None:
        """Columns as wide as what they hold at the beginning; the widest one takes what is left."""
        self._fitted = True
        metrics = self.table.fontMetrics()
        widths = []
        for column, name in enumerate(self.rows.columns):
            texts = [
                self.rows.index(row, column).data() for row in range(min(self.rows.rowCount(), _MEASURED))
            ]
            widest = max(metrics.horizontalAdvance(text[:_LONG]) for text in (name, *texts))
            widths.append(min(max(widest + 26, 56), _WIDEST))
        if widths:
            spare = self.table.viewport().width() - sum(widths)
            widths[widths.index(max(widths))] += max(spare, 0)
        for column, width in enumerate(widths):
            self.table.setColumnWidth(column, width)

    def _row_changed(self, now: QModelIndex, _: QModelIndex) -> None:
        self._show_row()

    def _show_row(self) -> None:
        index = self.table.currentIndex()
        row = self.rows.at(index.row()) if index.isValid() else None
        self.whole.setVisible(row is not None and self._stack.currentWidget() is self.table)
        if row is None:
            return
        muted = theme.color("muted").name()
        cells = zip(self.rows.columns, row.cells, strict=False)
        parts = [
            f"<p style='margin: 0 0 4px 0'><span style='color:{muted}'>{html.escape(name)}</span> "
            f"{html.escape(cell).replace(chr(10), '<br>')}</p>"
            for name, cell in cells
        ]
        self.whole.setHtml("".join(parts))

    def _arrange(self) -> None:
        wide = self.width() >= SIDE
        self.list.setVisible(wide and len(self._sources) > 0)
        self.chooser.setVisible(not wide and len(self._sources) > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        if self.rows.rowCount():
            self._fit()
        self._scrolled()


def _name(source: dict[str, Any]) -> str:
    return str(source.get("name") or Path(str(source.get("path", ""))).name)
