"""Classification: the labels of a text as it is typed, and which characters speak for the likeliest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QWidget

from studio.gui.dataset.asking import Question
from studio.gui.i18n import tr
from studio.gui.playgrounds.chance_bars import ChanceBars
from studio.gui.playgrounds.page import TextPage
from studio.gui.playgrounds.weighed_text import WeighedText
from studio.gui.session import Session
from studio.runs.requests import Refused
from studio.runs.text_requests import Classified, Classify

if TYPE_CHECKING:
    from studio.runs.lab_messages import Response

SAMPLES = (
    "房间很干净，服务也很好，下次还会再来。",
    "质量太差了，用了两天就坏了。",
    "书的内容一般，不过送货很快。",
)
_SHOWN = 12  # labels
_PAUSE, _WEIGHING_PAUSE = 60, 350  # milliseconds after a key


class ClassificationPage(TextPage):
    """Bars for the labels, and the text with what mattered in it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, SAMPLES, parent)
        self.answer: Classified | None = None
        self._labels = Question(session, self._answered, self)
        self._weights = Question(session, self._weighed, self)
        self._head = QLabel(self)
        self._head.setProperty("role", "title")
        self.bars = ChanceBars(self)
        self._note = QLabel(self)
        self._note.setProperty("role", "warning")
        self._note.setWordWrap(True)
        self._why = QLabel(self)
        self._why.setProperty("role", "heading")
        self.weighed = WeighedText(self)
        self._legend = QLabel(self)
        self._legend.setProperty("role", "caption")
        self._legend.setWordWrap(True)
        for widget in (self._head, self.bars, self._note, self._why, self.weighed, self._legend):
            self.beside.addWidget(widget)
        self.beside.addStretch(1)
        self.editor.textChanged.connect(self._typed)
        self.retranslate()

    def again(self) -> None:
        self._ask(0)

    def stop(self) -> None:
        self._labels.stop()
        self._weights.stop()

    def retranslate(self) -> None:
        super().retranslate()
        self.editor.setPlaceholderText(tr("Type or paste a text here"))
        self.editor.setAccessibleName(tr("Text to classify"))
        self.bars.setAccessibleName(tr("Probabilities of the labels"))
        self.weighed.setAccessibleName(tr("What mattered"))
        self._why.setText(tr("What mattered"))
        self._legend.setText(
            tr(
                "Red speaks for the label, green against it: by how much it becomes less likely without the character."
            )
        )
        self._show()

    def _typed(self) -> None:
        self._ask(_PAUSE)

    def _ask(self, pause: int) -> None:
        model, text = self.model, self.editor.toPlainText()
        self._weights.stop()
        if model is None or not text.strip():
            self._labels.stop()
            self.answer = None
            self._show()
            return
        self._labels.ask(
            lambda number: Classify(id=number, model=model, text=text, channel="classify"), pause
        )

    def _answered(self, response: Response) -> None:
        if isinstance(response, Refused):
            self.refused(response)
        elif isinstance(response, Classified):
            self.answer = response
            self.told(response.step, response.live)
            self._show()
            model, text = self.model, response.text
            if model is not None and response.scores:
                self._weights.ask(
                    lambda number: Classify(id=number, model=model, text=text, weigh=True, channel="weigh"),
                    _WEIGHING_PAUSE,
                )

    def _weighed(self, response: Response) -> None:
        if isinstance(response, Classified) and self.answer is not None and response.text == self.answer.text:
            self.answer = response
            self._show()

    def _show(self) -> None:
        answer = self.answer
        scores = answer.scores if answer else ()
        self._head.setText(label_text(scores[0].text) if scores else "")
        self.bars.show_chances([(label_text(one.text), one.score) for one in scores[:_SHOWN]])
        note = note_text(answer.note) if answer else ""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.weighed.show_text(answer.read if answer and scores else "", answer.weights if answer else ())
        for widget in (self._head, self.bars, self._why, self.weighed, self._legend):
            widget.setVisible(bool(scores))


def label_text(label: str) -> str:
    """A label as a person would say it; labels of a user's own are shown as they are."""
    return {"positive": tr("positive"), "negative": tr("negative")}.get(label, label)


def note_text(note: str) -> str:
    """What the model says of a text it cannot read as a whole, in the window's language."""
    if note == "the text is empty":
        return tr("The text is empty.")
    if note.startswith("the model knows nothing"):
        return tr("The model knows none of these characters.")
    if note:
        return tr("The text is long: its beginning and its end were read.")
    return ""
