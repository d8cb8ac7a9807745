"""Masked language models: a text with blanks, and what may stand in each of them."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QLabel, QPushButton, QTextEdit, QWidget

from studio.gui.i18n import tr
from studio.gui.playgrounds.asking_page import AskingPage
from studio.gui.playgrounds.chance_bars import ChanceBars
from studio.gui.playgrounds.writing import shown
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.runs.text_requests import BlanksFilled, FillBlanks

BLANK = "□"
"""What stands for a blank in the text area, as it does in print."""
KEYS = "Ctrl+B"
SAMPLES = ("今天的天□很好。", "新华社北□一月一日电", "这家酒店的房□很□净。")
_ASKED = "[MASK]"  # what models call it, and who pastes a text from elsewhere
_EITHER = re.compile("|".join(map(re.escape, (BLANK, _ASKED))))
_COUNT = 5


class BlanksPage(AskingPage):
    """The likeliest characters for the blank at the caret, as bars; a click puts one there."""

    ANSWERS = BlanksFilled
    answer: BlanksFilled | None

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, SAMPLES, parent)
        self.put = QPushButton(self)
        self.put.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._head = QLabel(self)
        self._head.setProperty("role", "heading")
        self.bars = ChanceBars(self, pickable=True)
        self._note = QLabel(self)
        self._note.setProperty("role", "caption")
        self._note.setWordWrap(True)
        self.beside.addWidget(self.put, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self._head, self.bars, self._note):
            self.beside.addWidget(widget)
        self.beside.addStretch(1)
        key = QShortcut(QKeySequence(KEYS), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self.put_blank)
        self.put.clicked.connect(self.put_blank)
        self.bars.picked.connect(self._pick)
        self.editor.cursorPositionChanged.connect(self._show)
        theme.changed.connect(self._show)
        self.retranslate()

    def put_blank(self) -> None:
        """Put a blank at the caret, or in the place of what is selected."""
        self.editor.textCursor().insertText(BLANK)
        self.editor.setFocus()

    @property
    def blanks(self) -> list[int]:
        """Where the blanks are, as the text area counts: characters beyond the basic plane take two places."""
        return [place for place, _ in self._spans()]

    def _spans(self) -> list[tuple[int, int]]:
        """Where each blank begins and how long it is."""
        text = self.editor.toPlainText()
        found = list(_EITHER.finditer(text))
        return [(len(text[: one.start()].encode("utf-16-le")) // 2, len(one[0])) for one in found]

    @property
    def current(self) -> int:
        """The number of the blank nearest to the caret; -1 if there is none."""
        caret = self.editor.textCursor().position()
        distances = [abs(place + length / 2 - caret) for place, length in self._spans()]
        return distances.index(min(distances)) if distances else -1

    def retranslate(self) -> None:
        super().retranslate()
        self.editor.setPlaceholderText(tr("Type a text and put blanks into it"))
        self.editor.setAccessibleName(tr("Text with blanks"))
        self.put.setText(tr("Put a blank ({keys})", keys=KEYS))
        self.bars.setAccessibleName(tr("What may stand in the blank"))
        self._show()

    def _worth_asking(self, text: str) -> bool:
        return _EITHER.search(text) is not None

    def _request(self, number: str, model: str, text: str) -> FillBlanks:
        asked = text.replace(BLANK, _ASKED)
        return FillBlanks(id=number, model=model, text=asked, count=_COUNT, channel="blanks")

    def _pick(self, number: int) -> None:
        """Put a character into the current blank; undo brings the blank back."""
        rows, current = self._rows(), self.current
        if number >= len(rows) or current < 0:
            return
        cursor = self._selected(*self._spans()[current])
        cursor.insertText(rows[number][0])
        self.editor.setTextCursor(cursor)

    def _rows(self) -> list[tuple[str, float]]:
        """What may stand in the current blank, if the answer is about this text."""
        text = self.editor.toPlainText().replace(BLANK, _ASKED)
        answer, current = self.answer, self.current
        if answer is None or answer.text != text or not 0 <= current < len(answer.blanks):
            return []
        return [(one.text, one.score) for one in answer.blanks[current]]

    def _show(self) -> None:
        blanks, current, rows = self._spans(), self.current, self._rows()
        if rows or not blanks:
            self.bars.show_chances([(shown(text), score) for text, score in rows])
        self.bars.setVisible(bool(blanks))
        self._head.setVisible(bool(blanks))
        self._head.setText(tr("Blank {number} of {count}", number=current + 1, count=len(blanks)))
        note = note_text(self.answer.note) if self.answer is not None and blanks else ""
        hint = tr("A blank ({blank}) stands for one character that is to be guessed.", blank=BLANK)
        self._note.setText(note if blanks else hint)
        self._note.setVisible(bool(note) or not blanks)
        self.editor.setExtraSelections([self._mark(*span, n == current) for n, span in enumerate(blanks)])

    def _selected(self, place: int, length: int) -> QTextCursor:
        cursor = QTextCursor(self.editor.document())
        cursor.setPosition(place)
        cursor.setPosition(place + length, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _mark(self, place: int, length: int, is_current: bool) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        form = QTextCharFormat()
        form.setBackground(theme.color("accent", 0.35 if is_current else 0.12))
        mark.cursor, mark.format = self._selected(place, length), form
        return mark


def note_text(note: str) -> str:
    """What the model says of a text, in the window's language."""
    if note.startswith("the model knows nothing"):
        return tr("The model knows none of these characters.")
    return ""
