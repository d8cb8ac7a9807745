"""The vocabulary that the draft's task makes of its prepared data, and what becomes unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.asking import Question, recipe_part
from studio.gui.dataset.figure_table import FigureTable
from studio.gui.dataset.figures_of import Statistics
from studio.gui.dataset.preparation import Preparation
from studio.gui.dataset.prepared_view import PreparedView
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import split_text
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import count, percent, short_count
from studio.runs.vocabulary_requests import InspectVocabulary, Order, SymbolRow, VocabularyInspected

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

Index = QModelIndex | QPersistentModelIndex
_ROWS = 500  # asked for at once
_QUIET = 250  # milliseconds after a key before is searched
_MIXING = ("balance", "augmentation", "lexicon_share")
_ORDERS: tuple[Order, ...] = ("frequency", "rarity", "text", "length")


class SymbolModel(QAbstractTableModel):
    """Rows of a vocabulary, more of them as they come."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[SymbolRow] = []
        self.known = True
        self._names: tuple[str, ...] = ()

    def show_rows(self, rows: tuple[SymbolRow, ...], splits: tuple[str, ...], *, known: bool) -> None:
        """Show these rows and no others."""
        self.beginResetModel()
        self.rows, self._names, self.known = list(rows), splits, known
        self.endResetModel()

    def add_rows(self, rows: tuple[SymbolRow, ...]) -> None:
        """Show these as well."""
        if rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 2 + len(self._names)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if way != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._is_count(section) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if self._is_count(section):
            return split_text(self._names[section - 1])
        return tr("Symbol") if section == 0 else (tr("Number") if self.known else tr("Example"))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and self._is_count(column):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column == 0:
            return theme.hanzi_font(15)
        if role == Qt.ItemDataRole.ToolTipRole and column == 0:
            return " ".join(f"U+{ord(ch):04X}" for ch in row.text[:8])
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == 0:
            return f"{_visible(row.text)}  {row.note}".rstrip()
        if self._is_count(column):
            return count(row.counts[column - 1])
        return str(row.number) if self.known else _visible(row.example)

    def _is_count(self, column: int) -> bool:
        return 1 <= column <= len(self._names)


class VocabularyView(PreparedView):
    """Coverage above, a table of symbols below."""

    def __init__(self, session: Session, preparation: Preparation, parent: QWidget | None = None) -> None:
        super().__init__(session, preparation, "dataset", parent)
        self._answer: VocabularyInspected | None = None
        self._more = Question(session, self._more_answered, self)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET)
        self._quiet.timeout.connect(self.ask_again)
        self.coverage = FigureTable()
        self._told = QLabel(wordWrap=True)
        self._told.setProperty("role", "caption")
        self.which, self.order = QComboBox(), QComboBox()
        guard = WheelGuard(self)
        for box in (self.which, self.order):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(7)
            box.activated.connect(lambda _: self.ask_again())
            box.installEventFilter(guard)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textEdited.connect(lambda _: self._quiet.start())
        self.model = SymbolModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(28)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.which, 2)
        line.addWidget(self.order, 2)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(self._told)
        column.addWidget(self.coverage)
        column.addLayout(line)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        self.retranslate()

    # --- what is asked -------------------------------------------------------------------------------

    def part(self) -> dict[str, Any]:
        values = recipe_part(self.session.values, *self.sections)
        if isinstance(values.get("data"), dict):
            data = {key: value for key, value in values["data"].items() if key not in _MIXING}
            values = {**values, "data": data}
        return values

    def request(self, id: str, recipe: dict[str, Any]) -> Request:
        return self._page(id, recipe, 0)

    def show_answer(self, response: Response) -> bool:
        if not isinstance(response, VocabularyInspected):
            return False
        self._more.stop()
        self._answer = response
        splits = tuple(split.name for split in response.coverage)
        self.model.show_rows(response.rows, splits, known=self._known)
        self.table.scrollToTop()
        self._show()
        return True

    def shutdown(self) -> None:
        super().shutdown()
        self._quiet.stop()
        self._more.stop()

    def retranslate(self) -> None:
        super().retranslate()
        for box, texts in (
            (self.which, ((tr("Known ones"), "known"), (tr("Unknown ones"), "unknown"))),
            (self.order, tuple(zip(_order_texts(), _ORDERS, strict=True))),
        ):
            chosen = max(box.currentIndex(), 0)
            box.clear()
            for text, value in texts:
                box.addItem(text, value)
            box.setCurrentIndex(chosen)
        self.which.setAccessibleName(tr("Which symbols"))
        self.order.setAccessibleName(tr("Order"))
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search the vocabulary"))
        self.coverage.setAccessibleName(tr("Coverage"))
        self.table.setAccessibleName(tr("Vocabulary"))
        self._show()

    # --- inside --------------------------------------------------------------------------------------

    @property
    def _known(self) -> bool:
        return bool(self.which.currentData() != "unknown")

    def _page(self, id: str, recipe: dict[str, Any], offset: int) -> InspectVocabulary:
        order: Order = self.order.currentData() or "frequency"
        return InspectVocabulary(
            id=id,
            recipe=recipe,
            search=self.search.text().strip(),
            order=order,
            known=self._known,
            offset=offset,
            count=_ROWS,
        )

    def _scrolled(self, value: int) -> None:
        there, answer = self.model.rowCount(), self._answer
        near = value >= self.table.verticalScrollBar().maximum() - 20
        if answer is None or not near or there >= answer.total:
            return
        if self._more.going_on or self.question.going_on:
            return
        recipe = self._asked
        self._more.ask(lambda name: self._page(name, recipe, there))

    def _more_answered(self, response: Response) -> None:
        if isinstance(response, VocabularyInspected) and response.offset == self.model.rowCount():
            self.model.add_rows(response.rows)

    def _show(self) -> None:
        shown = self._answer
        if shown is None:
            return
        parts = [
            tr("{count} symbols: {unit}", count=count(shown.size), unit=unit_text(shown.unit)),
            tr("{count} not in training", count=count(shown.unused)),
        ]
        if shown.longest > 1:
            mean = f"{shown.mean:.2f}"
            parts.append(tr("{mean} characters each in training, {longest} at most", mean=mean,
                            longest=shown.longest))  # fmt: skip
        parts.append(tr("{count} shown here", count=count(shown.total)))
        self._told.setText(" · ".join(parts))
        splits = shown.coverage
        rows = (
            (tr("Positions"), "", tuple(short_count(split.symbols) for split in splits)),
            (
                tr("Known"),
                tr("Share of the positions"),
                tuple(percent(1 - split.unknown / max(split.symbols, 1), 2) for split in splits),
            ),
            (tr("Unknown"), tr("Different ones"), tuple(count(split.kinds) for split in splits)),
        )
        self.coverage.show_figures(Statistics(tuple(split_text(split.name) for split in splits), rows, ()))
        head = self.table.horizontalHeader()
        last = self.model.columnCount() - 1
        for column in range(self.model.columnCount()):
            mode = QHeaderView.ResizeMode
            head.setSectionResizeMode(column, mode.Stretch if column == last else mode.Interactive)
            self.table.setColumnWidth(
                column, 84 if column == 0 else max(head.sectionSizeHint(column) + 4, 60)
            )
        head.reset()


def unit_text(unit: str) -> str:
    """What symbols are, in words."""
    return {
        "character": tr("characters"),
        "word": tr("words"),
        "subword": tr("subwords"),
        "candidate": tr("characters of syllables"),
    }.get(unit, unit)


def _order_texts() -> tuple[str, ...]:
    return (tr("Frequent first"), tr("Rare first"), tr("By characters"), tr("Long first"))


def _visible(text: str) -> str:
    """A text in which blanks can be seen."""
    return text.replace("\n", "⏎").replace("\t", "⇥").replace(" ", "␣")
