"""Correction: wrong characters are marked as one types, and a key puts the right ones there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTextEdit, QWidget

from studio.gui.i18n import tr
from studio.gui.playgrounds.asking_page import AskingPage
from studio.gui.playgrounds.chance_bars import ChanceBars
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.runs.text_requests import CorrectText, TextCorrected, TextEdit

KEYS = "Ctrl+Return"
SAMPLES = ("今天的天汽很好。", "这家酒店的房间很于净，服物也好。", "他每天早上去公园跑步。")


class CorrectionPage(AskingPage):
    """The corrections of a text as a list; a click, or a key for the one at the caret, makes one."""

    ANSWERS = TextCorrected
    PAUSE = 120
    answer: TextCorrected | None

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, SAMPLES, parent)
        self._head = QLabel(self)
        self._head.setProperty("role", "heading")
        self.bars = ChanceBars(self, pickable=True)
        self._note = QLabel(self)
        self._note.setProperty("role", "caption")
        self._note.setWordWrap(True)
        self.accept, self.accept_all = QPushButton(self), QPushButton(self)
        buttons = QHBoxLayout()
        for button, press in ((self.accept, self.make_next), (self.accept_all, self.make_all)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(press)
            buttons.addWidget(button)
        buttons.addStretch(1)
        for widget in (self._head, self.bars, self._note):
            self.beside.addWidget(widget)
        self.beside.addLayout(buttons)
        self.beside.addStretch(1)
        key = QShortcut(QKeySequence(KEYS), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self.make_next)
        self.bars.picked.connect(self._pick)
        self.editor.cursorPositionChanged.connect(self._show)
        theme.changed.connect(self._show)
        self.retranslate()

    @property
    def edits(self) -> tuple[TextEdit, ...]:
        """What could be corrected, if the answer is about this text."""
        answer = self.answer
        return answer.edits if answer is not None and answer.text == self.editor.toPlainText() else ()

    @property
    def current(self) -> int:
        """The number of the correction nearest to the caret; -1 if there is none."""
        caret = self.editor.textCursor().position()
        distances = [abs(self._place(edit) + 0.5 - caret) for edit in self.edits]
        return distances.index(min(distances)) if distances else -1

    def make_next(self) -> None:
        """Make the correction nearest to the caret."""
        if self.current >= 0:
            self._pick(self.current)

    def make_all(self) -> None:
        """Make all corrections; one undo takes them back."""
        edits = self.edits
        cursor = QTextCursor(self.editor.document())
        cursor.beginEditBlock()
        for edit in reversed(edits):
            self._replace(cursor, edit)
        cursor.endEditBlock()

    def retranslate(self) -> None:
        super().retranslate()
        self.editor.setPlaceholderText(tr("Type or paste a text here"))
        self.editor.setAccessibleName(tr("Text to correct"))
        self.bars.setAccessibleName(tr("Corrections"))
        self.accept.setText(tr("Correct ({keys})", keys=KEYS))
        self.accept_all.setText(tr("Correct all"))
        self._show()

    def _ask(self, pause: int) -> None:
        super()._ask(pause)
        self._show()  # what is known of the text before is not shown on this one

    def _request(self, number: str, model: str, text: str) -> CorrectText:
        return CorrectText(id=number, model=model, text=text, channel="correct")

    def _pick(self, number: int) -> None:
        if number >= len(self.edits):
            return
        cursor = QTextCursor(self.editor.document())
        self._replace(cursor, self.edits[number])
        self.editor.setTextCursor(cursor)

    def _replace(self, cursor: QTextCursor, edit: TextEdit) -> None:
        cursor.setPosition(self._place(edit))
        cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(edit.right)

    def _place(self, edit: TextEdit) -> int:
        """Where the text area has it: characters beyond the basic plane take two places."""
        text = self.answer.text if self.answer is not None else ""
        return len(text[: edit.position].encode("utf-16-le")) // 2

    def _show(self) -> None:
        edits, current = self.edits, self.current
        self.bars.show_chances([(f"{edit.wrong} → {edit.right}", edit.score) for edit in edits])
        answered = self.answer is not None and self.answer.text == self.editor.toPlainText()
        self._head.setText(tr("{count} to correct", count=len(edits)) if edits else tr("Nothing to correct"))
        self._head.setVisible(answered)
        self.bars.setVisible(bool(edits))
        self.accept.setEnabled(bool(edits))
        self.accept_all.setEnabled(bool(edits))
        note = note_text(self.answer.note) if answered and self.answer is not None else ""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.editor.setExtraSelections([self._mark(edit, n == current) for n, edit in enumerate(edits)])

    def _mark(self, edit: TextEdit, is_current: bool) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        form = QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(theme.color("accent"))
        form.setBackground(theme.color("accent", 0.3 if is_current else 0.12))
        form.setToolTip(f"{edit.wrong} → {edit.right}")
        cursor = QTextCursor(self.editor.document())
        cursor.setPosition(self._place(edit))
        cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
        mark.cursor, mark.format = cursor, form
        return mark


def note_text(note: str) -> str:
    """What the model says of a text, in the window's language."""
    return tr("There are no hanzi in the text.") if note else ""
