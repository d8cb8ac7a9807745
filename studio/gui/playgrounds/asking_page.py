"""What pages have in common that ask one thing about the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from studio.gui.dataset.asking import Question
from studio.gui.playgrounds.page import TextPage
from studio.gui.session import Session
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response


class AskingPage(TextPage):
    """Asks after each change of text, model or weights, and shows the newest answer.

    A page says what it asks (`_request`), of which kind answers are (`ANSWERS`), and shows what there is (`_show`).

    Attributes:
        answer: to the text as it was when it was asked; None before there is one.
    """

    ANSWERS: type[Any]
    PAUSE = 60  # milliseconds after a key

    def __init__(self, session: Session, samples: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(session, samples, parent)
        self.answer: Any = None
        self._question = Question(session, self._answered, self)
        self.editor.textChanged.connect(self._typed)

    def again(self) -> None:
        self._ask(0)

    def stop(self) -> None:
        self._question.stop()

    def _request(self, number: str, model: str, text: str) -> Request:
        raise NotImplementedError

    def _show(self) -> None:
        raise NotImplementedError

    def _worth_asking(self, text: str) -> bool:
        return bool(text.strip())

    def _typed(self) -> None:
        self._ask(self.PAUSE)

    def _ask(self, pause: int) -> None:
        model, text = self.model, self.editor.toPlainText()
        if model is None or not self._worth_asking(text):
            self._question.stop()
            self.answer = None
            self._show()
            return
        self._question.ask(lambda number: self._request(number, model, text), pause)

    def _answered(self, response: Response) -> None:
        if isinstance(response, Refused):
            self.refused(response)
        elif isinstance(response, self.ANSWERS):
            self.answer = response
            self.told(response.step, response.live)
            self._show()
