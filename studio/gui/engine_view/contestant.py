"""One model of a duel: who it is, what it makes of the letters, how long that took, or why it cannot."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.gui.engine_view.model_picker import ModelPicker
from studio.gui.forms.segmented import Segmented
from studio.gui.i18n import tr
from studio.gui.panes.training_probes import changed_marks
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import count
from studio.gui.widgets.refusals import refusal_text
from studio.runs.requests import JUDGES, Judge, Predict, Predicted, Refused

TOP = 4
_TO_LOAD = "a"  # asked before anything is typed: loading takes a while, and may fail


class Contestant(QFrame):
    """`changed` tells that there is something new to compare."""

    changed = Signal()

    def __init__(self, session: Session, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._channel = f"duel-{number}"
        self._number = number
        self._task: asyncio.Task[Any] | None = None
        self._text = ""
        self._against = ""
        self.answer: Predicted | None = None
        self.problem = ""
        self.setProperty("role", "card")
        self.picker = ModelPicker(optional=True)
        self.judge = Segmented(list(JUDGES))
        self.judge.set_value("both")
        self.sentence, self.figures, self.others = QLabel(), QLabel(), QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        for label in (self.sentence, self.others):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setMinimumWidth(80)
        self.others.setProperty("role", "caption")
        self.figures.setProperty("role", "caption")
        self.figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.picker, 1)
        top.addWidget(self.judge)
        line = QHBoxLayout()
        line.addWidget(self.sentence, 1)
        line.addWidget(self.figures)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(line)
        column.addWidget(self.others)
        column.addStretch(1)
        self.setMinimumHeight(132)
        self.picker.chosen.connect(self._model_changed)
        self.judge.chosen.connect(self._again)
        theme.changed.connect(self._show)
        self.retranslate()

    @property
    def best(self) -> str:
        """Its sentence; empty while it has none."""
        return self.answer.candidates[0].text if self.answer and self.answer.candidates else ""

    def type(self, text: str) -> None:
        """Let it decode letters; what it has been asked before is taken back."""
        self._text = text
        self.stop()
        if not text:
            self.answer = None
            self.changed.emit()
        if not self.picker.path:
            self.answer, self.problem = None, ""
            self.changed.emit()
            return
        request = Predict(
            id=self._session.lab.new_id(),
            model=self.picker.path,
            text=text or _TO_LOAD,
            top_k=TOP,
            judge=cast(Judge, self.judge.value()),
            channel=self._channel,
        )
        self._task = self._session.spawn(self._ask(request))
        self._show()

    def stop(self) -> None:
        """Ask nothing more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def compare(self, sentence: str) -> None:
        """Mark what differs from a sentence; from an empty one nothing does."""
        self._against = sentence
        self._show()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.picker.setAccessibleName(tr("Model {number}", number=self._number))
        self.judge.setAccessibleName(tr("Decided by"))
        self.judge.retranslate()
        self.picker.reload()
        self._show()

    # --- inside --------------------------------------------------------------------------------------

    async def _ask(self, request: Predict) -> None:
        response = await self._session.lab.ask(request)
        if isinstance(response, Refused) and response.kind in ("cancelled", "superseded"):
            return
        self._task = None
        if isinstance(response, Predicted):
            self.answer, self.problem = response if self._text else None, ""
        elif isinstance(response, Refused):
            self.answer, self.problem = None, refusal_text(response)
        self.changed.emit()

    def _model_changed(self) -> None:
        self.answer, self.problem = None, ""
        self._again()

    def _again(self, *_: object) -> None:
        self.type(self._text)

    def _show(self) -> None:
        self.others.setProperty("role", "error" if self.problem else "caption")
        self.others.style().unpolish(self.others)
        self.others.style().polish(self.others)
        self.judge.setVisible(bool(self.picker.path))
        if self.answer is None or not self.answer.candidates:
            self.sentence.clear()
            self.figures.clear()
            waiting = self._task is not None and not self.problem
            self.others.setText(tr("Loading…") if waiting else self.problem)
            return
        best = self.best
        marks = changed_marks(self._against, best) if self._against else [False] * len(best)
        ground, ink = theme.color("accent_soft").name(), theme.color("accent_ink").name()
        marked = "".join(
            f"<span style='background:{ground};color:{ink}'>{escape(one)}</span>" if mark else escape(one)
            for one, mark in zip(best, marks, strict=True)
        )
        self.sentence.setText(f"<span style='font-size:22px'>{marked}</span>")
        self.sentence.setAccessibleName(best)
        parts = [_share(self.answer.candidates[0].score), f"{self.answer.milliseconds:.1f} ms"]
        if self.answer.step >= 0:
            parts.append(tr("step {step}", step=count(self.answer.step)))
        self.figures.setText("\n".join(parts))
        rest = [f"{one.text} {_share(one.score)}" for one in self.answer.candidates[1:]]
        self.others.setText("   ".join(rest))


def _share(score: float) -> str:
    return "<0.1%" if 0 < score < 0.0005 else f"{100 * score:.1f}%"
