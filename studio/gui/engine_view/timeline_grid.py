"""The timeline drawn: characters down, evaluations across, colour says right or wrong."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from studio.gui.engine_view.history_grid import ABSENT, RIGHT, WRONG, ProbeGrid, Timeline
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import count
from studio.gui.widgets.set_text import draw, metrics_of

LABEL = 150.0
_AXIS, _HEAD, _ROW, _GAP = 20.0, 26.0, 22.0, 8.0
_CELL, _WIDEST, _READABLE = 24.0, 34.0, 17.0


class TimelineGrid(QAbstractScrollArea):
    """`picked` carries a probe and a step. All evaluations at once, or, not `fit`, each wide enough to be read.

    Left and right go from step to step, up and down from probe to probe.
    """

    picked = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.timeline = Timeline()
        self.fit = True
        self.probe, self.step = "", -1
        self._images: dict[str, tuple[int, QImage]] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self.viewport().update)
        theme.changed.connect(self._recolor)

    def show_timeline(self, timeline: Timeline) -> None:
        """Show another run's probes."""
        self.timeline = timeline
        self._images.clear()
        self.probe, self.step = "", -1
        self.refresh()
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())

    def refresh(self) -> None:
        """The timeline has changed."""
        bar = self.horizontalScrollBar()
        at_the_end = bar.value() == bar.maximum()
        self._images.clear()
        self._measure()
        if at_the_end:
            bar.setValue(bar.maximum())
        self.viewport().update()

    def set_fit(self, fit: bool) -> None:
        """Show all evaluations at once, or each of them wide enough to be read."""
        self.fit = fit
        self.refresh()
        self._show_step()

    def pick(self, probe: str, step: int) -> None:
        """Choose a probe and a step."""
        self.probe, self.step = probe, step
        self._show_step()
        self.viewport().update()
        self.setAccessibleDescription(f"{probe}, {tr('step {step}', step=count(step))}")
        self.picked.emit(probe, step)

    def sizeHint(self) -> QSize:
        return QSize(480, 160)

    # --- measures ------------------------------------------------------------------------------------

    @property
    def column(self) -> float:
        """How wide an evaluation is drawn."""
        number = max(len(self.timeline.steps), 1)
        return min((self.viewport().width() - LABEL - 6) / number, _WIDEST) if self.fit else _CELL

    def tops(self) -> dict[str, float]:
        """Where each probe begins, below the axis."""
        found, top = {}, 0.0
        for name, grid in self.timeline.grids.items():
            found[name] = top
            top += _HEAD + _ROW * len(grid.wanted) + _GAP
        return found

    def _height(self) -> float:
        return sum(_HEAD + _ROW * len(grid.wanted) + _GAP for grid in self.timeline.grids.values())

    def cell_at(self, point: QPointF) -> tuple[str, int, int]:
        """Which probe, row (or -1) and column of the timeline (or -1) lie under a point of the viewport."""
        y = point.y() - _AXIS + self.verticalScrollBar().value()
        x = point.x() - LABEL + self.horizontalScrollBar().value()
        column = int(x // self.column) if point.x() >= LABEL else -1
        column = column if 0 <= column < len(self.timeline.steps) else -1
        for name, top in self.tops().items():
            grid = self.timeline.grids[name]
            if point.y() >= _AXIS and top <= y < top + _HEAD + _ROW * len(grid.wanted):
                row = int((y - top - _HEAD) // _ROW)
                return name, row if 0 <= row < len(grid.wanted) else -1, column
        return "", -1, column

    # --- events --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name, _, column = self.cell_at(event.position())
        if column >= 0 and self.timeline.grids:
            self.pick(name or self.probe or next(iter(self.timeline.grids)), self.timeline.steps[column])
        elif name:
            self.pick(name, self.step if self.step >= 0 else self.timeline.steps[-1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps, names = self.timeline.steps, list(self.timeline.grids)
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Home: -len(steps),
            Qt.Key.Key_End: len(steps),
        }
        turns = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if not steps or (key not in moves and key not in turns):
            super().keyPressEvent(event)
            return
        at = steps.index(self.step) if self.step in steps else len(steps) - 1
        at = min(max(at + moves.get(key, 0), 0), len(steps) - 1)
        row = names.index(self.probe) if self.probe in names else 0
        row = min(max(row + turns.get(key, 0), 0), len(names) - 1)
        self.pick(names[row], steps[at])

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(QPointF(event.pos())), self)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    # --- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        right, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        area = QRectF(self.viewport().rect())
        painter.setClipRect(area.adjusted(LABEL, _AXIS, 0, 0))
        for name, top in self.tops().items():
            self._paint_cells(painter, name, _AXIS + top + _HEAD - down, right)
        self._paint_step(painter, right)
        painter.setClipRect(area.adjusted(0, _AXIS, 0, 0))
        for name, top in self.tops().items():
            self._paint_labels(painter, self.timeline.grids[name], _AXIS + top - down)
        painter.setClipping(False)
        self._paint_axis(painter, right)

    def _paint_cells(self, painter: QPainter, name: str, top: float, right: int) -> None:
        grid, column = self.timeline.grids[name], self.column
        height = _ROW * len(grid.wanted)
        number = len(self.timeline.steps)
        if not number or not grid.wanted or top > self.viewport().height() or top + height < _AXIS:
            return
        first = max(int(right // column), 0)
        last = min(int((right + self.viewport().width() - LABEL) // column) + 1, number)
        image = self._image(name, grid).copy(first, 0, last - first, len(grid.wanted))
        place = QRectF(LABEL + first * column - right, top, (last - first) * column, height)
        if column < 1:
            # Where several evaluations share a pixel, the mean of their colours shows that something happened.
            ignore, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            image = image.scaled(max(round(place.width()), 1), image.height(), ignore, smooth)
        painter.drawImage(place, image)
        painter.setPen(QPen(theme.color("surface"), 1))
        for row in range(len(grid.wanted) + 1):
            y = round(top + _ROW * row) + 0.5
            painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))
        if column >= _READABLE:
            self._paint_characters(painter, grid, top, right, range(first, last))

    def _paint_characters(
        self, painter: QPainter, grid: ProbeGrid, top: float, right: int, columns: range
    ) -> None:
        width = self.column
        for at in columns:
            own = grid.column(self.timeline.steps[at])
            if own < 0 or grid.steps[own] != self.timeline.steps[at]:
                continue
            for row in range(len(grid.wanted)):
                place = QRectF(LABEL + at * width - right, top + _ROW * row, width, _ROW)
                is_right = grid.marks[row][own] == RIGHT
                painter.setPen(theme.color("jade" if is_right else "danger"))
                draw(painter, place, grid.cells[row][own] or "·", 14, across=0.5)

    def _paint_labels(self, painter: QPainter, grid: ProbeGrid, top: float) -> None:
        name = grid.probe.input
        painter.fillRect(QRectF(0, top + _HEAD, LABEL - 1, _ROW * len(grid.wanted)), theme.color("surface"))
        painter.setPen(theme.color("accent_ink" if name == self.probe else "text"))
        room = QRectF(8, top + 2, self.viewport().width() - 12, _HEAD - 4)
        width = draw(painter, room, name, 13)
        note = grid.wanted + ("  " + tr("(as decoded last)") if self.timeline.is_guessed(name) else "")
        painter.setPen(theme.color("muted"))
        draw(painter, room.adjusted(width + 14, 0, 0, 0), note, 13)
        for row, character in enumerate(grid.wanted):
            place = QRectF(8, top + _HEAD + _ROW * row, LABEL - 16, _ROW)
            kind, step = grid.story(row)
            painter.setPen(theme.color("jade" if kind == "since" else "danger"))
            draw(painter, place, character, 16)
            painter.setPen(theme.color("muted"))
            draw(painter, place.adjusted(26, 0, 0, 0), story_text(kind, step), 11)

    def _paint_axis(self, painter: QPainter, right: int) -> None:
        painter.fillRect(QRectF(0, 0, self.viewport().width(), _AXIS), theme.color("surface"))
        painter.setPen(theme.color("muted"))
        steps, free = self.timeline.steps, LABEL
        draw(painter, QRectF(8, 0, LABEL - 16, _AXIS), tr("Step"), 11)
        chosen = steps.index(self.step) if self.step in steps else -1
        for at in [chosen, *range(int(right // self.column), len(steps))]:
            text = count(steps[at]) if at >= 0 else ""
            width = metrics_of(11).horizontalAdvance(text) if text else 0.0
            x = LABEL + (at + 0.5) * self.column - right - width / 2
            if x > self.viewport().width():
                break
            is_chosen = at == chosen
            if at < 0 or x + width < LABEL or (not is_chosen and x < free):
                continue
            mark = self._chosen_span(chosen, right)
            if not is_chosen and mark is not None and x < mark[1] + 8 and x + width > mark[0] - 8:
                continue
            painter.setPen(theme.color("accent_ink" if is_chosen else "muted"))
            x = min(max(x, LABEL), self.viewport().width() - width - 2)
            draw(painter, QRectF(x, 0, width + 2, _AXIS), text, 11)
            free = free if is_chosen else x + width + 14

    def _chosen_span(self, at: int, right: int) -> tuple[float, float] | None:
        """From where to where the chosen step's number reaches on the axis."""
        if at < 0:
            return None
        half = metrics_of(11).horizontalAdvance(count(self.timeline.steps[at])) / 2
        middle = LABEL + (at + 0.5) * self.column - right
        return middle - half, middle + half

    def _paint_step(self, painter: QPainter, right: int) -> None:
        if self.step in self.timeline.steps:
            at = self.timeline.steps.index(self.step)
            x, width = LABEL + at * self.column - right, max(self.column, 2.0)
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(x, 0, width, self.viewport().height() + 4))

    # --- inside --------------------------------------------------------------------------------------

    def _image(self, name: str, grid: ProbeGrid) -> QImage:
        """The grid as an image of a pixel a cell."""
        steps = self.timeline.steps
        kept = self._images.get(name)
        if kept is not None and kept[0] == len(steps):
            return kept[1]
        width = -(-len(steps) // 4) * 4
        rows = grid.marks
        if grid.steps != steps:
            at = {step: number for number, step in enumerate(grid.steps)}
            places = [at.get(step, -1) for step in steps]
            rows = [bytearray(row[p] if p >= 0 else ABSENT for p in places) for row in grid.marks]
        content = b"".join(bytes(row) + bytes(width - len(row)) for row in rows)
        image = QImage(content, len(steps), len(rows), width, QImage.Format.Format_Indexed8)
        colors = {WRONG: self._ground("danger"), RIGHT: self._ground("jade"), ABSENT: theme.color("hairline")}
        image.setColorTable([colors[mark].rgba() for mark in sorted(colors)])
        made = image.convertToFormat(QImage.Format.Format_RGB32)  # a copy: the bytes are this function's own
        self._images[name] = (len(steps), made)
        return made

    def _ground(self, name: str) -> QColor:
        """Soft behind characters; stronger where colour is all there is."""
        return theme.color(f"{name}_soft" if self.column >= _READABLE else name)

    def _tip(self, point: QPointF) -> str:
        name, row, column = self.cell_at(point)
        if not name or column < 0:
            return ""
        grid, step = self.timeline.grids[name], self.timeline.steps[column]
        own = grid.column(step)
        if own < 0:
            return ""
        text = tr("step {step}", step=count(step)) + "\n" + grid.sentences[own]
        return text + (f"\n{grid.wanted[row]} ← {grid.cells[row][own] or '·'}" if row >= 0 else "")

    def _show_step(self) -> None:
        if self.step not in self.timeline.steps:
            return
        bar, at = self.horizontalScrollBar(), self.timeline.steps.index(self.step)
        x, room = at * self.column, self.viewport().width() - LABEL
        if not bar.value() <= x <= bar.value() + room - self.column:
            bar.setValue(round(x - room / 2))

    def _measure(self) -> None:
        room = self.viewport().size()
        across = 0 if self.fit else LABEL + self.column * len(self.timeline.steps) + 6 - room.width()
        for bar, over, page in (
            (self.horizontalScrollBar(), across, room.width()),
            (self.verticalScrollBar(), _AXIS + self._height() - room.height(), room.height()),
        ):
            bar.setRange(0, max(0, round(over)))
            bar.setPageStep(page)
            bar.setSingleStep(round(_ROW))

    def _recolor(self) -> None:
        self._images.clear()
        self.viewport().update()


def story_text(kind: str, step: int) -> str:
    """What became of a character, in words."""
    if kind == "since":
        return tr("since {step}", step=count(step))
    return tr("lost at {step}", step=count(step)) if kind == "lost" else tr("never right")
