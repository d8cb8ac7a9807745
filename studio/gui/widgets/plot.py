"""A plot of growing curves: few points drawn, a crosshair, a line of words that is legend and read-out in one."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPainter, QPicture, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.gui.history import Curve, Smoothed
from studio.gui.theme import theme
from studio.gui.widgets.canvas import Canvas, Turns
from studio.gui.widgets.figures import count, tick

_SYMBOLS_UP_TO = 120
_RAW_ALPHA = 0.36
_LINE = QSizeF(1, 1)
_COARSER = (1, 2, 5, 10, 20, 50)
_AT_ONCE = 50_000  # points smoothed between two turns of the event loop
_ROOM_FOR_LABELS = 340  # pixels; narrower plots show colours and figures only


@dataclass
class Series:
    """One curve in a plot: where its points come from and what draws them."""

    key: str
    label: str
    color: int
    source: Curve
    smoothed: Smoothed | None
    raw_item: pg.PlotDataItem | None
    item: pg.PlotDataItem


class QuickAxis(pg.AxisItem):
    """An axis that draws straight on the plot.

    pyqtgraph replays a recording, which looks up every font anew, and strokes the lines of the grid point by point:
    together that was most of the time that drawing a plot took.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._specs: Any = None
        self.picture: QPicture | None  # pyqtgraph's: None when something has changed

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        painter.save()
        font = self.style["tickFont"]
        if font is not None:
            painter.setFont(font)
        if self.picture is None:
            self._specs = self.generateDrawSpecs(painter)
            self.picture = QPicture()
        if self._specs is not None:
            self._draw(painter, *self._specs)
        painter.restore()

    def _draw(self, painter: QPainter, line: Any, ticks: list[Any], texts: list[Any]) -> None:
        pen, start, end = line
        painter.setPen(pen)
        painter.drawLine(start, end)
        for pen, start, end in ticks:
            area = QRectF(start, end)
            if area.width() or area.height():
                area.setSize(area.size().expandedTo(_LINE))
                painter.fillRect(area, pen.color())
        painter.setPen(self.textPen())
        painter.setClipRect(self.boundingRect().toAlignedRect())
        for area, flags, text in texts:
            painter.drawText(area, int(flags), text)


class FormattedAxis(QuickAxis):
    """An axis whose figures are written by a function of their values and of how far apart they are."""

    def __init__(self, form: Callable[[float, float], str]) -> None:
        super().__init__("left")
        self.form = form
        self._height = 0  # of a line of figures, in pixels, once it was asked for

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """As pyqtgraph has it, but figures of a low plot do not lie on each other, and one is left."""
        found: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        least = (high - low) * self._line_height() / max(size, 1.0)
        # Figures that do not fit between the ends are not drawn.
        room = low + least / 2, high - least / 2
        if any(spacing >= least and _inside(spacing, *room) for spacing, _ in found):
            return [(spacing, offset) for spacing, offset in found if spacing >= least]
        for spacing, offset in found:
            if _inside(spacing, *room):
                steps = [step * spacing for step in _COARSER if _inside(step * spacing, *room)]
                return [(next((step for step in steps if step >= least), steps[-1]), offset)]
        return found

    def _line_height(self) -> int:
        if not self._height:
            self._height = QFontMetrics(self.style["tickFont"] or QGuiApplication.font()).height()
        return self._height

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return super().tickStrings(values, scale, spacing)
        return [self.form(value, spacing) for value in values]


def _inside(spacing: float, low: float, high: float) -> int:
    """How many multiples of a spacing there are from `low` to `high`."""
    return math.floor(high / spacing) - math.ceil(low / spacing) + 1


class CurvePlot(QWidget):
    """One plot. `zoomed` says that a person moved the view; `hovered` carries the step under the pointer.

    Args:
        form: how its values are written.
        ticks: how those at the axis are, given how far apart they stand.
        turns: in which it is painted, shared with others; its own if it stands alone.
    """

    zoomed = Signal()
    hovered = Signal(object)

    def __init__(
        self,
        form: Callable[[float], str],
        parent: QWidget | None = None,
        *,
        ticks: Callable[[float, float], str] = tick,
        turns: Turns | None = None,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._series: list[Series] = []
        self._at: float | None = None
        self.follow = True
        self.leads = True  # of plots whose x are linked, one decides
        self.log = False
        self._title = QLabel()
        self._title.setProperty("role", "caption")
        self._words = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words.setProperty("role", "caption")
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.addWidget(self._title)
        head.addWidget(self._words, 1)
        axes = {"left": FormattedAxis(ticks), "bottom": QuickAxis("bottom")}
        self.plot = Canvas(turns or Turns(self), background=None, axisItems=axes)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.getAxis("left").setWidth(46)
        self.plot.getAxis("left").enableAutoSIPrefix(False)
        self.plot.getAxis("bottom").enableAutoSIPrefix(False)
        self.view = self.plot.getViewBox()
        self.view.setDefaultPadding(0.02)
        self.view.sigRangeChangedManually.connect(self._moved_by_hand)
        self.view.sigXRangeChanged.connect(self._range_changed)
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._smooth_on)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.setVisible(False)
        self.plot.addItem(self._line, ignoreBounds=True)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        theme.changed.connect(self.recolor)
        self.recolor()

    def set_form(self, form: Callable[[float], str], ticks: Callable[[float, float], str]) -> None:
        """Write values, and those at the axis, in another way."""
        self._form = form
        axis = self.plot.getAxis("left")
        assert isinstance(axis, FormattedAxis)
        axis.form = ticks
        axis.update()

    def set_title(self, title: str) -> None:
        """The words above the plot."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def clear(self) -> None:
        """Take all curves away."""
        for series in self._series:
            for item in (series.raw_item, series.item):
                if item is not None:
                    self.plot.removeItem(item)
        self._series = []
        self._describe()

    def add(self, key: str, label: str, color: int, source: Curve, smoothing: float | None = None) -> None:
        """Show a curve; with a smoothing weight, its average in front of the faint curve itself."""
        smoothed = None if smoothing is None else Smoothed(source, smoothing)
        raw = None if smoothed is None else self.plot.plot(connect="finite", skipFiniteCheck=False)
        item = self.plot.plot(connect="finite", skipFiniteCheck=False)
        self._series.append(Series(key, label, color, source, smoothed, raw, item))
        self.recolor()

    def relabel(self, labels: dict[str, str]) -> None:
        """New words for the curves, after a change of language."""
        for series in self._series:
            series.label = labels.get(series.key, series.label)
        self._describe()

    def set_smoothing(self, weight: float) -> None:
        """Smooth those curves that are smoothed at all."""
        for series in self._series:
            if series.smoothed is not None:
                series.smoothed.set_weight(weight)
        self._smooth_on()

    def set_log(self, on: bool) -> None:
        """A logarithmic scale for y."""
        self.log = on
        self.plot.setLogMode(False, on)
        self.redraw()

    def redraw(self) -> None:
        """Draw what the curves hold now, thinned out to what the view can show."""
        if self.follow and self.leads:
            self._fit_x()
        low, high = self.view.viewRange()[0]
        for series in self._series:
            source = series.smoothed.update(_AT_ONCE) if series.smoothed else series.source
            if series.raw_item is not None and series.smoothed is not None:
                showing = series.smoothed.weight > 0
                series.raw_item.setData(*(series.source.window(low, high) if showing else ([], [])))
            x, y = source.window(low, high)
            few = series.raw_item is None and len(x) <= _SYMBOLS_UP_TO
            series.item.setData(x, y, symbol="o" if few else None)
        if self._behind():
            self._rest.start()
        if self.follow:
            self.view.enableAutoRange(axis=self.view.YAxis, enable=True)
        self._describe()

    def show_at(self, step: float | None) -> None:
        """Put the crosshair at a step, or take it away."""
        self._at = step
        self._line.setVisible(step is not None)
        if step is not None:
            self._line.setPos(step)
        self._describe()

    def recolor(self) -> None:
        """Take the colours of the theme."""
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(theme.color("hairline")))
            axis.setTextPen(pg.mkPen(theme.color("muted")))
            axis.setTickFont(theme.hanzi_font(11))
            axis.setStyle(tickLength=0, tickTextOffset=6)
        self.plot.showGrid(x=False, y=True, alpha=0.10 if not theme.palette.dark else 0.14)
        self._line.setPen(pg.mkPen(theme.color("muted"), width=1, style=Qt.PenStyle.DashLine))
        for series in self._series:
            color = theme.series(series.color)
            series.item.setPen(pg.mkPen(color, width=1))
            series.item.setSymbolPen(None)
            series.item.setSymbolBrush(color)
            series.item.setSymbolSize(5)
            if series.raw_item is not None:
                faint = theme.series(series.color)
                faint.setAlphaF(_RAW_ALPHA)
                series.raw_item.setPen(pg.mkPen(faint, width=1))
        self.plot.resetCachedContent()  # the view keeps a picture of its background
        self._describe()

    # --- inside ----------------------------------------------------------------------------------------

    def _behind(self) -> bool:
        return any(series.smoothed.behind for series in self._series if series.smoothed)

    def _smooth_on(self) -> None:
        """Smooth some more, and draw once all is smoothed: a long curve must not hold up the window."""
        for series in self._series:
            if series.smoothed is not None:
                series.smoothed.update(_AT_ONCE)
        if self._behind():
            self._rest.start()
        else:
            self.redraw()

    def _fit_x(self) -> None:
        filled = [series.source for series in self._series if len(series.source)]
        low = min((float(curve.x[0]) for curve in filled), default=0.0)
        high = max((float(curve.x[-1]) for curve in filled), default=1.0)
        self.view.setXRange(low, max(high, low + 1), padding=0.02)

    def _moved_by_hand(self, *_: object) -> None:
        self.follow = False
        self.zoomed.emit()

    def _range_changed(self, *_: object) -> None:
        if not self.follow:
            self.redraw()

    def _mouse_moved(self, position: QPointF) -> None:
        inside = self.plot.getPlotItem().vb.sceneBoundingRect().contains(position)
        self.hovered.emit(self.view.mapSceneToView(position).x() if inside else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.plot.getAxis("left").setTickDensity(max(0.35, min(1.0, self.height() / 220)))
        self._describe()

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

    def _describe(self) -> None:
        """The line above the plot: names and newest figures, or the figures under the crosshair."""
        parts = []
        step = None
        for series in self._series:
            curve = series.smoothed.curve if series.smoothed else series.source
            found = curve.nearest(self._at if self._at is not None else math.inf)
            step = found[0] if found and (step is None or series.smoothed) else step
            figure = self._form(found[1]) if found else ""
            name = theme.series(series.color).name()
            label = html.escape(series.label) + " " if self.width() >= _ROOM_FOR_LABELS else ""
            parts.append(
                f'<span style="color:{name}">●</span> {label}'
                f'<span style="color:{theme.palette.text}">{figure}</span>'
            )
        if self._at is not None and step is not None:
            parts.insert(0, f"@ {count(step)}")
        self._words.setText("&nbsp;&nbsp; ".join(parts))
