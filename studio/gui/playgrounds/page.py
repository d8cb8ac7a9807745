"""What all pages of the Playground for running text have: a model, a text area, and answers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.refusals import refusal_text
from studio.gui.widgets.samples import Flow
from studio.runs.requests import Refused

_SIDE_BY_SIDE = 620


class TextPage(QWidget):
    """A text area with samples under it; `beside` is where a page puts its answers, in a column that scrolls.

    `status` carries a few words about the weights, `problem` why there is no answer, empty if there is one.
    """

    status = Signal(str)
    problem = Signal(str)

    def __init__(self, session: Session, samples: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.model: str | None = None
        self.editor = QPlainTextEdit(self)
        self.editor.setTabChangesFocus(True)
        self.editor.setFont(theme.hanzi_font(17))
        self._try = QLabel(self)
        self._try.setProperty("role", "caption")
        flow = Flow()
        for sample in samples:
            button = QPushButton(sample, self)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self.show_sample, sample))
            flow.addWidget(button)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.editor, 1)
        left.addWidget(self._try)
        left.addLayout(flow)
        inner = QWidget(self)
        self.beside = QVBoxLayout(inner)
        self.beside.setContentsMargins(2, 0, 8, 0)
        self.beside.setSpacing(8)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._halves.setContentsMargins(12, 0, 12, 10)
        self._halves.setSpacing(14)
        self._halves.addLayout(left, 1)
        self._halves.addWidget(area, 1)
        self.setFocusProxy(self.editor)

    def set_model(self, model: str | None) -> None:
        """Read with another model from now on."""
        if model != self.model:
            self.model = model
            self.again()

    def again(self) -> None:
        """The text, the weights or the model have changed: ask anew."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ask nothing more."""
        raise NotImplementedError

    def show_sample(self, text: str) -> None:
        """Put a text into the text area; undo brings back what was there."""
        cursor = self.editor.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.editor.setFocus()

    def told(self, step: int, live: bool) -> None:
        """Say which weights answered."""
        self.problem.emit("")
        self.status.emit(tr("step {step} · live", step=step) if live else tr("step {step}", step=step))

    def refused(self, response: Refused) -> None:
        """Say why there is no answer."""
        self.problem.emit(refusal_text(response))

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._try.setText(tr("Click to try:"))

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 340)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._halves.setDirection(
            direction.LeftToRight if self.width() >= _SIDE_BY_SIDE else direction.TopToBottom
        )
