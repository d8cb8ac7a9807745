"""One question to the lab at a time: a newer one takes the older back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from studio.gui.session import Session
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

_UNANSWERED = ("cancelled", "superseded", "lab_closed")


def recipe_part(values: dict[str, Any], *sections: str) -> dict[str, Any]:
    """The draft's values that a question is about; what is wrong elsewhere does not stand in its way."""
    return {key: values[key] for key in ("version", "name", "task", *sections) if key in values}


class Question(QObject):
    """Asks after a pause, gives the answer to `answered`, and never two at once."""

    def __init__(
        self, session: Session, answered: Callable[[Response], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._answered = answered
        self._make: Callable[[str], Request] | None = None
        self._task: asyncio.Task[Any] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._begin)

    @property
    def going_on(self) -> bool:
        """Whether an answer is being waited for."""
        return self._timer.isActive() or (self._task is not None and not self._task.done())

    def ask(self, make: Callable[[str], Request], pause: int = 0) -> None:
        """Ask what `make` makes of an id, after so many milliseconds; whatever was asked before is taken back."""
        self.stop()
        self._make = make
        self._timer.start(pause)

    def stop(self) -> None:
        """Ask nothing more, and take back what was asked."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _begin(self) -> None:
        if self._make is not None:
            self._task = self._session.spawn(self._ask(self._make(self._session.lab.new_id())))

    async def _ask(self, request: Request) -> None:
        response = await self._session.lab.ask(request)
        self._task = None
        if not (isinstance(response, Refused) and response.kind in _UNANSWERED):
            self._answered(response)
