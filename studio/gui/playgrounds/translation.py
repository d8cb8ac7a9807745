"""Sequence to sequence: what is written for a text as one types, its alternatives, and where the model looked."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from studio.gui.i18n import tr
from studio.gui.playgrounds.asking_page import AskingPage
from studio.gui.playgrounds.attention_map import AttentionMap
from studio.gui.playgrounds.written_texts import WrittenTexts
from studio.gui.session import Session
from studio.runs.translation_requests import Looked, Translate, Translated

SAMPLES = (
    "今天天气很好。",
    "我喜欢吃苹果。",
    "他在学校学习中文。",
    "Hello, teacher!",
    "jin tian tian qi hen hao",
)
_MOST_CELLS = 4000  # of a map that can still be looked at
_UNKNOWN = "the model does not know "


class TranslationPage(AskingPage):
    """Alternatives in full, the best first; for the one that is looked at, a map of the attention."""

    ANSWERS = Translated
    PAUSE = 150  # a beam takes longer than a glance of the other models
    answer: Translated | None

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, SAMPLES, parent)
        self._head = QLabel(self)
        self._head.setProperty("role", "heading")
        self.copy = QPushButton(self)
        self.copy.clicked.connect(self.copy_text)
        top = QHBoxLayout()
        top.addWidget(self._head)
        top.addStretch(1)
        top.addWidget(self.copy)
        self.texts = WrittenTexts(self)
        self.texts.picked.connect(self._show_map)
        self._note = QLabel(self)
        self._note.setProperty("role", "warning")
        self._note.setWordWrap(True)
        self._map_head = QLabel(self)
        self._map_head.setProperty("role", "heading")
        self.map = AttentionMap(self)
        self.map.looked_at.connect(self._say_look)
        self._look = QLabel(self)
        self._look.setProperty("role", "caption")
        self._look.setWordWrap(True)
        self.beside.addLayout(top)
        for widget in (self.texts, self._note, self._map_head, self._look, self.map):
            self.beside.addWidget(widget)
        self.beside.addStretch(1)
        self.retranslate()

    def copy_text(self) -> None:
        """Put the text that is looked at onto the clipboard."""
        if self.texts.rows:
            QGuiApplication.clipboard().setText(self.texts.rows[self.texts.current][0])
            self.session.message.emit("ok", tr("Text copied"))

    def retranslate(self) -> None:
        super().retranslate()
        self.editor.setPlaceholderText(tr("Type or paste a text here"))
        self.editor.setAccessibleName(tr("Text to write another for"))
        self.texts.setAccessibleName(tr("What the model writes, with probabilities"))
        self.texts.setToolTip(
            tr("The mean of its symbols' probabilities, so that long texts compare with short ones.")
        )
        self.map.setAccessibleName(tr("Where the model looked"))
        self._head.setText(tr("Written"))
        self.copy.setText(tr("Copy the text"))
        self._map_head.setText(tr("Where the model looked"))
        self._show()

    def _request(self, number: str, model: str, text: str) -> Translate:
        return Translate(id=number, model=model, text=text, channel="translate")

    def _show(self) -> None:
        answer = self.answer
        rows = [(one.text, one.score) for one in answer.candidates] if answer is not None else []
        self.texts.show_texts(rows)
        for widget in (self._head, self.copy, self.texts):
            widget.setVisible(bool(rows))
        note = note_text(answer) if answer is not None else ""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._show_map(0)

    def _show_map(self, number: int) -> None:
        answer = self.answer
        look: Looked | None = None
        if answer is not None and number < len(answer.looks):
            look = answer.looks[number]
        if look is not None and len(look.written) * len(answer.read if answer else ()) > _MOST_CELLS:
            look = None
        # Blanks between words are written as well; where was looked for those says nothing.
        kept = [n for n, text in enumerate(look.written) if not text.isspace()] if look else []
        read = answer.read if answer is not None and kept else ()
        self.map.show_map(
            read,
            [look.written[n] for n in kept] if look else [],
            [look.weights[n] for n in kept] if look else [],
        )
        for widget in (self._map_head, self.map, self._look):
            widget.setVisible(bool(kept))
        self._say_look(-1, -1)

    def _say_look(self, row: int, column: int) -> None:
        if row < 0 or row >= len(self.map.written):
            self._look.setText(
                tr("Point at a cell, or move with the arrow keys, to see how much was looked there.")
            )
            return
        written, share = self.map.written[row], self.map.weights[row][column]
        self._look.setText(f"{written}  ←  {self.map.read[column]}  {100 * share:.0f}%")


def note_text(answer: Translated) -> str:
    """What a person should know of an answer, in the window's language."""
    parts = []
    if answer.note.startswith(_UNKNOWN):
        strange = answer.note.removeprefix(_UNKNOWN)
        shown = strange if len(strange) <= 20 else strange[:20] + "…"
        parts.append(tr("The model does not know {characters}.", characters=shown))
    elif answer.note:
        parts.append(tr("There is nothing to read in the text."))
    if answer.rest:
        parts.append(
            tr("The last {count} characters were not read: only the first sentences are.", count=answer.rest)
        )
    return " ".join(parts)
