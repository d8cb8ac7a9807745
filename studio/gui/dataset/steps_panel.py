"""What is done to the texts, in order, and what that makes of some of them."""

from __future__ import annotations

import copy
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.gui.dataset.asking import Question, recipe_part
from studio.gui.dataset.changed_texts import ChangedTexts
from studio.gui.dataset.section_list import SectionList
from studio.gui.forms.values import MISSING, lookup
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.figures import count
from studio.gui.widgets.refusals import refusal_text
from studio.recipe.steps import AnyStep
from studio.runs.doctor_requests import PreviewSteps, StepsPreviewed, StepTally
from studio.runs.requests import Refused, Request, Response

PATH = "data.steps"
PAUSE = 350


class StepsPanel(QWidget):
    """The list of steps, the settings of one, and texts before and after."""

    edited = Signal(str, object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Any = None
        self._tallies: tuple[StepTally, ...] = ()
        self._question = Question(session, self._answered, self)
        self._title, self._before = QLabel(), QLabel()
        for label in (self._title, self._before):
            label.setProperty("role", "heading")
        self._hint = QLabel(wordWrap=True)
        self._hint.setProperty("role", "caption")
        self.steps = SectionList(PATH, AnyStep, "Add a step", self)
        self.steps.edited.connect(self.edited)
        self.steps.chosen.connect(self._chosen)
        self.alone = QCheckBox()
        self.alone.toggled.connect(lambda _: self.refresh())
        self.own = QLineEdit(clearButtonEnabled=True)
        self.own.textEdited.connect(lambda _: self.refresh())
        self.texts = ChangedTexts()
        self.texts.setMinimumHeight(180)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._hint)
        column.addWidget(self.steps)
        column.addSpacing(6)
        column.addWidget(self._before)
        column.addWidget(self.own)
        column.addWidget(self.alone)
        column.addWidget(self.texts, 1)
        self.retranslate()

    def refresh(self) -> None:
        """Show the draft's steps, and ask what they do if that may have changed."""
        values = self._session.values
        steps = lookup(values, PATH)
        self.steps.set_values([] if steps is MISSING else steps)
        self.steps.set_problems(self._session.problems)
        chosen = self.steps.list.currentRow()
        self.alone.setVisible(chosen >= 0)
        if not self.isVisible():
            return
        recipe = recipe_part(values, "data")
        step = chosen if self.alone.isChecked() else -1
        wanted = (recipe, step, self.own.text())
        if not steps or steps is MISSING:
            self._stop(tr("Add a step, and what it does to your texts is shown here."))
        elif not (values.get("data") or {}).get("sources") and not self.own.text():
            self._stop(tr("Choose some under Sources first."))
        elif any(problem.path.startswith("data") for problem in self._session.problems):
            self._stop(tr("Mend the settings marked in red first."))
        elif wanted != self._asked:
            self._asked = copy.deepcopy(wanted)
            self._question.ask(self._made, PAUSE)

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self._question.stop()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._title.setText(tr("Preparation steps"))
        self._hint.setText(tr("Done to whole documents, in this order, before they are cleaned and split."))
        self._before.setText(tr("Before and after"))
        self.own.setPlaceholderText(tr("Try a text of your own"))
        self.own.setAccessibleName(tr("Try a text of your own"))
        self.alone.setText(tr("What the chosen step alone does"))
        self.texts.setAccessibleName(tr("Before and after"))
        self.steps.retranslate()
        if self._asked is not None:
            self.steps.set_notes([_tally(one) for one in self._tallies])
        self.texts.retranslate()

    # --- inside --------------------------------------------------------------------------------------

    def _made(self, name: str) -> Request:
        recipe, step, own = self._asked
        return PreviewSteps(id=name, recipe=recipe, texts=(own,) if own else (), step=step)

    def _stop(self, why: str) -> None:
        self._question.stop()
        self._asked = None
        self.steps.set_notes([])
        self.texts.say(why)

    def _chosen(self, _: int) -> None:
        self.refresh()

    def _answered(self, response: Response) -> None:
        if isinstance(response, StepsPreviewed):
            self.texts.show_rows(tuple((row.source, row.before, row.after) for row in response.rows))
            if not self._asked[2]:
                self._tallies = response.tallies
                self.steps.set_notes([_tally(one) for one in self._tallies])
        elif isinstance(response, Refused):
            if response.kind.startswith("lab"):
                self._asked = None
            self.texts.say(refusal_text(response))


def _tally(tally: StepTally) -> str:
    """What a step did to the documents it was shown, in a few words."""
    parts = []
    if tally.changed:
        parts.append(tr("{count} changed", count=count(tally.changed)))
    if tally.dropped:
        parts.append(tr("{count} dropped", count=count(tally.dropped)))
    if tally.lines:
        parts.append(tr("{count} lines dropped", count=count(tally.lines)))
    return ", ".join(parts) or tr("nothing to do in {count}", count=count(tally.seen))
