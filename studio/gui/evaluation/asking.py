"""Asking the lab for what takes long: a button that begins and calls off, how far it is, and what there is to say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import mark
from studio.gui.widgets.refusals import refusal_text
from studio.runs.evaluations import EvaluationProgress
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request


class Asking(QObject):
    """One question at a time, which is taken back by the button that asked it.

    Attributes:
        button, progress, note: for whoever lays them out; the bar is seen while something is awaited.

    Signals:
        begin: the button is clicked while nothing is awaited.
        told: an `EvaluationProgress` of what is awaited.
        answered: the response; a refusal is put into the note afterwards.
        changed: something is awaited from now on, or no longer.
    """

    begin = Signal()
    told = Signal(object)
    answered = Signal(object)
    changed = Signal()

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._task: asyncio.Task[Any] | None = None
        self._asked = ""
        self.button = QPushButton()
        self.button.setProperty("primary", True)
        self.button.setAutoDefault(False)
        self.progress = QProgressBar()
        self.progress.hide()
        self.note = QLabel(wordWrap=True)
        self.button.clicked.connect(self._clicked)
        session.lab.progressed.connect(self._progressed)

    @property
    def going_on(self) -> bool:
        return self._task is not None

    def ask(self, make: Callable[[str], Request], text: str) -> None:
        """Ask what `make` makes of an id, and say so."""
        request = make(self._session.lab.new_id())
        self._asked = request.id
        self.progress.setRange(0, 0)
        self.progress.show()
        self.say("caption", text)
        self._task = self._session.spawn(self._ask(request))
        self.changed.emit()

    def stop(self) -> None:
        """Take back what was asked."""
        if self._task is not None:
            self._task.cancel()
            self._ended()
            self.say("caption", tr("Called off."))

    def say(self, role: str, text: str) -> None:
        """Put words into the note: a caption, a warning or an error."""
        mark(self.note, "role", role)
        self.note.setText(text)

    def name_button(self, begin: str, *, ready: bool) -> None:
        """Say what the button begins, and whether it can."""
        self.button.setText(tr("Cancel") if self.going_on else begin)
        self.button.setEnabled(self.going_on or ready)

    # --- inside --------------------------------------------------------------------------------------

    async def _ask(self, request: Request) -> None:
        response = await self._session.lab.ask(request)
        if request.id != self._asked:
            return
        self._ended()
        self.answered.emit(response)
        if isinstance(response, Refused):
            self.say("error", refusal_text(response))

    def _ended(self) -> None:
        self._task, self._asked = None, ""
        self.progress.hide()
        self.changed.emit()

    def _clicked(self) -> None:
        if self.going_on:
            self.stop()
        else:
            self.begin.emit()

    def _progressed(self, told: object) -> None:
        if isinstance(told, EvaluationProgress) and told.id == self._asked and told.total:
            self.progress.setRange(0, told.total)
            self.progress.setValue(told.done)
            self.told.emit(told)
