"""Alternatives with their probabilities, as bars."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of

ROW = 26
"""Height of a bar with its name, in pixels."""
_FIGURE, _LETTERS = 58.0, 15
_WIDEST = 0.4  # share of the width that names may take


class ChanceBars(QWidget):
    """A bar for each alternative, the likeliest first. `picked` carries the number of the one that was clicked."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, pickable: bool = False) -> None:
        super().__init__(parent)
        self.rows: list[tuple[str, float]] = []
        self._pickable = pickable
        self._current = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if pickable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def show_chances(self, rows: Sequence[tuple[str, float]]) -> None:
        """Show names with their probabilities."""
        self.rows = list(rows)
        self._current = min(self._current, max(len(self.rows) - 1, 0))
        self.setAccessibleDescription("; ".join(f"{name}: {100 * share:.1f}%" for name, share in self.rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, round(ROW * max(len(self.rows), 1)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = [metrics_of(_LETTERS).horizontalAdvance(name) for name, _ in self.rows]
        left = min(max(names, default=0.0), _WIDEST * self.width()) + 12
        width = max(self.width() - left - _FIGURE, 1.0)
        for number, (name, share) in enumerate(self.rows):
            line = QRectF(0, ROW * number, self.width(), ROW)
            if self.hasFocus() and number == self._current:
                painter.fillRect(line, theme.color("hover"))
            painter.setPen(theme.color("text"))
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, round(left) - 10)
            draw(
                painter,
                QRectF(2, line.top(), left - 12, ROW),
                name if names[number] < left else shown,
                _LETTERS,
            )
            bar = QRectF(left, line.top() + 6, width, ROW - 12)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hairline"))
            painter.drawRoundedRect(bar, 3, 3)
            painter.setBrush(theme.color("accent" if number == 0 else "muted"))
            painter.drawRoundedRect(
                QRectF(bar.left(), bar.top(), max(bar.width() * share, 2.0), bar.height()), 3, 3
            )
            painter.setPen(theme.color("muted"))
            draw(
                painter,
                QRectF(self.width() - _FIGURE, line.top(), _FIGURE, ROW),
                f"{100 * share:.1f}%",
                12,
                across=1.0,
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().y() // ROW)
        if self._pickable and event.button() == Qt.MouseButton.LeftButton and number < len(self.rows):
            self._current = number
            self.picked.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if self._pickable and event.key() in moves:
            self._current = min(
                max(self._current + moves[Qt.Key(event.key())], 0), max(len(self.rows) - 1, 0)
            )
            self.update()
        elif (
            self._pickable
            and self.rows
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        ):
            self.picked.emit(self._current)
        else:
            super().keyPressEvent(event)
