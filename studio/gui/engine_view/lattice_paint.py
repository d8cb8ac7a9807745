"""Draws a lattice: letters, syllables, characters, in the colours of the theme."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from studio.gui.engine_view.lattice_layout import Brick, LatticeLayout
from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw
from studio.runs.explanations import Explained, LatticeEdge

MARGIN, CELL = 64.0, 26.0
_LETTERS, _BEST, _LANE, _PATH = 30.0, 50.0, 25.0, 27.0
_GAP = 6.0


@dataclass(frozen=True)
class Spot:
    """What lies under a point: a boundary, a brick's edge, a path; -1 for none."""

    boundary: int = -1
    edge: int = -1
    path: int = -1


NOWHERE = Spot()


@dataclass
class Marks:
    """What is to be seen besides the lattice itself: what the pointer is on, what was chosen, what is dragged."""

    hover: Spot = NOWHERE
    chosen: int = -1
    cursor: int = -1
    dragged: int = -1
    dropped: int = -1
    dimmed: bool = False


class LatticePicture:
    """A lattice with its measures, in pixels of its own plane."""

    def __init__(self, found: Explained, layout: LatticeLayout) -> None:
        self.found, self.layout = found, layout

    @property
    def width(self) -> float:
        return MARGIN + CELL * len(self.layout.letters) + 14

    @property
    def height(self) -> float:
        return self._paths_top + _PATH * max(len(self.found.paths) - 1, 0) + 6

    @property
    def _paths_top(self) -> float:
        return _LETTERS + _BEST + _LANE * max(self.layout.lanes - 1, 0) + _GAP

    def x(self, boundary: int) -> float:
        """Where a boundary between letters stands."""
        return MARGIN + CELL * boundary

    def place_of(self, brick: Brick) -> QRectF:
        """Where a brick stands."""
        top, height = (
            (_LETTERS, _BEST) if brick.lane == 0 else (_LETTERS + _BEST + _LANE * (brick.lane - 1), _LANE)
        )
        left, right = self.x(brick.left), self.x(brick.right)
        return QRectF(left + 1.5, top + 1.5, right - left - 3, height - 3)

    def at(self, point: QPointF) -> Spot:
        """What lies under a point of the plane."""
        boundary = round((point.x() - MARGIN) / CELL)
        if 0 <= point.y() < _LETTERS:
            near = abs(self.x(boundary) - point.x()) <= 9 and 0 < boundary < len(self.layout.letters)
            return Spot(boundary=boundary) if near else NOWHERE
        for brick in self.layout.bricks:
            if self.place_of(brick).contains(point):
                return Spot(edge=brick.edge)
        row = int((point.y() - self._paths_top) // _PATH)
        return Spot(path=row + 1) if 0 <= row < len(self.found.paths) - 1 else NOWHERE

    # --- painting ------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, marks: Marks, scrolled: float) -> None:
        """Draw everything; labels stay where they are while the rest is `scrolled` to the left, in pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.5 if marks.dimmed else 1.0)
        self._paint_guides(painter)
        self._paint_letters(painter, marks)
        for brick in self.layout.bricks:
            self._paint_brick(painter, brick, marks)
        for number in range(1, len(self.found.paths)):
            self._paint_path(painter, number, marks)
        self._paint_labels(painter, scrolled)

    def _paint_guides(self, painter: QPainter) -> None:
        pen = QPen(theme.color("hairline"), 1, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        bottom = self._paths_top - _GAP
        for boundary in {b for brick in self.layout.bricks for b in (brick.left, brick.right)}:
            painter.drawLine(QPointF(self.x(boundary), _LETTERS), QPointF(self.x(boundary), bottom))

    def _paint_letters(self, painter: QPainter, marks: Marks) -> None:
        for at, letter in enumerate(self.layout.letters):
            painter.setPen(theme.color("text"))
            draw(painter, QRectF(self.x(at), 2, CELL, _LETTERS - 6), letter, 17, across=0.5)
        for boundary in range(1, len(self.layout.letters)):
            forced, divided = boundary in self.layout.forced, boundary in self.layout.divided
            hot = marks.hover.boundary == boundary or marks.cursor == boundary
            if boundary == marks.dragged and marks.dropped >= 0:
                continue
            if forced or divided or hot:
                self._paint_boundary(painter, boundary, "accent" if forced else "muted", forced, hot)
        if marks.cursor >= 0:
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.x(marks.cursor) - 7, 1, 14, _LETTERS - 2), 4, 4)
        if marks.dropped >= 0:
            self._paint_boundary(painter, marks.dropped, "accent", True, True)

    def _paint_boundary(self, painter: QPainter, boundary: int, color: str, forced: bool, hot: bool) -> None:
        """A line between two letters with a handle to drag; that of a typed separator is filled."""
        x = self.x(boundary)
        painter.setPen(QPen(theme.color(color), 2 if hot else 1.4))
        painter.drawLine(QPointF(x, 7), QPointF(x, _LETTERS - 1))
        painter.setBrush(theme.color(color) if forced else theme.color("surface"))
        handle = QPolygonF([QPointF(x - 5, 1), QPointF(x + 5, 1), QPointF(x, 8)])
        painter.drawPolygon(handle)

    def _paint_brick(self, painter: QPainter, brick: Brick, marks: Marks) -> None:
        place, edge = self.place_of(brick), self.found.edges[brick.edge]
        best = brick.lane == 0
        hot = marks.hover.edge == brick.edge
        chosen = marks.chosen == brick.edge
        fill = "accent_soft" if best else "raised" if brick.on_path else "surface"
        painter.setBrush(theme.color("hover" if hot and not best else fill))
        line = "accent" if chosen or best else "hairline_strong" if brick.on_path else "hairline"
        pen = QPen(theme.color(line), 2 if chosen else 1)
        if edge.partial:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(place, 6, 6)
        if best:
            text = self.found.paths[0].texts[self.found.paths[0].edges.index(brick.edge)]
            painter.setPen(theme.color("accent_ink"))
            draw(painter, QRectF(place.left(), place.top() + 1, place.width(), 28), text, 22, across=0.5)
            below = QRectF(place.left(), place.top() + 27, place.width(), 18)
            painter.setPen(theme.color("muted"))
        else:
            below = place
            painter.setPen(theme.color("text" if brick.on_path else "muted"))
        painter.save()
        painter.setClipRect(place)
        draw(painter, below, said(self.found.text, edge), 12, across=0.5)
        painter.restore()

    def _paint_path(self, painter: QPainter, number: int, marks: Marks) -> None:
        path, best = self.found.paths[number], self.found.paths[0]
        same = set(zip(best.edges, best.texts, strict=True))
        top = self._paths_top + _PATH * (number - 1)
        if marks.hover.path == number:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover"))
            painter.drawRoundedRect(QRectF(2, top, self.width - 6, _PATH - 1), 5, 5)
        spans = {brick.edge: (brick.left, brick.right) for brick in self.layout.bricks}
        hot = marks.hover.edge in path.edges
        for edge, text in zip(path.edges, path.texts, strict=True):
            left, right = (self.x(boundary) for boundary in spans[edge])
            differs = (edge, text) not in same
            painter.setPen(theme.color("text" if differs or hot else "faint"))
            draw(painter, QRectF(left, top, right - left, _PATH - 2), text, 17, across=0.5)
            if edge not in best.edges:
                painter.setPen(QPen(theme.color("hairline_strong"), 1))
                painter.drawLine(QPointF(left + 4, top + _PATH - 3), QPointF(right - 4, top + _PATH - 3))

    def _paint_labels(self, painter: QPainter, scrolled: float) -> None:
        """The score of each path, in front of it."""
        if scrolled > 0:
            painter.fillRect(QRectF(scrolled, 0, MARGIN - 8, self.height), theme.color("surface"))
        for number, path in enumerate(self.found.paths):
            top, height = (
                (_LETTERS, _BEST) if number == 0 else (self._paths_top + _PATH * (number - 1), _PATH - 2)
            )
            painter.setPen(theme.color("text" if number == 0 else "muted"))
            place = QRectF(scrolled + 4, top, MARGIN - 16, height)
            draw(painter, place, f"{path.score:.1f}", 12, across=1.0)


def said(text: str, edge: LatticeEdge) -> str:
    """A syllable as it was typed: whole, or as a beginning with what is open."""
    typed = text[edge.start : edge.end].strip("' ")
    if edge.partial:
        return f"{typed}…"
    return edge.syllable or typed
