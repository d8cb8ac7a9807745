"""A view of prepared data: asks when it is shown, offers to prepare them, and says what is in the way."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from studio.gui.dataset.asking import Question, recipe_part
from studio.gui.dataset.preparation import Preparation
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.refusals import refusal_text
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

PAUSE = 350  # milliseconds of quiet before the draft is looked at


class PreparedView(QWidget):
    """To be filled by subclasses: `sections`, `request`, `show_answer`; `content` holds what they show."""

    sections: tuple[str, ...] = ("data",)

    def __init__(
        self, session: Session, preparation: Preparation, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.preparation = preparation
        self._asked: Any = None
        self._state: tuple[str, str] = ("", "")
        self._refused: Refused | None = None
        self.question = Question(session, self._answered, self)
        self.content = QWidget(self)
        self.empty = EmptyState(icon, self)
        self.empty.button.clicked.connect(self._button)
        self._bar = QProgressBar(self)
        self._bar.setFixedHeight(3)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._bar.hide()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._stack, 1)
        preparation.changed.connect(self._preparation_changed)
        preparation.ended.connect(self._prepared)

    # --- for subclasses ------------------------------------------------------------------------------

    def request(self, id: str, recipe: dict[str, Any]) -> Request:
        """The question about the draft's part."""
        raise NotImplementedError

    def show_answer(self, response: Response) -> bool:
        """Show an answer; whether it was one."""
        raise NotImplementedError

    def part(self) -> dict[str, Any]:
        """The draft's values that the question is about."""
        return recipe_part(self.session.values, *self.sections)

    # --- for the pane --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at the draft if it is not what was looked at last; nothing happens while the view is hidden."""
        if not self.isVisible():
            return
        values = self.session.values
        part = self.part()
        problems = [p for p in self.session.problems if p.path.split(".")[0] in (*self.sections, "task")]
        if not (values.get("data") or {}).get("sources"):
            self._stop("no_sources")
        elif problems:
            self._stop("problems")
        elif part != self._asked:
            self.ask_again(PAUSE if self._asked is not None else 0)

    def ask_again(self, pause: int = 0) -> None:
        """Ask about the draft as it is now."""
        part = self._asked = copy.deepcopy(self.part())
        self._bar.setRange(0, 0)
        self._bar.show()
        if self._stack.currentWidget() is self.empty:
            self._say("busy")
        self.question.ask(lambda name: self.request(name, part), pause)

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self.question.stop()

    def retranslate(self) -> None:
        state, details = self._state
        self._say(state, refusal_text(self._refused) if state == "refused" and self._refused else details)

    # --- inside --------------------------------------------------------------------------------------

    def _stop(self, why: str, details: str = "") -> None:
        self.question.stop()
        self._asked = None
        self._bar.hide()
        self._stack.setCurrentWidget(self.empty)
        self._say(why, details)

    def _answered(self, response: Response) -> None:
        self._bar.hide()
        if self.show_answer(response):
            self._stack.setCurrentWidget(self.content)
        elif isinstance(response, Refused):
            self._stack.setCurrentWidget(self.empty)
            if response.kind.startswith("lab"):
                self._asked = None
            if response.kind == "unprepared":
                self._preparation_changed()
                if not self.preparation.going_on:
                    self._say("unprepared", self.preparation.refused)
            else:
                self._refused = response
                self._say("refused", refusal_text(response))

    def _button(self) -> None:
        if self.preparation.going_on:
            self.preparation.stop()
            self._say("unprepared")
            self._bar.hide()
        elif self._state[0] == "unprepared":
            self.preparation.start()
        else:
            self.ask_again()

    def _preparation_changed(self) -> None:
        if self._stack.currentWidget() is not self.empty or not self.isVisible():
            return
        if self.preparation.going_on and self._state[0] in ("unprepared", "preparing", "busy"):
            total = self.preparation.total
            self._bar.setRange(0, max(total, 0))
            self._bar.setValue(self.preparation.done)
            self._bar.show()
            self._say("preparing", self.preparation.words())
        elif not self.preparation.going_on and self._state[0] == "preparing":
            self._bar.hide()
            self._say("unprepared", self.preparation.refused)

    def _prepared(self) -> None:
        self._asked = None
        if not self.preparation.refused:
            self.refresh()

    def _say(self, state: str, details: str = "") -> None:
        self._state = (state, details)
        cost = tr("That takes as long as at the start of a run, and the run will find it done.")
        title, text, button = {
            "busy": (tr("Looking at the prepared data"), "", ""),
            "no_sources": (tr("No sources yet"), tr("Choose some under Sources first."), ""),
            "problems": (tr("Nothing to show yet"), tr("Mend the settings marked in red first."), ""),
            "unprepared": (tr("The data are not prepared yet"), details or cost, tr("Prepare now")),
            "preparing": (tr("Preparing data"), details, tr("Cancel")),
            "refused": (tr("The data could not be looked at"), details, tr("Try again")),
        }.get(state, ("", "", ""))
        self.empty.say(title, text, button)
