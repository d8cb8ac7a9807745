"""Counts as pictures: bars over a range, and ranked bars, each for several groups side by side."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.figures import percent, short_count
from studio.gui.widgets.set_text import draw, metrics_of

_AXIS, _LEGEND, _LEFT, _PLOT = 18.0, 20.0, 40.0, 120.0
_ROW, _THIN = 24.0, 4.0


@dataclass(frozen=True)
class Chart:
    """Counts to be drawn.

    Attributes:
        kind: "bins" along a range, or "ranks", the most frequent first.
        groups: names, in the order of their colours.
        labels: of the bins or ranks.
        counts: [groups][labels].
        totals: of each group, which shares are of.
        note: said below the title.
    """

    kind: str
    title: str
    groups: tuple[str, ...]
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    totals: tuple[int, ...]
    note: str = ""

    def share(self, group: int, place: int) -> float:
        """The share that a label has of a group."""
        return self.counts[group][place] / self.totals[group] if self.totals[group] else 0.0

    def told(self, place: int) -> str:
        """What is known of one label, a line a group."""
        lines = [
            f"{name}: {self.counts[group][place]:,} ({percent(self.share(group, place))})"
            for group, name in enumerate(self.groups)
        ]
        return "\n".join([self.labels[place], *lines])


class _ChartView(QWidget):
    """What both have in common: colours, a legend, words for whoever cannot see them."""

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self.setAccessibleName(chart.title)
        most = [chart.told(place).replace("\n", ", ") for place in range(min(len(chart.labels), 12))]
        self.setAccessibleDescription("; ".join(most))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(300, self.height_at(300))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 40)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as the width asks for: in a scroll area only a fixed height is heeded."""
        super().resizeEvent(event)
        self.setFixedHeight(self.height_at(self.width()))

    def height_at(self, width: int) -> int:
        """How high it is in a width."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(QPointF(event.pos()))
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.chart.told(place), self)
            return True
        return super().event(event)

    def place_at(self, point: QPointF) -> int | None:
        """Which label a point belongs to."""
        raise NotImplementedError

    def _legend(self, painter: QPainter) -> float:
        """Draw the names of the groups, if there is more than one; how high that is."""
        if len(self.chart.groups) < 2:
            return 2.0
        x = 0.0
        for group, name in enumerate(self.chart.groups):
            painter.fillRect(QRectF(x, 5, 8, 8), theme.series(group))
            painter.setPen(theme.color("muted"))
            x += 13 + draw(painter, QRectF(x + 13, 0, 200, _LEGEND - 2), name, 11) + 12
        return _LEGEND


class BinChart(_ChartView):
    """Bars along a range, as shares of each group, so that large and small groups can be compared."""

    def height_at(self, width: int) -> int:
        return round((_LEGEND if len(self.chart.groups) > 1 else 2) + _PLOT + _AXIS + 4)

    def place_at(self, point: QPointF) -> int | None:
        wide = (self.width() - _LEFT) / max(len(self.chart.labels), 1)
        place = int((point.x() - _LEFT) // wide)
        return place if point.x() >= _LEFT and 0 <= place < len(self.chart.labels) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chart = self.chart
        top = self._legend(painter) + 6
        height = self.height() - top - _AXIS
        bottom = top + height
        groups, places = len(chart.groups), len(chart.labels)
        most = max((chart.share(g, p) for g in range(groups) for p in range(places)), default=0) or 1
        for part in (0.0, 0.5, 1.0):
            y = round(bottom - height * part) + 0.5
            painter.fillRect(QRectF(_LEFT, y, self.width() - _LEFT, 1), theme.color("hairline"))
            painter.setPen(theme.color("muted"))
            share = percent(most * part, 0 if most > 0.05 else 1)
            draw(painter, QRectF(0, y - 8, _LEFT - 6, 16), share, 10, across=1.0)
        wide = (self.width() - _LEFT) / max(places, 1)
        bar = max((wide - 2) / groups, 1.0)
        for place in range(places):
            for group in range(groups):
                part = chart.share(group, place) / most
                if part:
                    x = _LEFT + wide * place + 1 + bar * group
                    size = max(height * part, 1.0)
                    painter.fillRect(QRectF(x, bottom - size, max(bar - 0.5, 1), size), theme.series(group))
        self._axis(painter, wide, bottom)

    def _axis(self, painter: QPainter, wide: float, bottom: float) -> None:
        painter.setPen(theme.color("muted"))
        free = 0.0
        for place, label in enumerate(self.chart.labels):
            width = metrics_of(10).horizontalAdvance(label)
            x = _LEFT + wide * (place + 0.5)
            if x - width / 2 >= free and x + width / 2 <= self.width() + 1:
                draw(painter, QRectF(x - 40, bottom + 2, 80, _AXIS - 2), label, 10, across=0.5)
                free = x + width / 2 + 12


class RankChart(_ChartView):
    """The most frequent ones, in as many columns as fit; a thin bar for each group."""

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(chart, parent)
        self._label = max([metrics_of(15).horizontalAdvance(label) for label in chart.labels], default=0)
        self._most = max(
            (chart.share(g, p) for g in range(len(chart.groups)) for p in range(len(chart.labels))), default=0
        )

    @property
    def _columns(self) -> int:
        wanted = min(self._label, 150) + 150
        return max(1, min(int(self.width() // wanted), len(self.chart.labels), 4))

    @property
    def _row(self) -> float:
        return max(_ROW, _THIN * len(self.chart.groups) + 8)

    def height_at(self, width: int) -> int:
        wanted = min(self._label, 150) + 150
        columns = max(1, min(int(width // wanted), len(self.chart.labels), 4))
        lines = -(-len(self.chart.labels) // columns)
        return round((_LEGEND if len(self.chart.groups) > 1 else 2) + lines * self._row + 4)

    def place_at(self, point: QPointF) -> int | None:
        lines = -(-len(self.chart.labels) // self._columns)
        top = _LEGEND if len(self.chart.groups) > 1 else 2
        column, line = int(point.x() // (self.width() / self._columns)), int((point.y() - top) // self._row)
        place = column * lines + line
        return place if 0 <= line < lines and place < len(self.chart.labels) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chart, columns = self.chart, self._columns
        top = self._legend(painter)
        lines = -(-len(chart.labels) // columns)
        wide = self.width() / columns
        name = min(self._label, 150, wide * 0.45)
        for place, label in enumerate(chart.labels):
            x, y = wide * (place // lines), top + self._row * (place % lines)
            painter.setPen(theme.color("text"))
            shown = metrics_of(15).elidedText(label, Qt.TextElideMode.ElideRight, name)
            draw(painter, QRectF(x, y, name, self._row), shown, 15)
            room = wide - name - 8 - 52
            block = _THIN * len(chart.groups) if len(chart.groups) > 1 else 6
            first = y + (self._row - block) / 2
            for group in range(len(chart.groups)):
                size = room * chart.share(group, place) / self._most if self._most else 0
                thick = _THIN - 1 if len(chart.groups) > 1 else 6
                bar = QRectF(x + name + 8, first + _THIN * group, max(size, 1.0 if size else 0.0), thick)
                painter.fillRect(bar, theme.series(group))
            painter.setPen(theme.color("muted"))
            whole = sum(counts[place] for counts in chart.counts)
            draw(painter, QRectF(x + wide - 52, y, 40, self._row), short_count(whole), 11, across=1.0)
