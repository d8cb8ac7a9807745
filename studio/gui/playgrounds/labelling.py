"""Sequence labelling: the words or names of a text in boxes as it is typed, with a legend."""

from __future__ import annotations

from collections import Counter
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from studio.gui.i18n import tr
from studio.gui.playgrounds.asking_page import AskingPage
from studio.gui.playgrounds.labels import color_of, name_of
from studio.gui.playgrounds.span_text import SpanText
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import count
from studio.runs.tagging_requests import LabelText, TextLabelled

SAMPLES = (
    "南京市长江大桥今天通车。",
    "李明在中国银行上海分行工作。",
    "他说的确实在理。",
)


class LabellingPage(AskingPage):
    """The text in boxes, and what the boxes' labels mean."""

    ANSWERS = TextLabelled
    answer: TextLabelled | None

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, SAMPLES, parent)
        self._head = QLabel(self)
        self._head.setProperty("role", "heading")
        self.copy = QPushButton(self)
        self.copy.clicked.connect(self.copy_labelled)
        top = QHBoxLayout()
        top.addWidget(self._head)
        top.addStretch(1)
        top.addWidget(self.copy)
        self.spans = SpanText(self)
        self.legend = QLabel(self)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        policy = self.legend.sizePolicy()  # its longest entry must not widen a narrow pane
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        self.legend.setSizePolicy(policy)
        self._note = QLabel(self)
        self._note.setProperty("role", "caption")
        self._note.setWordWrap(True)
        self.beside.addLayout(top)
        for widget in (self.legend, self.spans, self._note):
            self.beside.addWidget(widget)
        self.beside.addStretch(1)
        theme.changed.connect(self._show_legend)
        self.retranslate()

    def copy_labelled(self) -> None:
        """Put the text onto the clipboard with its labels: word/label, or words alone with blanks between."""
        answer = self.answer
        if answer is None:
            return
        pieces, end = [], 0
        for span in answer.spans:
            pieces.append(answer.text[end : span.start].strip(" "))
            word = answer.text[span.start : span.end]
            pieces.append(f"{word}/{span.label}" if len(answer.labels) > 1 else word)
            end = span.end
        pieces.append(answer.text[end:].strip(" "))
        QGuiApplication.clipboard().setText(" ".join(piece for piece in pieces if piece))
        self.session.message.emit("ok", tr("Text copied"))

    def retranslate(self) -> None:
        super().retranslate()
        self.editor.setPlaceholderText(tr("Type or paste a text here"))
        self.editor.setAccessibleName(tr("Text to label"))
        self.spans.setAccessibleName(tr("The text with its labels"))
        self.legend.setAccessibleName(tr("Legend"))
        self.copy.setText(tr("Copy with labels"))
        self._show()

    def _request(self, number: str, model: str, text: str) -> LabelText:
        return LabelText(id=number, model=model, text=text, channel="label_text")

    def _show(self) -> None:
        answer = self.answer
        if answer is None:
            self.spans.show_spans("", (), ())
        else:
            self.spans.show_spans(answer.text, answer.spans, answer.labels)
        found = len(answer.spans) if answer else 0
        words = answer is not None and answer.labels == ("word",)
        self._head.setText(
            tr("{count} words", count=count(found)) if words else tr("{count} found", count=count(found))
        )
        empty = answer is not None and not answer.spans
        self._note.setText(tr("The model marks nothing in this text.") if empty else "")
        self._note.setVisible(empty)
        for widget in (self._head, self.copy, self.spans):
            widget.setVisible(answer is not None)
        self._show_legend()

    def _show_legend(self) -> None:
        answer = self.answer
        found = Counter(span.label for span in answer.spans) if answer else Counter()
        shown = answer is not None and len(answer.labels) > 1 and bool(found)
        self.legend.setVisible(shown)
        if answer is None or not shown:
            return
        parts = []
        for label, times in found.most_common():
            color = color_of(label, answer.labels).name()
            name = name_of(label)
            meaning = f" {escape(name)}" if name != label else ""
            parts.append(
                f'<span style="color:{color}">■&nbsp;<b>{escape(label)}</b></span>'
                + f"{meaning}&nbsp;{count(times)}".replace(" ", "&nbsp;")
            )
        self.legend.setText(" &nbsp; ".join(parts))
