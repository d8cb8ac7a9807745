"""The four plots of a run, moved together: losses, accuracies, learning rate, speed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from studio.gui.i18n import tr
from studio.gui.record import RunRecord
from studio.gui.theme import theme
from studio.gui.widgets.canvas import Turns
from studio.gui.widgets.figures import count_tick, decimal, percent, percent_tick, short_count, tick
from studio.gui.widgets.icons import icon
from studio.gui.widgets.plot import CurvePlot
from studio.gui.widgets.task_figures import figures_of
from studio.runs.folder import RunFolder

_REDRAW_MS = 80
_DEFAULT_SMOOTHING = 60


class TrainingPlots(QWidget):
    """Shows the curves of a `RunRecord`; `refresh()` is cheap and may be called for every batch of events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record = RunRecord()
        self._figures = figures_of(None)
        turns = Turns(self)
        self.loss = CurvePlot(decimal, turns=turns)
        self.accuracy = CurvePlot(percent, ticks=percent_tick, turns=turns)
        self.rate = CurvePlot(decimal, turns=turns)
        self.speed = CurvePlot(short_count, ticks=count_tick, turns=turns)
        self.plots = (self.loss, self.accuracy, self.rate, self.speed)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        for at, plot in enumerate(self.plots):
            self._grid.addWidget(plot, at // 2, at % 2)
            plot.zoomed.connect(self._zoomed)
            plot.hovered.connect(self._hovered)
            plot.setMinimumSize(120, 64)
            if plot is not self.loss:
                plot.leads = False
                plot.plot.setXLink(self.loss.plot)
        self._grid.setRowStretch(0, 3)
        self._grid.setRowStretch(1, 1)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        self._timer = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._timer.timeout.connect(self.redraw)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(4)
        column_layout.addLayout(self._make_tools())
        column_layout.addLayout(self._grid, 1)
        theme.changed.connect(self._tint)
        self.retranslate()
        self._tint()

    def show_record(self, record: RunRecord, folder: RunFolder | None = None) -> None:
        """Show another run's curves, all of them in view; the folder says of which task they are."""
        self._record = record
        first, second = self._figures = figures_of(folder)
        if first.share:
            self.accuracy.set_form(percent, percent_tick)
        else:
            self.accuracy.set_form(decimal, tick)
        for plot in self.plots:
            plot.clear()
        weight = self._slider.value() / 100
        curves = record.curves
        # Only what this record has (or will have): the metrics every task shares come first.
        losses = [
            ("loss", curves["loss"], 0),
            ("validation_loss", record.curve("validation/validation_loss"), 1),
        ]
        self.loss.add(losses[0][0], "", 0, losses[0][1], weight)
        self.loss.add(losses[1][0], "", 1, losses[1][1])
        self.accuracy.add(first.metric, "", 1, record.curve(f"validation/{first.metric}"))
        if second.share:  # two figures of other kinds have no common scale
            self.accuracy.add(second.metric, "", 2, record.curve(f"validation/{second.metric}"))
        self.rate.add("learning_rate", "", 3, curves["learning_rate"])
        self.speed.add("positions_per_second", "", 4, curves["positions_per_second"], weight)
        self._say_title()
        self._relabel()
        self.fit()

    def refresh(self) -> None:
        """Draw soon; many calls are one drawing."""
        if not self._timer.isActive() and self.isVisible():
            self._timer.start()

    def redraw(self) -> None:
        """Draw now."""
        for plot in self.plots:
            if plot.isVisible():
                plot.redraw()

    def fit(self) -> None:
        """Show the whole run and follow it."""
        self.set_follow(True)

    def set_follow(self, on: bool) -> None:
        """Keep the whole run in view as it grows, or leave the view to the mouse."""
        self._follow.setChecked(on)
        for plot in self.plots:
            plot.follow = on
        if on:
            self.redraw()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.loss.set_title(tr("Loss"))
        self._say_title()
        self.rate.set_title(tr("Learning rate"))
        self.speed.set_title(tr("Positions/s"))
        self._smooth_label.setText(tr("Smoothing"))
        self._slider.setAccessibleName(tr("Smoothing"))
        self._slider.setToolTip(
            tr("How strongly the training curves are averaged; the raw curve stays faint behind.")
        )
        for button, text, hint in (
            (self._log, tr("Log scale"), tr("Logarithmic scale for the loss")),
            (
                self._follow,
                tr("Follow"),
                tr("Keep the whole run in view; zoom or drag a plot to look closer"),
            ),
            (self._fit, tr("Fit"), tr("Show the whole run")),
        ):
            button.setText(text)
            button.setToolTip(hint)
            button.setAccessibleName(text)
        self._relabel()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the two small plots give way to the two that matter."""
        super().resizeEvent(event)
        roomy = self.height() >= 270
        for plot in (self.rate, self.speed):
            plot.setVisible(roomy)
        self._grid.setRowStretch(1, 1 if roomy else 0)
        compact = self.width() < 460
        for button in (self._log, self._follow, self._fit):
            style = (
                Qt.ToolButtonStyle.ToolButtonIconOnly
                if compact
                else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            )
            button.setToolButtonStyle(style)

    # --- inside ----------------------------------------------------------------------------------------

    def _make_tools(self) -> QHBoxLayout:
        self._smooth_label = QLabel()
        self._smooth_label.setProperty("role", "caption")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 99)
        self._slider.setValue(_DEFAULT_SMOOTHING)
        self._slider.setFixedWidth(120)
        self._slider.valueChanged.connect(self._smooth)
        self._figure = QLabel(f"{_DEFAULT_SMOOTHING / 100:.2f}")
        self._figure.setProperty("role", "caption")
        self._log, self._follow, self._fit = QToolButton(), QToolButton(), QToolButton()
        for button in (self._log, self._follow):
            button.setCheckable(True)
        for button in (self._log, self._follow, self._fit):
            button.setIconSize(QSize(16, 16))
        self._follow.setChecked(True)
        self._log.toggled.connect(self.loss.set_log)
        self._follow.toggled.connect(self.set_follow)
        self._fit.clicked.connect(self.fit)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self._smooth_label, self._slider, self._figure):
            row.addWidget(widget)
        row.addStretch(1)
        for button in (self._log, self._follow, self._fit):
            row.addWidget(button)
        return row

    def _say_title(self) -> None:
        first, _ = self._figures
        accuracy = first.metric.endswith("accuracy")
        shares = tr("Validation accuracy") if accuracy else tr("Validation figures")
        self.accuracy.set_title(shares if first.share else first.title)

    def _relabel(self) -> None:
        labels = {
            "loss": tr("training"),
            "validation_loss": tr("validation"),
            "character_accuracy": tr("characters"),
            "sentence_accuracy": tr("sentences"),
            "accuracy": tr("texts"),
            "macro_f1": tr("Macro F1"),
            "perplexity": tr("validation"),
            "learning_rate": "",
            "positions_per_second": "",
        }
        for plot in self.plots:
            plot.relabel(labels)

    def _smooth(self, value: int) -> None:
        self._figure.setText(f"{value / 100:.2f}")
        for plot in (self.loss, self.speed):
            plot.set_smoothing(value / 100)

    def _zoomed(self) -> None:
        for plot in self.plots:
            plot.follow = False
        self._follow.blockSignals(True)
        self._follow.setChecked(False)
        self._follow.blockSignals(False)
        self.refresh()

    def _hovered(self, step: float | None) -> None:
        for plot in self.plots:
            plot.show_at(step)

    def _tint(self) -> None:
        for button, name in ((self._log, "log-scale"), (self._follow, "follow"), (self._fit, "zoom-fit")):
            button.setIcon(icon(name, "muted"))
