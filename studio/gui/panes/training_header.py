"""The head of the Training pane: what the run is doing, its figures, and the buttons that start and end it."""

from __future__ import annotations

import time

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.panes.run_estimate import RunEstimate
from studio.gui.session import Session
from studio.gui.theme import mark, theme
from studio.gui.widgets.figures import NONE, count, decimal, duration, short_count
from studio.gui.widgets.icons import icon
from studio.gui.widgets.started_words import started_lines, started_text
from studio.gui.widgets.task_figures import figures_of
from studio.gui.widgets.words import detail_text, end_text, phase_text, state_text, stopping_text
from studio.runs.events import Finished
from studio.runs.folder import RunFolder


class Figure(QWidget):
    """A small name above a large figure."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._figure = QLabel(), QLabel(NONE)
        self._name.setProperty("role", "caption")
        self._figure.setProperty("role", "figure")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._name)
        column.addWidget(self._figure)

    def set_name(self, name: str) -> None:
        self._name.setText(name)

    def set_figure(self, figure: str) -> None:
        if figure != self._figure.text():
            self._figure.setText(figure)
            self.setAccessibleName(f"{self._name.text()}: {figure}")


_FEW = ("step", "loss", "characters", "remaining")  # where there is little room
_NAMES = ("step", "loss", "characters", "sentences", "elapsed", "remaining", "speed")


class TrainingHeader(QWidget):
    """Phase, progress, figures and buttons of the run that is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._named: RunFolder | None = None
        self._task = figures_of(None)
        self._phase = QLabel()
        self._phase.setProperty("role", "heading")
        self._detail = QLabel(wordWrap=True)
        self._detail.setProperty("role", "caption")
        self._bar = QProgressBar(textVisible=False)
        self.resume, self.start, self.pause, self.stop, self.cancel = (QPushButton() for _ in range(5))
        self.start.setProperty("primary", True)
        self.cancel.setProperty("danger", True)
        self.start.clicked.connect(session.start)
        self.resume.clicked.connect(session.resume)
        self.pause.clicked.connect(session.pause)
        self.stop.clicked.connect(session.stop_and_save)
        self.cancel.clicked.connect(session.cancel)
        self._why = QLabel(wordWrap=True)
        self._why.setProperty("role", "warning")
        self.estimate = RunEstimate(session)
        self._figures = {name: Figure() for name in _NAMES}
        top = QHBoxLayout()
        top.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._phase)
        words.addWidget(self._detail)
        top.addLayout(words, 1)
        for button in (self.resume, self.start, self.pause, self.stop, self.cancel):
            button.setIconSize(QSize(16, 16))
            top.addWidget(button)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._why)
        column.addWidget(self.estimate)
        column.addWidget(self._bar)
        column.addLayout(self._grid)
        self._arranged: tuple[tuple[str, ...], int] | None = None
        self._low = False
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self.refresh)
        session.run_changed.connect(self.refresh)
        session.draft_changed.connect(self.refresh)
        session.progress.connect(self.refresh)
        session.events.connect(self.refresh)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()

    def _say_names(self) -> None:
        self._named = self._session.folder
        first, second = self._task = figures_of(self._named)
        names = {
            "step": tr("Step"),
            "loss": tr("Loss"),
            "characters": first.title,
            "sentences": second.title,
            "elapsed": tr("Elapsed"),
            "remaining": tr("Time left"),
            "speed": tr("Positions/s"),
        }
        for name, figure in self._figures.items():
            figure.set_name(names[name])

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._say_names()
        self._bar.setAccessibleName(tr("Progress of the run"))
        self.estimate.retranslate()
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the state of the session."""
        session, record = self._session, self._session.record
        own = session.shows_own and session.running
        if session.folder is not self._named:
            self._say_names()
        first, second = self._task
        self._show_buttons()
        self._phase.setText(self._headline())
        detail = self._detail_text()
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._detail.setToolTip(started_lines(record.started) if record.started is not None else "")
        phase = record.phase
        total = record.total_steps
        if (
            own
            and phase
            and phase.name not in ("training", "evaluating", "saving", "ending")
            and not record.step
        ):
            self._bar.setRange(0, phase.total)  # a total of 0 makes it a busy bar
            self._bar.setValue(phase.done)
        else:
            self._bar.setRange(0, max(1, total))
            self._bar.setValue(min(record.step, max(1, total)))
        mark(self._bar, "done", record.end is not None)
        now = time.time()
        values = {
            "step": f"{count(record.step)} / {count(total)}" if total else NONE,
            "loss": decimal(record.loss),
            "characters": first.text(record.metric(first.metric)),
            "sentences": second.text(record.metric(second.metric)),
            "elapsed": duration(record.elapsed(now)) if record.started_at else NONE,
            "remaining": NONE if record.end else duration(record.remaining(now)),
            "speed": short_count(record.last_step.positions_per_second) if record.last_step else NONE,
        }
        for name, figure in self._figures.items():
            figure.set_figure(values[name])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def set_low(self, low: bool) -> None:
        """In a low pane one line of figures must do."""
        if low != self._low:
            self._low = low
            self._arrange()

    def _arrange(self) -> None:
        """As many figures in a row as fit."""
        wide = self.width() >= 760
        names = _FEW if self._low and not wide else _NAMES
        columns = 7 if wide else 4
        if (names, columns) == self._arranged:
            return
        self._arranged = (names, columns)
        for figure in self._figures.values():
            self._grid.removeWidget(figure)
        for name, figure in self._figures.items():
            figure.setVisible(name in names)
        for at, name in enumerate(names):
            self._grid.addWidget(self._figures[name], at // columns, at % columns)
        for column in range(7):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    # --- inside ----------------------------------------------------------------------------------------

    def _headline(self) -> str:
        session, record = self._session, self._session.record
        if session.folder is None:
            return tr("No run yet")
        if session.shows_own and session.running:
            if session.stopping:
                return stopping_text(session.stopping)
            return phase_text(record.phase_name or "starting")
        if session.foreign_writer is not None:
            return phase_text(record.phase_name or "training")
        if record.awaited and record.end is None:
            return tr("Waiting for another machine")
        return end_text(record) or state_text(session.folder.state())

    def _detail_text(self) -> str:
        session, record = self._session, self._session.record
        if session.folder is None:
            return tr("Recipe: {name}", name=session.recipe.name) if session.recipe else ""
        parts = [session.folder.path.name]
        if session.foreign_writer is not None:
            parts.append(tr("read-only: process {number} is writing this run", number=session.foreign_writer))
        elif record.phase and record.phase.detail and not record.end:
            parts.append(detail_text(record.phase.detail))
        if record.model is not None:
            parameters = short_count(record.model.parameters)
            parts.append(tr("{number} parameters", number=parameters))
            if record.model.trainable not in (None, record.model.parameters):
                parts.append(tr("{number} of them trained", number=short_count(record.model.trainable)))
            parts.append(f"{record.model.device}, {record.model.precision}")
        if record.started is not None:
            parts.append(started_text(record.started))
        return " · ".join(parts)

    def _show_buttons(self) -> None:
        session = self._session
        why = session.start_obstacle()
        self.start.setVisible(not session.running)
        self.start.setEnabled(not why)
        self.start.setText(tr("Start training"))
        self.start.setToolTip(why or tr("Train the recipe of the Model pane"))
        self._why.setText(why)
        self._why.setVisible(bool(why) and not session.running)
        blocked = session.resume_obstacle()
        # Offered where there is something to go on with; where the run is left over but not whole, it says why.
        self.resume.setVisible(not session.running and session.folder is not None and self._unfinished())
        self.resume.setEnabled(not blocked)
        self.resume.setText(tr("Resume"))
        self.resume.setToolTip(blocked or session.resume_note() or tr("Go on from the last checkpoint"))
        self.pause.setVisible(session.running)
        self.pause.setEnabled(not session.stopping)
        self.pause.setText(tr("Pausing…") if session.stopping == "pause" else tr("Pause"))
        self.pause.setToolTip(tr("Save the whole state and end; Resume goes on from there"))
        self.stop.setVisible(session.running)
        self.stop.setEnabled(not session.stopping)
        self.stop.setText(tr("Stopping…") if session.stopping == "stop" else tr("Stop and save"))
        self.stop.setToolTip(tr("Finish the step, save a checkpoint, end"))
        self.cancel.setVisible(session.running)
        self.cancel.setEnabled(session.stopping != "cancel")
        self.cancel.setText(tr("Cancelling…") if session.stopping == "cancel" else tr("Cancel"))
        self.cancel.setToolTip(tr("End at once; what was saved before stays"))

    def _unfinished(self) -> bool:
        end = self._session.record.end
        return self._session.foreign_writer is None and not (
            isinstance(end, Finished) and end.reason in ("max_steps", "early_stopping")
        )

    def _tint(self) -> None:
        self.resume.setIcon(icon("play"))
        self.pause.setIcon(icon("pause"))
        self.start.setIcon(icon("play", "accent_text"))
        self.stop.setIcon(icon("stop"))
        self.cancel.setIcon(icon("cancel", "danger"))
