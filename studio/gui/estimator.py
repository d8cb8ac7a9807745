"""What a run of the draft would take: counted at once, measured by a trial as soon as the draft rests."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.gui.session import Session
from studio.recipe import Recipe
from studio.runs.estimates import RunEstimated
from studio.runs.requests import EstimateRun, Refused

COUNT_AFTER, TRY_AFTER = 250, 1000  # milliseconds without a change
_REMEMBERED = 30  # recipes whose trials need not be made again


class Estimator(QObject):
    """Asks the lab after each change of the draft; the newest draft wins. One a session: see `of`.

    While a run goes on no trial is made, which would take the cores from it; the trial is made up for later.

    Attributes:
        estimate: the newest answer for the draft; None while it has problems or nothing was answered yet.
        refused: why there is none; None if nothing is in the way.
        trying: a trial goes on or is about to.

    Signals:
        changed: any of them.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._asked: Recipe | None = None
        self._count: asyncio.Task[Any] | None = None
        self._trial: asyncio.Task[Any] | None = None
        self._known: OrderedDict[str, RunEstimated] = OrderedDict()
        self._shown = ""  # the recipe that `estimate` is of
        self._closed = False
        self.estimate: RunEstimated | None = None
        self.refused: Refused | None = None
        self.trying = False
        self._counting = QTimer(self, singleShot=True, interval=COUNT_AFTER)
        self._counting.timeout.connect(self._ask_count)
        self._resting = QTimer(self, singleShot=True, interval=TRY_AFTER)
        self._resting.timeout.connect(self._ask_trial)
        session.draft_changed.connect(self.refresh)
        session.run_changed.connect(self._run_changed)

    @classmethod
    def of(cls, session: Session) -> Estimator:
        """The session's estimator, made when it is first wanted."""
        return session.findChild(cls) or cls(session)

    def refresh(self) -> None:
        """The draft changed: estimate again soon, unless nothing that matters is different."""
        recipe = _what_matters(self._session.recipe)
        if self._closed or (recipe is not None and recipe == self._asked):
            return
        self._drop()
        self._asked = recipe
        if recipe is None:
            self.estimate = self.refused = None
        else:
            self._counting.start()
            self._try_later()
        self.changed.emit()

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self._closed = True
        self._drop()

    def _drop(self) -> None:
        self._counting.stop()
        self._resting.stop()
        self.trying = False
        for task in (self._count, self._trial):
            if task is not None:
                task.cancel()
        self._count = self._trial = None

    def _try_later(self) -> None:
        self.trying = not self._session.running
        if self.trying:
            self._resting.start()

    def _run_changed(self) -> None:
        if self._session.running:
            self._resting.stop()
            if self._trial is not None:
                self._trial.cancel()
                self._trial = None
            if self.trying:
                self.trying = False
                self.changed.emit()
        elif self._asked is not None and not self.trying and not self._is_tried() and not self._closed:
            self._try_later()
            self.changed.emit()

    def _is_tried(self) -> bool:
        return self.estimate is not None and (self.estimate.tried or bool(self.estimate.error))

    def _ask_count(self) -> None:
        if self._asked is None:
            return
        self._count = self._session.spawn(self._answer(self._request(trial=False)))
        if self._count is None:  # no event loop yet: the next change asks again
            self._asked = None

    def _ask_trial(self) -> None:
        if self._asked is None or self._session.running:
            self.trying = False
        elif self._asked.model_dump_json() in self._known:
            self.trying = False  # the count brings it with it
        else:
            self._trial = self._session.spawn(self._answer(self._request(trial=True)))
            self.trying = self._trial is not None
        self.changed.emit()

    def _request(self, *, trial: bool) -> EstimateRun:
        assert self._asked is not None
        values = self._asked.model_dump(mode="json")
        return EstimateRun(id=self._session.lab.new_id(), recipe=values, trial=trial)

    async def _answer(self, request: EstimateRun) -> None:
        response = await self._session.lab.ask(request)
        if self._asked is None:
            return
        key = self._asked.model_dump_json()
        if isinstance(response, RunEstimated):
            self.refused = None
            if response.tried:
                self._known[key] = response
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
            elif not request.trial and key in self._known:
                self._known.move_to_end(key)
                response = dataclasses.replace(
                    self._known[key], memory_free=response.memory_free, disk_free=response.disk_free
                )
            # A count that comes after its own trial has nothing to add.
            if request.trial or response.tried or self._shown != key or not self._is_tried():
                self.estimate, self._shown = response, key
        elif isinstance(response, Refused) and response.kind != "cancelled":
            self.estimate, self.refused = None, response
            if response.kind.startswith("lab"):
                self._asked = None
        if request.trial:
            self.trying = False
        self.changed.emit()


def _what_matters(recipe: Recipe | None) -> Recipe | None:
    """The recipe without what costs neither time nor room."""
    return recipe and recipe.model_copy(update={"name": "estimated", "description": ""})
