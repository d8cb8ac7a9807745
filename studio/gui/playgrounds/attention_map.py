"""Where a model looked while it wrote: a grid of what was written and what was read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of

_LETTERS, _ROW, _WIDEST = 13, 21.0, 30.0
_LEFT_MOST, _TOP_MOST, _GAP = 110.0, 84.0, 8.0
_BLANK = "␣"


class AttentionMap(QWidget):
    """A row for each symbol that was written, a column for each that was read; the darker, the more was looked there.

    `looked_at` carries row and column of the cell that pointer or keys are on, -1 for none.
    """

    looked_at = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.read: tuple[str, ...] = ()
        self.written: tuple[str, ...] = ()
        self.weights: tuple[tuple[float, ...], ...] = ()
        self.row = self.column = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    def show_map(
        self, read: Sequence[str], written: Sequence[str], weights: Sequence[Sequence[float]]
    ) -> None:
        """Show a map; without symbols there is none."""
        self.read, self.written = tuple(read), tuple(written)
        self.weights = tuple(tuple(row) for row in weights)
        said = [
            f"{text}: {self.read[row.index(max(row))]}" for text, row in zip(written, weights, strict=True)
        ]
        self.setAccessibleDescription("; ".join(said))
        self.look(-1, -1)
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def look(self, row: int, column: int) -> None:
        """Make a cell the current one."""
        if (row, column) != (self.row, self.column):
            self.row, self.column = row, column
            self.looked_at.emit(row, column)
            self.update()

    def strongest(self, row: int, count: int = 2) -> list[tuple[str, float]]:
        """What was looked at most for a written symbol, with its share."""
        order = sorted(range(len(self.read)), key=lambda column: -self.weights[row][column])
        return [(self.read[column], self.weights[row][column]) for column in order[:count]]

    def sizeHint(self) -> QSize:
        return QSize(260, round(self._top() + _ROW * len(self.written) + 4))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def cell(self, row: int, column: int) -> QRectF:
        """Where a cell stands."""
        width = self._width()
        return QRectF(self._left() + width * column, self._top() + _ROW * row, width, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.read or not self.written:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, left, top = self._width(), self._left(), self._top()
        for row, weights in enumerate(self.weights):
            for column, share in enumerate(weights):
                place = self.cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5)
                painter.fillRect(place, theme.color("hairline", 0.5))
                painter.fillRect(place, theme.color("accent", min(1.0, share)))
            painter.setPen(theme.color("text" if self.row in (-1, row) else "muted"))
            name = self._elided(self.written[row], left - _GAP)
            draw(painter, QRectF(0, top + _ROW * row, left - _GAP, _ROW), name, _LETTERS, across=1.0)
        for column, text in enumerate(self.read):
            painter.setPen(theme.color("text" if self.column in (-1, column) else "muted"))
            self._head(painter, left + width * column, width, top, text)
        if self.row >= 0 and self.column >= 0:
            painter.setPen(theme.color("text"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell(self.row, self.column))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        column = int((at.x() - self._left()) // max(self._width(), 1e-6))
        row = int((at.y() - self._top()) // _ROW)
        inside = 0 <= row < len(self.written) and 0 <= column < len(self.read)
        self.look(row if inside else -1, column if inside else -1)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.look(-1, -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or not self.read or not self.written:
            super().keyPressEvent(event)
            return
        row = min(max(self.row + move[0], 0), len(self.written) - 1)
        self.look(row, min(max(self.column + move[1], 0), len(self.read) - 1))

    def _head(self, painter: QPainter, left: float, width: float, top: float, text: str) -> None:
        """The name of a column: upright where it fits, else turned; none where there is no room for letters."""
        if metrics_of(_LETTERS).horizontalAdvance(text) <= width:
            draw(painter, QRectF(left, top - _ROW, width, _ROW), _shown(text), _LETTERS, across=0.5)
        elif width >= 11:
            painter.save()
            painter.translate(left + width / 2, top - 3)
            painter.rotate(-90)
            draw(painter, QRectF(0, -_ROW / 2, _TOP_MOST, _ROW), self._elided(text, _TOP_MOST - 6), _LETTERS)
            painter.restore()

    def _elided(self, text: str, room: float) -> str:
        shown, metrics = _shown(text), metrics_of(_LETTERS)
        return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, room)

    def _left(self) -> float:
        names = (metrics_of(_LETTERS).horizontalAdvance(_shown(text)) for text in self.written)
        return min(max(names, default=0.0), _LEFT_MOST) + _GAP

    def _top(self) -> float:
        advance = metrics_of(_LETTERS).horizontalAdvance
        longest = max((advance(text) for text in self.read), default=0.0)
        return _ROW if longest <= self._width() else min(longest + 8, _TOP_MOST)

    def _width(self) -> float:
        room = max(self.width() - self._left() - 2, 40.0)
        return min(room / max(len(self.read), 1), _WIDEST)


def _shown(text: str) -> str:
    return _BLANK if text.isspace() else text
