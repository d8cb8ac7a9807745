"""Every item of an evaluation: chosen, sorted, looked at one by one, and written to a file."""

from __future__ import annotations

import html
import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.asking import Question
from studio.gui.evaluation.items_filter import ItemsFilter
from studio.gui.evaluation.items_model import ItemsModel
from studio.gui.evaluation.tables import LEFT
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import count, decimal, percent
from studio.gui.widgets.refusals import refusal_text
from studio.runs.appraisal_requests import ExportItems, Item, ItemsExported, Wanted
from studio.runs.appraisals import Appraisal
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

_ROW = 28
_LABEL = 110  # pixels of a column with labels
_WORDS = re.compile(r"\S+|\s+")
_COMPARED = 600  # characters of texts whose differences are marked


class ItemsPage(QWidget):
    """A filter above, items in the middle, the whole of one below."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder, self._records, self._marks = "", "", True
        self._export = Question(session, self._exported, self)
        self.filter = ItemsFilter()
        self.filter.changed.connect(self._look)
        self.items = ItemsModel(session, self)
        self.items.told = self._told
        self.table = QTableView()
        self.table.setModel(self.items)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        modes = QHeaderView.ResizeMode
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(LEFT)
        for section in range(6):
            header.setSectionResizeMode(section, modes.Stretch if section in (1, 2, 3) else modes.Fixed)
        for section, width in ((0, 30), (4, 76), (5, 92)):
            header.resizeSection(section, width)
        self.whole = QTextEdit(readOnly=True)
        self.whole.setFixedHeight(136)
        self.whole.setTabChangesFocus(True)
        self.found = QLabel(wordWrap=True)
        self.found.setProperty("role", "caption")
        self.export = QPushButton()
        self.export.setProperty("quiet", True)
        self.export.setAutoDefault(False)
        self.export.clicked.connect(self.ask_file)
        self._dialog: QFileDialog | None = None
        line = QHBoxLayout()
        line.addWidget(self.found, 1)
        line.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        column.addWidget(self.whole)
        column.addLayout(line)
        theme.changed.connect(self._show_current)
        self._wait = QTimer(self, singleShot=True, interval=0)
        self._wait.timeout.connect(self._scrolled)

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.filter.retranslate()
        self.table.setAccessibleName(tr("Items"))
        self.whole.setAccessibleName(tr("The chosen item"))
        self.whole.setPlaceholderText(tr("Choose an item to see the whole of it."))
        self.export.setText(tr("Export…"))
        self.items.headerDataChanged.emit(self.table.horizontalHeader().orientation(), 0, 5)
        self._told()
        self._show_current()

    def show_items(self, folder: str, shown: Appraisal | None) -> None:
        """Show the items of an evaluation that is kept in a run's folder."""
        self._folder, self._records = folder, shown.records if shown is not None else ""
        labels = shown is not None and shown.task == "text_classification"
        self._marks = not labels
        modes = QHeaderView.ResizeMode
        for section in (2, 3):
            mode = modes.Interactive if labels else modes.Stretch
            self.table.horizontalHeader().setSectionResizeMode(section, mode)
            self.table.horizontalHeader().resizeSection(section, _LABEL)
        self.items.running = shown is not None and shown.task == "language_model"
        for section in (0, 2, 5):  # the right answer is the text itself, and nothing is right as a whole
            self.table.setColumnHidden(section, self.items.running)
        self.filter.begin(shown)
        self._look()

    def show_classes(self, wanted: str | None, given: str | None) -> None:
        """Show the items of a class, or of one that was taken for another."""
        self.filter.of_classes(wanted, given)

    def ask_file(self) -> None:
        """Ask where the items are to be written."""
        dialog = self._dialog = QFileDialog(self, tr("Export items"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["CSV (*.csv)", "JSON Lines (*.jsonl)"])
        dialog.setDefaultSuffix("csv")
        dialog.filterSelected.connect(
            lambda name: dialog.setDefaultSuffix("csv" if "csv" in name else "jsonl")
        )
        dialog.fileSelected.connect(self.write)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: str) -> None:
        """Have the items that are shown written to a file."""
        folder, records, wanted = self._folder, self._records, self.filter.wanted()

        def made(name: str) -> Request:
            return ExportItems(id=name, folder=folder, records=records, target=path, wanted=wanted)

        self._export.ask(made)
        self.found.setText(tr("Writing…"))

    # --- inside --------------------------------------------------------------------------------------

    def _look(self) -> None:
        self.whole.clear()
        self.items.look_at(self._folder, self._records, self.filter.wanted())

    def _told(self) -> None:
        refused, total = self.items.refused, self.items.total
        if refused is not None:
            self.found.setText(refusal_text(refused))
        elif not self._records:
            self.found.setText(tr("No items are kept. Evaluate the model to look through them."))
        elif total < 0:
            self.found.setText(tr("Reading…"))
        elif total == 0:
            self.found.setText(self._nothing())
        else:
            self.found.setText(tr("{count} items", count=count(total)))
        self.export.setEnabled(bool(self._records) and total > 0)
        if total > 0 and not self.table.currentIndex().isValid() and self.items.at(0) is not None:
            self.table.selectRow(0)
        self._show_current()
        self._wait.start()

    def _nothing(self) -> str:
        wanted = self.filter.wanted()
        if wanted == Wanted(outcome="wrong", order=wanted.order):
            return tr("Nothing is wrong. Choose “Right and wrong” to look through all items.")
        return tr("No item is like that.")

    def _exported(self, response: Response) -> None:
        if isinstance(response, ItemsExported):
            self.found.setText(tr("{count} items in {path}", count=count(response.items), path=response.path))
        elif isinstance(response, Refused):
            self.found.setText(refusal_text(response))

    def _scrolled(self, *_: object) -> None:
        first = max(self.table.rowAt(0), 0)
        shown = self.table.viewport().height() // _ROW + 1
        self.items.need(first, first + shown)

    def _row_changed(self, _current: QModelIndex, _before: QModelIndex) -> None:
        self._show_current()

    def _show_current(self) -> None:
        index = self.table.currentIndex()
        item = self.items.at(index.row()) if index.isValid() else None
        if item is None:
            self.whole.clear()
        else:
            self.whole.setHtml(_whole(item, self._marks, self.items.running))


def _whole(item: Item, mark: bool, running: bool) -> str:
    # Of labels, which are words by themselves, it says nothing which letters differ.
    wanted, given = differing(item.wanted, item.given, mark and item.right is not True)
    rows = [
        (tr("Right answer"), wanted),
        (tr("Model's answer"), given),
        (tr("Text"), html.escape(item.input)),
    ]
    if running:
        rows = [(tr("Text"), wanted), (tr("Likeliest at each place"), given)]
    muted = theme.palette.muted
    made = [
        f"<tr><td style='color:{muted}; padding-right:10px; white-space:nowrap'>{html.escape(title)}</td>"
        f"<td>{text.replace(chr(10), '<br>')}</td></tr>"
        for title, text in rows
    ]
    facts = []
    if item.loss is not None:
        facts.append(tr("loss {loss}", loss=decimal(item.loss)))
    if item.confidence is not None:
        facts.append(tr("confidence {share}", share=percent(item.confidence)))
    if item.source:
        facts.append(html.escape(item.source))
    if item.document:
        facts.append(tr("document {number}", number=count(item.document)))
    if item.line:
        facts.append(tr("line {number}", number=count(item.line)))
    return f"<table>{''.join(made)}</table><p style='color:{muted}'>{' · '.join(facts)}</p>"


def differing(wanted: str, given: str, mark: bool = True) -> tuple[str, str]:
    """Two texts as HTML, with what differs between them in colour."""
    if not mark or max(len(wanted), len(given)) > _COMPARED:
        return html.escape(wanted), html.escape(given)
    made = ["", ""]
    inks = (theme.palette.jade, theme.palette.danger)
    # Marked words and syllables are held against each other as a whole, all else character by character.
    whole = " " in wanted and " " in given
    first, second = (_WORDS.findall(text) if whole else list(text) for text in (wanted, given))
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        for side, part in enumerate((first[a:b], second[c:d])):
            text = html.escape("".join(part))
            if kind != "equal" and text:
                text = f"<span style='color:{inks[side]}; font-weight:600'>{text}</span>"
            made[side] += text
    return made[0], made[1]
