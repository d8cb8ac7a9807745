"""Phrases as a table: text, pinyin, count, last use. Pinyin and count can be changed in place."""

from __future__ import annotations

import time

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from studio.gui.forms.values import number_from, number_text
from studio.gui.i18n import tr
from studio.runs.personal import Phrase

TEXT, PINYIN, COUNT, USED = range(4)
_PHRASE = Qt.ItemDataRole.UserRole
_ASCII_KEYS = {"ü": "v", "Ü": "v", "'": " ", "’": " "}


class _Editing(QStyledItemDelegate):
    """Lets two columns be edited."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        if index.column() not in (PINYIN, COUNT):
            return None  # type: ignore[return-value]
        return super().createEditor(parent, option, index)


class PhraseTable(QTreeWidget):
    """`corrected` carries a phrase's id, its pinyin and its count as they were entered."""

    corrected = Signal(int, str, float)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setItemDelegate(_Editing(self))
        self.itemChanged.connect(self._changed)
        self.setColumnCount(4)
        header = self.header()
        header.setStretchLastSection(False)
        for column, mode in (
            (TEXT, QHeaderView.ResizeMode.Stretch),
            (PINYIN, QHeaderView.ResizeMode.Stretch),
            (COUNT, QHeaderView.ResizeMode.ResizeToContents),
            (USED, QHeaderView.ResizeMode.ResizeToContents),
        ):
            header.setSectionResizeMode(column, mode)

    def show_phrases(self, phrases: tuple[Phrase, ...], imported: bool) -> None:
        """Fill the table; what was chosen stays so.

        Args:
            imported: they are a dictionary's words, so that the count is a weight and the date that of the import.
        """
        chosen = set(self.chosen())
        self.blockSignals(True)
        self.clear()
        self.setHeaderLabels(
            [
                tr("Phrase"),
                tr("Pinyin"),
                tr("Weight") if imported else tr("Count"),
                tr("Imported") if imported else tr("Last used"),
            ]
        )
        for phrase in phrases:
            item = QTreeWidgetItem([phrase.text, phrase.pinyin, _count(phrase.count), _day(phrase.used)])
            item.setData(0, _PHRASE, phrase)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setTextAlignment(COUNT, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            behind = [text or tr("(at the beginning)") for text in phrase.before]
            item.setToolTip(TEXT, tr("Behind: {texts}", texts=", ".join(behind)) if behind else "")
            self.addTopLevelItem(item)
            item.setSelected(phrase.id in chosen)
        self.blockSignals(False)

    def chosen(self) -> list[int]:
        """The ids of the selected phrases."""
        return [item.data(0, _PHRASE).id for item in self.selectedItems()]

    def editing(self) -> bool:
        """Whether somebody is at it: filling the table anew would throw that away."""
        return self.state() == QAbstractItemView.State.EditingState

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        phrase: Phrase = item.data(0, _PHRASE)
        pinyin, count, problem = phrase.pinyin, phrase.count, ""
        if column == PINYIN:
            written = item.text(PINYIN).lower()
            for typed, plain in _ASCII_KEYS.items():
                written = written.replace(typed, plain)
            pinyin = " ".join(written.split())
            if len(pinyin.split()) != len(phrase.text):
                problem = tr("{text} needs as many syllables as characters.", text=phrase.text)
            elif not all(part.isascii() and part.isalpha() for part in pinyin.split()):
                problem = tr("Write syllables with the letters a to z, v for ü, a space between two.")
        elif column == COUNT:
            number = number_from(item.text(COUNT), whole=False)
            if not isinstance(number, int | float) or not 0 < number < 1e9:
                problem = tr("Write a number above 0.")
            else:
                count = float(number)
        self.blockSignals(True)
        item.setText(PINYIN, phrase.pinyin)
        item.setText(COUNT, _count(phrase.count))
        self.blockSignals(False)
        if problem:
            self.refused.emit(problem)
        elif (pinyin, count) != (phrase.pinyin, phrase.count):
            self.corrected.emit(phrase.id, pinyin, count)


def _count(count: float) -> str:
    return number_text(int(count) if count == int(count) else float(f"{count:.3g}"))


def _day(used: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(used))
