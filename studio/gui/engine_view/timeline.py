"""The timeline of the pinned sentences: at which evaluation each character came right, and at which it was lost."""

from __future__ import annotations

import json
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.engine_view.history_grid import Timeline, placed
from studio.gui.engine_view.timeline_grid import TimelineGrid
from studio.gui.i18n import tr
from studio.gui.record import RunRecord
from studio.gui.theme import theme
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.figures import count, percent
from studio.gui.widgets.icons import icon
from studio.runs import atomic
from studio.runs.folder import RunFolder

FILE = "probes.json"


class TimelineView(QWidget):
    """The grid, and below it the sentence of the chosen step. `problem` carries why something was not kept."""

    problem = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: RunFolder | None = None
        self.grid = TimelineGrid()
        self.detail = QLabel()
        self.detail.setTextFormat(Qt.TextFormat.RichText)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.setMinimumWidth(60)
        self.wanted = QLineEdit()
        self.wanted.setMaximumWidth(220)
        self.fit = QToolButton()
        self.fit.setCheckable(True)
        self.fit.setChecked(True)
        self._empty = EmptyState()
        below = QHBoxLayout()
        below.setContentsMargins(8, 0, 4, 2)
        below.addWidget(self.detail, 1)
        below.addWidget(self.wanted)
        below.addWidget(self.fit)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.grid, 1)
        column.addLayout(below)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(shown)
        self.grid.picked.connect(self._show_step)
        self.wanted.editingFinished.connect(self._correct)
        self.fit.toggled.connect(self.grid.set_fit)
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.grid.setAccessibleName(tr("Timeline of the pinned probes"))
        self.wanted.setPlaceholderText(tr("Right sentence"))
        self.wanted.setAccessibleName(tr("Right sentence"))
        self.wanted.setToolTip(tr("What this probe should become; characters are judged by it"))
        self.fit.setText(tr("Fit"))
        self.fit.setToolTip(tr("All evaluations at once, or each wide enough to be read"))
        self._empty.say(
            tr("No evaluation yet"),
            tr("At every evaluation the pinned probes of the recipe are decoded and shown here."),
        )
        self.grid.viewport().update()
        self._show_step()

    def show_record(self, record: RunRecord, folder: RunFolder | None) -> None:
        """Show another run's probes."""
        self._folder = folder
        kept = folder.read_json(folder.path / FILE) if folder is not None else {}
        wanted = {name: text for name, text in kept.items() if isinstance(text, str) and text}
        self.grid.show_timeline(Timeline(record, wanted))
        self.wanted.clear()
        self._refresh()

    def refresh(self) -> None:
        """Take in what the record has gained."""
        if self.grid.timeline.take():
            self.grid.refresh()
            self._refresh()

    def _refresh(self) -> None:
        timeline = self.grid.timeline
        self._stack.setCurrentIndex(1 if timeline.steps else 0)
        if self.grid.probe not in timeline.grids:
            self.grid.probe, self.grid.step = next(iter(timeline.grids), ""), -1
        self._show_step()

    def _show_step(self, *_: object) -> None:
        """The sentence of the chosen step, the newest one before any is chosen."""
        grid = self.grid.timeline.grids.get(self.grid.probe)
        if grid is None or not grid.steps:
            self.detail.clear()
            return
        own = grid.column(self.grid.step) if self.grid.step >= 0 else len(grid.steps) - 1
        if own < 0:
            self.detail.setText(tr("Not decoded at this step"))
            return
        sentence, step = grid.sentences[own], grid.steps[own]
        sample = next((one for one in reversed(grid.probe.history) if one.step == step), None)
        others = sample.candidates[1:4] if sample else ()
        parts = [
            tr("step {step}", step=count(step)),
            f"<span style='font-size:17px'>{_marked(grid.wanted, sentence)}</span>",
        ]
        if sample and sample.candidates:
            parts.append(percent(sample.candidates[0].score))
        muted = theme.color("muted").name()
        parts += [
            f"<span style='color:{muted}'>{escape(one.text)} {percent(one.score)}</span>" for one in others
        ]
        self.detail.setText("&nbsp;&nbsp;".join(parts))
        if not self.wanted.hasFocus():
            self.wanted.setText(grid.wanted)

    def _correct(self) -> None:
        """Judge the chosen probe by another sentence from now on; an empty one means what is known or newest."""
        timeline, name, text = self.grid.timeline, self.grid.probe, self.wanted.text().strip()
        if name not in timeline.grids or text == timeline.sentence_for(name):
            return
        timeline.wanted.pop(name, None)
        if text:
            timeline.wanted[name] = text
        if self._folder is not None:
            try:
                content = json.dumps(timeline.wanted, ensure_ascii=False, indent=1) + "\n"
                atomic.write_text(self._folder.path / FILE, content)
            except OSError as error:
                self.problem.emit(tr("Cannot write the run folder: {reason}.", reason=error.strerror))
        self.refresh()

    def _themed(self) -> None:
        self.fit.setIcon(icon("zoom-fit"))
        self._show_step()


def _marked(wanted: str, sentence: str) -> str:
    """A sentence as rich text, its wrong characters in the colour of what went wrong."""
    there = placed(sentence, wanted)
    good, bad = theme.color("jade").name(), theme.color("danger").name()
    return "".join(
        f"<span style='color:{good if one == other else bad}'>{escape(one)}</span>"
        for one, other in zip(sentence, there, strict=True)
    )
