"""Hanzi to pinyin: what is typed, with its reading above each character, and the alternatives of the one looked at."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from studio.gui.i18n import tr
from studio.gui.playgrounds.asking_page import AskingPage
from studio.gui.playgrounds.chance_bars import ROW, ChanceBars
from studio.gui.playgrounds.ruby_text import RubyText
from studio.gui.session import Session
from studio.runs.tagging_requests import ReadAloud, TextRead

SAMPLES = (
    "他长大后在银行工作，行不行？",
    "这件事很重要，要重新考虑。",
    "音乐使人快乐，他还了书，还想再借。",
)
_SHOWN = 4  # alternatives; there is always room for so many, so that the text does not move under the pointer
_NAMED = 12  # characters named in the note


class ReadingPage(AskingPage):
    """The text with ruby, and bars for the readings of one character."""

    ANSWERS = TextRead
    answer: TextRead | None

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, SAMPLES, parent)
        self._head = QLabel(self)
        self._head.setProperty("role", "heading")
        self.copy = QPushButton(self)
        self.copy.clicked.connect(self.copy_pinyin)
        top = QHBoxLayout()
        top.addWidget(self._head)
        top.addStretch(1)
        top.addWidget(self.copy)
        self.ruby = RubyText(self)
        self.ruby.looked_at.connect(self._show_character)
        self._legend = QLabel(self)
        self._legend.setProperty("role", "caption")
        self._legend.setWordWrap(True)
        self._note = QLabel(self)
        self._note.setProperty("role", "warning")
        self._note.setWordWrap(True)
        self._character = QLabel(self)
        self._character.setProperty("role", "title")
        self.bars = ChanceBars(self)
        self.bars.setMinimumHeight(_SHOWN * ROW)
        self.beside.addLayout(top)
        for widget in (self._character, self.bars, self._note, self.ruby, self._legend):
            self.beside.addWidget(widget)
        self.beside.addStretch(1)
        self.retranslate()

    def copy_pinyin(self) -> None:
        """Put the pinyin onto the clipboard, with blanks between the syllables."""
        answer = self.answer
        if answer is None:
            return
        line = ""
        for character, readings in zip(answer.text, answer.readings, strict=True):
            if readings:
                line += (" " if line and not line[-1].isspace() else "") + readings[0].text
            else:
                line += character
        QGuiApplication.clipboard().setText(line)
        self.session.message.emit("ok", tr("Pinyin copied"))

    def retranslate(self) -> None:
        super().retranslate()
        self.editor.setPlaceholderText(tr("Type or paste a text here"))
        self.editor.setAccessibleName(tr("Text to read"))
        self.ruby.setAccessibleName(tr("The text with its pinyin"))
        self.bars.setAccessibleName(tr("Readings with their probabilities"))
        self._head.setText(tr("Pinyin"))
        self.copy.setText(tr("Copy the pinyin"))
        self._legend.setText(
            tr("Underlined characters have several readings; dotted lines stand under doubtful ones.")
            + " "
            + tr("Point at a character, or move to it with the arrow keys, to see its readings.")
        )
        self._show()

    def _request(self, number: str, model: str, text: str) -> ReadAloud:
        return ReadAloud(id=number, model=model, text=text, channel="read_aloud")

    def _show(self) -> None:
        answer = self.answer
        if answer is None:
            self.ruby.show_text("", (), ())
        else:
            self.ruby.show_text(
                answer.text,
                [readings[0].text if readings else "" for readings in answer.readings],
                [readings[0].score if len(readings) > 1 else 1.0 for readings in answer.readings],
            )
        strange = [answer.text[place] for place in answer.unlearnt] if answer else []
        named = "".join(dict.fromkeys(strange))[:_NAMED]
        self._note.setText(
            tr("Not learnt, the dictionary's reading: {characters}", characters=named) if named else ""
        )
        self._note.setVisible(bool(named))
        for widget in (self._head, self.copy, self.ruby, self._legend):
            widget.setVisible(answer is not None)
        self._show_character(self._shown_place())

    def _shown_place(self) -> int:
        """The character that was looked at, or the most doubtful one."""
        answer = self.answer
        if answer is None:
            return -1
        if 0 <= self.ruby.current < len(answer.text):
            return self.ruby.current
        several = [place for place, readings in enumerate(answer.readings) if len(readings) > 1]
        return min(several, key=lambda place: answer.readings[place][0].score, default=-1)

    def _show_character(self, place: int) -> None:
        answer = self.answer
        readings = answer.readings[place] if answer is not None and 0 <= place < len(answer.readings) else ()
        self._character.setText(answer.text[place] if answer is not None and readings else "")
        self.bars.show_chances([(one.text, one.score) for one in readings[:_SHOWN]])
        self._character.setVisible(bool(readings))
        self.bars.setVisible(bool(readings))
