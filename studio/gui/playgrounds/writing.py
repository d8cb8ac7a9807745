"""Language models: what may come next as one types, and texts that the model writes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from studio.gui.dataset.asking import Question
from studio.gui.i18n import tr
from studio.gui.playgrounds.chance_bars import ChanceBars
from studio.gui.playgrounds.page import TextPage
from studio.gui.session import Session
from studio.runs.generation import LONGEST, Sampling
from studio.runs.requests import Refused
from studio.runs.text_requests import NextCharacters, NextShown, TextGrown, TextWritten, WriteOn

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

SAMPLES = ("今天的天气", "新华社北京", "这家酒店的房间")
_SHOWN = 8  # next characters
_PAUSE = 60  # milliseconds after a key
_SEEN = 1_000  # characters before the end that are asked about; no model looks back further


class WritingPage(TextPage):
    """The next characters as bars that can be clicked, and a text that grows."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, SAMPLES, parent)
        self.answer: NextShown | None = None
        self._next = Question(session, self._answered, self)
        self._text = Question(session, self._written, self)
        self._id, self._start = "", 0
        self._head = QLabel(self)
        self._head.setProperty("role", "heading")
        self.bars = ChanceBars(self, pickable=True)
        self._note = QLabel(self)
        self._note.setProperty("role", "warning")
        self._note.setWordWrap(True)
        self.temperature = _real(0.0, 5.0, 0.1, 0.8, self)
        self.top_k = _whole(0, 10_000, 0, self)
        self.top_p = _real(0.01, 1.0, 0.05, 0.95, self)
        self.length = _whole(1, LONGEST, 100, self)
        self.until = QLineEdit(self)
        self.seed = _whole(0, 2**31 - 1, 1, self)
        self.write = QPushButton(self)
        self.write.setProperty("primary", "true")
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 4, 0, 0)
        self._controls = (self.temperature, self.top_k, self.top_p, self.length, self.until, self.seed)
        for control in self._controls:
            self._form.addRow(QLabel(self), control)
        for widget in (self._head, self.bars, self._note):
            self.beside.addWidget(widget)
        self.beside.addWidget(self.write)
        self.beside.addLayout(self._form)
        self.beside.addStretch(1)
        self.editor.textChanged.connect(self._typed)
        self.bars.picked.connect(self._pick)
        self.write.clicked.connect(self._press)
        session.lab.progressed.connect(self._grown)
        self.retranslate()

    @property
    def is_writing(self) -> bool:
        """Whether a text is growing."""
        return bool(self._id)

    def again(self) -> None:
        if not self.is_writing:
            self._ask(0)
        self._show()

    def stop(self) -> None:
        self._next.stop()
        self._end()

    def retranslate(self) -> None:
        super().retranslate()
        self.editor.setPlaceholderText(tr("Begin a text here"))
        self.editor.setAccessibleName(tr("Beginning of the text"))
        self._head.setText(tr("What may come next"))
        self.bars.setAccessibleName(tr("What may come next"))
        self.until.setPlaceholderText(tr("none"))
        self.top_k.setSpecialValueText(tr("all"))
        words = (
            (tr("Temperature"), tr("Below 1 likely characters are preferred; 0 takes the likeliest.")),
            (tr("Top-k"), tr("Draw from so many of the likeliest characters only.")),
            (tr("Top-p"), tr("Draw from the likeliest characters that together have this probability.")),
            (tr("Length"), tr("Characters at the most.")),
            (tr("Stop before"), tr("The text ends before this.")),
            (tr("Seed"), tr("The same seed writes the same text.")),
        )
        for control, (title, why) in zip(self._controls, words, strict=True):
            label = self._form.labelForField(control)
            assert isinstance(label, QLabel)
            label.setText(title)
            control.setToolTip(why)
            control.setAccessibleName(title)
        self._show()

    # --- the next character --------------------------------------------------------------------------

    def _typed(self) -> None:
        if not self.is_writing:
            self._ask(_PAUSE)

    def _ask(self, pause: int) -> None:
        model, text = self.model, self.editor.toPlainText()[-_SEEN:]
        if model is None:
            self._next.stop()
            self.answer = None
            self._show()
            return
        self._next.ask(
            lambda number: NextCharacters(id=number, model=model, text=text, count=_SHOWN, channel="next"),
            pause,
        )

    def _answered(self, response: Response) -> None:
        if isinstance(response, Refused):
            self.refused(response)
        elif isinstance(response, NextShown):
            self.answer = response
            self.told(response.step, response.live)
            self._show()

    def _pick(self, number: int) -> None:
        if self.answer is None or self.is_writing:
            return
        cursor = self.editor.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self.answer.characters[number].text)
        self.editor.setTextCursor(cursor)

    # --- a whole text --------------------------------------------------------------------------------

    def _press(self) -> None:
        if self.is_writing:
            self._end()
            self._ask(0)
        elif self.model is not None:
            self._begin(self.model)

    def _begin(self, model: str) -> None:
        self._next.stop()
        text = self.editor.toPlainText()[-_SEEN:]
        end = QTextCursor(self.editor.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        self._start, self._id = end.position(), "?"
        sampling = Sampling(
            temperature=self.temperature.value(),
            top_k=self.top_k.value(),
            top_p=self.top_p.value(),
            length=self.length.value(),
            stop=self.until.text(),
            seed=self.seed.value(),
        )

        def ask(number: str) -> Request:
            self._id = number
            return WriteOn(id=number, model=model, text=text, sampling=sampling, channel="write")

        self.editor.setReadOnly(True)
        self._text.ask(ask)
        self._show()

    def _grown(self, told: object) -> None:
        if isinstance(told, TextGrown) and told.id == self._id:
            self._put(told.text)

    def _written(self, response: Response) -> None:
        if isinstance(response, Refused):
            self.refused(response)
        elif isinstance(response, TextWritten):
            self._put(response.text)
        self._end()
        self._ask(0)

    def _put(self, text: str) -> None:
        """Show what is written so far behind what was there; one undo takes it all away."""
        cursor = QTextCursor(self.editor.document())
        cursor.setPosition(self._start)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        shown = cursor.selectedText().replace("\u2029", "\n")
        if text.startswith(shown) and shown:
            cursor.clearSelection()
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.joinPreviousEditBlock()
            cursor.insertText(text[len(shown) :])
        else:
            cursor.beginEditBlock()
            cursor.insertText(text)
        cursor.endEditBlock()
        self.editor.setTextCursor(cursor)
        self.editor.ensureCursorVisible()

    def _end(self) -> None:
        self._text.stop()
        self._id = ""
        self.editor.setReadOnly(False)
        self._show()

    def _show(self) -> None:
        rows = self.answer.characters if self.answer else ()
        self.bars.show_chances([(shown(one.text), one.score) for one in rows])
        strange = self.answer.unknown if self.answer else ""
        self._note.setText(tr("The model does not know {characters}", characters=strange) if strange else "")
        self._note.setVisible(bool(strange))
        self.write.setText(tr("Stop writing") if self.is_writing else tr("Write on"))
        self.write.setEnabled(self.model is not None)
        for control in self._controls:
            control.setEnabled(not self.is_writing)


def shown(character: str) -> str:
    """A character as it can be seen."""
    return {"": tr("end of the text"), "\n": tr("new line"), " ": tr("blank")}.get(character, character)


def _whole(low: int, high: int, value: int, parent: QWidget) -> QSpinBox:
    box = QSpinBox(parent)
    box.setRange(low, high)
    box.setValue(value)
    return box


def _real(low: float, high: float, step: float, value: float, parent: QWidget) -> QDoubleSpinBox:
    box = QDoubleSpinBox(parent)
    box.setDecimals(2)
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setValue(value)
    return box
