"""The draft's data being prepared on demand, for all views that look at prepared data."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.gui.dataset.asking import Question, recipe_part
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.figures import count
from studio.gui.widgets.refusals import refusal_text
from studio.gui.widgets.words import detail_text
from studio.runs.batch_requests import PreparationProgress, PrepareData
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response


class Preparation(QObject):
    """One preparation at a time, of the draft as it was when it began.

    Attributes:
        phase, done, total: how far it is.
        refused: why the last one failed; empty if it did not.
    """

    changed = Signal()
    ended = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._question = Question(session, self._answered, self)
        self._id = ""
        self.phase, self.done, self.total = "", 0, 0
        self.refused = ""
        session.lab.progressed.connect(self._progressed)

    @property
    def going_on(self) -> bool:
        return bool(self._id)

    def start(self) -> None:
        """Prepare the draft's data."""
        recipe = copy.deepcopy(recipe_part(self._session.values, "data"))
        self.phase, self.done, self.total, self.refused = "", 0, 0, ""

        def made(id: str) -> Request:
            self._id = id
            return PrepareData(id=id, recipe=recipe)

        self._id = "soon"
        self._question.ask(made)
        self.changed.emit()

    def stop(self) -> None:
        """Call it off; nothing of it is left."""
        self._question.stop()
        if self._id:
            self._id = ""
            self.changed.emit()

    def words(self) -> str:
        """How far it is, in words."""
        text = detail_text(self.phase) if self.phase else tr("starting")
        if self.total > 1:
            text = tr("{what}: {done} of {total}", what=text, done=count(self.done), total=count(self.total))
        return text[:1].upper() + text[1:]

    def _progressed(self, told: Any) -> None:
        if isinstance(told, PreparationProgress) and told.id == self._id:
            self.phase, self.done, self.total = told.phase, told.done, told.total
            self.changed.emit()

    def _answered(self, response: Response) -> None:
        self._id = ""
        self.refused = refusal_text(response) if isinstance(response, Refused) else ""
        self.changed.emit()
        self.ended.emit()
