"""How large the model of the draft would be, and whether it fits: counted by the lab after each change."""

from __future__ import annotations

import asyncio
from typing import Any

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import mark
from studio.gui.widgets.figures import NONE, short_count, size
from studio.runs.requests import EstimateRun, Refused, RunEstimated

DEBOUNCE = 250


class RunSummary(QFrame):
    """A card with the number of parameters, the memory they need, and the device.

    Attributes:
        estimate: the newest answer; None while the draft has problems or nothing was answered yet.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task: asyncio.Task[Any] | None = None
        self._asked: object = None
        self.estimate: RunEstimated | None = None
        self._refused = ""
        self.setProperty("role", "card")
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE)
        self._timer.timeout.connect(self._ask)
        self._names = [QLabel(self) for _ in range(3)]
        self._figures = [QLabel(NONE, self) for _ in range(3)]
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        for column, (name, figure) in enumerate(zip(self._names, self._figures, strict=True)):
            name.setProperty("role", "caption")
            figure.setProperty("role", "heading")
            grid.addWidget(name, 0, column)
            grid.addWidget(figure, 1, column)
        grid.addWidget(self._words, 2, 0, 1, 3)
        grid.setColumnStretch(2, 1)
        self.retranslate()

    def refresh(self) -> None:
        """The draft changed: count again soon, unless nothing that matters is different."""
        recipe = self._session.recipe
        if recipe is None:
            self._asked = None
            self._timer.stop()
            self._drop()
            self.estimate, self._refused = None, ""
            self._show()
            return
        matters = (recipe.model, recipe.data, recipe.compute, recipe.task)
        if matters != self._asked:
            self._asked = matters
            self._timer.start()

    def shutdown(self) -> None:
        """Ask nothing more."""
        self._timer.stop()
        self._drop()

    def retranslate(self) -> None:
        for label, text in zip(self._names, (tr("Parameters"), tr("Memory"), tr("Device")), strict=True):
            label.setText(text)
        self._show()

    def _drop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _ask(self) -> None:
        self._drop()
        recipe = self._session.recipe
        if recipe is None:
            return
        request = EstimateRun(id=self._session.lab.new_id(), recipe=recipe.model_dump(mode="json"))
        self._task = self._session.spawn(self._answer(request))
        if self._task is None:  # no event loop yet: the next change asks again
            self._asked = None

    async def _answer(self, request: EstimateRun) -> None:
        response = await self._session.lab.ask(request)
        if isinstance(response, RunEstimated):
            self.estimate, self._refused = response, ""
        elif isinstance(response, Refused) and response.kind != "cancelled":
            self.estimate, self._refused = None, response.message
            if response.kind.startswith("lab"):
                self._asked = None
        self._show()

    def _show(self) -> None:
        estimate = self.estimate
        figures = [NONE, NONE, NONE]
        words, role = self._refused, "warning"
        if estimate is not None:
            about = "" if estimate.exact else "≈ "
            figures = [
                about + short_count(estimate.parameters),
                about + size(estimate.memory),
                estimate.device,
            ]
            words, role = self._fits(estimate)
        for label, text in zip(self._figures, figures, strict=True):
            label.setText(text)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        mark(self._words, "role", role)
        self.setAccessibleName(
            ", ".join(f"{n.text()}: {f}" for n, f in zip(self._names, figures, strict=True))
        )
        self.setToolTip(tr("Weights, gradients and optimiser state; batches come on top of it."))

    @staticmethod
    def _fits(estimate: RunEstimated) -> tuple[str, str]:
        if estimate.device != "CPU":
            return "", "caption"
        there = psutil.virtual_memory().total
        if estimate.memory > 0.8 * there:
            return tr(
                "Too large for this machine's {memory}: make it narrower or shallower.", memory=size(there)
            ), "error"
        if estimate.memory > 0.4 * there:
            return tr("Takes much of this machine's {memory}.", memory=size(there)), "warning"
        return tr("Fits into this machine's {memory}.", memory=size(there)), "ok"
