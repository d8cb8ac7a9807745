"""Asks the lab for the candidates of a composition: the newest keystroke wins, answers go to the composer."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import deque
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.gui.panes.compose_edit import LEFT, ComposeEdit
from studio.gui.session import Session
from studio.runs.requests import FuzzyPair, Judge, Predict, Predicted, Refused

TOP = 10
_PREFIXES = 40  # words and characters asked for with each key: some pages
_ALL_PREFIXES = 10_000
_CHANNEL = "playground"
_Asked = tuple[str, str, str, int]  # model, letters, the text before them, how many prefixes
_NOTHING: _Asked = ("", "", "", 0)


class Predictions(QObject):
    """Keeps an editor's composition supplied with candidates.

    Attributes:
        model: what to type with; None while there is no model.
        judge: who decides between sentences.
        fuzzy, slips: how the person types (see `Predict`).
        last: the newest answer.
        latencies: milliseconds from a key to its candidates on the screen, newest last.
    """

    arrived = Signal()
    refused = Signal(object)

    def __init__(self, session: Session, editor: ComposeEdit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._editor = editor
        self._task: asyncio.Task[Any] | None = None
        self._asking: _Asked = _NOTHING
        self._pressed: float | None = None
        self.model: str | None = None
        self.judge: Judge = "both"
        self.fuzzy: tuple[FuzzyPair, ...] = ()
        self.slips = True
        self.last: Predicted | None = None
        self.latencies: deque[float] = deque(maxlen=101)
        editor.composed.connect(self._composed)

    @property
    def latency(self) -> float | None:
        """The median of the latencies, in milliseconds; None before anything was typed."""
        return statistics.median(self.latencies) if self.latencies else None

    def set_model(self, model: str | None) -> None:
        """Type with another model from now on."""
        if model != self.model:
            self.model = model
            self.last = None
            self.again()

    def set_judge(self, judge: Judge) -> None:
        """Let someone else decide between sentences from now on."""
        if judge != self.judge:
            self.judge = judge
            self.again()

    def set_typist(self, fuzzy: tuple[FuzzyPair, ...], slips: bool) -> None:
        """Somebody types who mixes up these sounds, and whose slips are seen through or not."""
        if (fuzzy, slips) != (self.fuzzy, self.slips):
            self.fuzzy, self.slips = fuzzy, slips
            self.again()

    def again(self) -> None:
        """The weights have changed: predict the composition anew, without a key."""
        self._pressed = None
        self._ask(self._editor.composer.wanted or self._editor.composer.letters, anew=True)

    def painted(self) -> None:
        """The candidates of the newest key are on the screen."""
        if self._pressed is not None:
            self.latencies.append(1000 * (time.perf_counter() - self._pressed))
            self._pressed = None

    def stop(self) -> None:
        """Ask nothing more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _composed(self) -> None:
        wanted = self._editor.composer.wanted
        if wanted and wanted != self._asking[1]:
            self._pressed = time.perf_counter()
        if not wanted and self._editor.composer.needs_more:
            self._ask(self._editor.composer.letters, prefixes=_ALL_PREFIXES)
        else:
            self._ask(wanted)

    def _ask(self, text: str, anew: bool = False, prefixes: int = _PREFIXES) -> None:
        if not text or self.model is None:
            if not self._editor.composer.composing:
                self.stop()
                self._asking = _NOTHING
            return
        left = (self._editor.left_text() + self._editor.composer.context)[-LEFT:]
        asked = (self.model, text, left, prefixes)
        busy = self._task is not None and not self._task.done()
        if busy and not anew and self._asking == asked:
            return
        self.stop()
        self._asking = asked
        request = Predict(
            id=self._session.lab.new_id(),
            model=self.model,
            text=text,
            top_k=TOP,
            left=left,
            judge=self.judge,
            channel=_CHANNEL,
            prefixes=prefixes,
            fuzzy=self.fuzzy,
            slips=self.slips,
        )
        self._task = self._session.spawn(self._answer(request))

    async def _answer(self, request: Predict) -> None:
        response = await self._session.lab.ask(request)
        if request.model != self.model or (
            isinstance(response, Refused) and response.kind in ("cancelled", "superseded")
        ):
            return
        composer = self._editor.composer
        self._task, self._asking = None, _NOTHING
        commit = ""
        if isinstance(response, Predicted):
            self.last = response
            commit = composer.receive(response)
        elif isinstance(response, Refused):
            self._pressed = None
            # A lab that crashed comes back and is asked again; for anything else waiting would never end.
            if not response.kind.startswith("lab"):
                commit = composer.fail(request.text)
            self.refused.emit(response)
        if commit:
            self._editor.show_composition(commit)
        self.arrived.emit()
        if composer.wanted and composer.wanted != request.text:
            self._ask(composer.wanted)
