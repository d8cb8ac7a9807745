"""Whether what the model is sure of comes out right as often as it says: the reliability diagram and its table."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.gui.evaluation.tables import NumberItem, PlainTable
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import count, percent, percent_tick
from studio.gui.widgets.plot import FormattedAxis, QuickAxis
from studio.runs.appraisals import Appraisal, Calibration

_TICKS = [(share / 5, f"{20 * share}%") for share in range(6)]


class CalibrationPage(QWidget):
    """Bars: the share of decisions that is right, bin by bin; the line is where they would be if it were as it says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Appraisal | None = None
        self.note = QLabel(wordWrap=True)
        axes = {"left": FormattedAxis(percent_tick), "bottom": QuickAxis("bottom")}
        self.plot = pg.PlotWidget(background=None, axisItems=axes)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMinimumHeight(200)
        self.plot.getAxis("left").setWidth(64)
        for name in ("left", "bottom"):
            self.plot.getAxis(name).setTicks([_TICKS])
        self.plot.setXRange(-0.025, 1.03, padding=0)  # room for half of the first tick's text
        self.plot.setYRange(0, 1.05, padding=0)
        self.bars = pg.BarGraphItem(x=[], height=[], width=1 / 15)
        self.line = pg.PlotDataItem([0, 1], [0, 1])
        self.dots = pg.ScatterPlotItem(size=7)
        for item in (self.bars, self.line, self.dots):
            self.plot.addItem(item)
        self.table = PlainTable(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.note)
        column.addWidget(self.plot, 3)
        column.addWidget(self.table, 2)
        column.addStretch()
        theme.changed.connect(self._recolor)
        self._recolor()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.plot.setAccessibleName(tr("Reliability diagram"))
        self.plot.setLabel("bottom", tr("Confidence"))
        self.plot.setLabel("left", tr("Share right"))
        self.table.setAccessibleName(tr("Reliability table"))
        self.table.say_heads(
            (tr("Confidence from"), tr("Decisions"), tr("Mean confidence"), tr("Share right"))
        )
        self.show_appraisal(self._shown)

    def show_appraisal(self, shown: Appraisal | None) -> None:
        """Show the calibration of an evaluation."""
        self._shown = shown
        found = shown.calibration if shown is not None else None
        for widget in (self.plot, self.table):
            widget.setVisible(found is not None)
        self.note.setText(_said(found) if shown is not None else "")
        bins = found.bins if found is not None else ()
        self.bars.setOpts(
            x=[(one.low + one.high) / 2 for one in bins],
            height=[one.accuracy for one in bins],
            width=[one.high - one.low for one in bins],
        )
        self.dots.setData([one.confidence for one in bins], [one.accuracy for one in bins])
        self.table.show_rows(
            [
                (
                    tr("{low} to {high}", low=percent(one.low), high=percent(one.high)),
                    NumberItem(count(one.count), one.count),
                    NumberItem(percent(one.confidence), one.confidence),
                    NumberItem(percent(one.accuracy), one.accuracy),
                )
                for one in bins
            ]
        )
        told = ", ".join(f"{percent(one.confidence)}: {percent(one.accuracy)}" for one in bins)
        self.plot.setAccessibleDescription(told)

    def _recolor(self) -> None:
        self.bars.setOpts(brush=theme.color("jade", 0.35), pen=pg.mkPen(theme.color("jade"), width=1))
        self.line.setPen(pg.mkPen(theme.color("muted"), width=1, style=Qt.PenStyle.DashLine))
        self.dots.setBrush(theme.color("accent"))
        self.dots.setPen(pg.mkPen(theme.color("surface"), width=1))
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(theme.color("hairline_strong"))
            axis.setTextPen(theme.color("muted"))


def _said(found: Calibration | None) -> str:
    if found is None:
        return tr("There is nothing that the model says how sure it is of.")
    gap = sum(one.count * (one.confidence - one.accuracy) for one in found.bins) / found.count
    how = (
        tr("On the whole it is surer than it may be.")
        if gap > 0
        else tr("On the whole it is less sure than it may be.")
    )
    return " ".join(
        (
            tr(
                "Expected calibration error: {error} over {decisions} decisions.",
                error=percent(found.error, 2),
                decisions=count(found.count),
            ),
            how,
        )
    )
