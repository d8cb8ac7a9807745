"""A list of the recipe's data section that changes texts, with what it makes of some of them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.gui.dataset.asking import Question, recipe_part
from studio.gui.dataset.changed_texts import ChangedTexts
from studio.gui.dataset.section_list import SectionList
from studio.gui.forms.values import MISSING, lookup
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.refusals import refusal_text
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

PAUSE = 350


class SectionPanel(QWidget):
    """To be filled by subclasses: `words`, `option`, `request`, `show_answer`."""

    edited = Signal(str, object)
    parts: tuple[str, ...] = ("data",)

    def __init__(
        self, session: Session, path: str, union: Any, add: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Any = None
        self._question = Question(session, self._answered, self)
        self._title, self._before, self._hint = QLabel(), QLabel(), QLabel(wordWrap=True)
        for label in (self._title, self._before):
            label.setProperty("role", "heading")
        self._hint.setProperty("role", "caption")
        self.list = SectionList(path, union, add, self)
        self.list.edited.connect(self.edited)
        self.own = QLineEdit(clearButtonEnabled=True)
        self.own.textChanged.connect(lambda _: self.refresh())
        self.options = QHBoxLayout()
        self.texts = ChangedTexts()
        self.texts.setMinimumHeight(200)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._hint)
        column.addWidget(self.list)
        column.addSpacing(4)
        column.addWidget(self._before)
        column.addWidget(self.own)
        column.addLayout(self.options)
        column.addWidget(self.texts, 1)
        self.list.chosen.connect(lambda _: self.refresh())

    # --- for subclasses ------------------------------------------------------------------------------

    def words(self) -> tuple[str, str]:
        """Title and hint."""
        raise NotImplementedError

    def option(self) -> Any:
        """What else the question depends on."""
        raise NotImplementedError

    def request(self, name: str, recipe: dict[str, Any], option: Any, own: str) -> Request:
        """The question."""
        raise NotImplementedError

    def show_answer(self, response: Response) -> None:
        """Show an answer."""
        raise NotImplementedError

    # --- for the view --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the draft's list, and ask what it does if that may have changed; a hidden panel asks nothing."""
        values, problems = self._session.values, self._session.problems
        items = lookup(values, self.list.path)
        self.list.set_values([] if items is MISSING else items)
        self.list.set_problems(problems)
        there = bool(items) and items is not MISSING
        for widget in (self._before, self.own, self.texts):
            widget.setVisible(there)
        if not self.isVisible():
            return
        wanted = (recipe_part(values, *self.parts), self.option(), self.own.text())
        if not there:
            self._stop("")
        elif not (values.get("data") or {}).get("sources") and not self.own.text():
            self._stop(tr("Choose some under Sources first."))
        elif any(problem.path.startswith("data") for problem in problems):
            self._stop(tr("Mend the settings marked in red first."))
        elif wanted != self._asked:
            self._asked = copy.deepcopy(wanted)
            self._question.ask(lambda name: self.request(name, *wanted), PAUSE)

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self._question.stop()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        title, hint = self.words()
        self._title.setText(title)
        self._hint.setText(hint)
        self._before.setText(tr("Before and after"))
        for widget in (self.own, self.texts):
            widget.setAccessibleName(f"{title}: {tr('Before and after')}")
        self.own.setPlaceholderText(tr("Try a text of your own"))
        self.list.retranslate()
        self.texts.retranslate()

    @property
    def of_own(self) -> bool:
        """Whether what was asked is about a text that somebody typed."""
        return self._asked is not None and bool(self._asked[2])

    # --- inside --------------------------------------------------------------------------------------

    def _stop(self, why: str) -> None:
        self._question.stop()
        self._asked = None
        self.list.set_notes([])
        self.texts.say(why)

    def _answered(self, response: Response) -> None:
        if isinstance(response, Refused):
            if response.kind.startswith("lab"):
                self._asked = None
            self.texts.say(refusal_text(response))
        else:
            self.show_answer(response)
