"""A text whose characters are tinted by what they say."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of

_LETTERS, _LINE, _GAP = 17, 28.0, 2.0
_LEAST = 0.1  # nats; below this fall of the log-odds nothing is tinted


class WeighedText(QWidget):
    """What speaks for something is tinted red, what speaks against it green."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.weights: tuple[float, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_text(self, text: str, weights: Sequence[float]) -> None:
        """Show a text; without weights nothing is tinted."""
        self.text, self.weights = text, tuple(weights)
        self.setAccessibleDescription(text)
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(max(self.width(), 160)))

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return round((places[-1].bottom() if places else _LINE) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((abs(weight) for weight in self.weights), default=0.0)
        for number, place in enumerate(self._places(self.width())):
            weight = self.weights[number] if number < len(self.weights) else 0.0
            if most > _LEAST and abs(weight) > _LEAST / 2:
                ink = theme.color("accent" if weight > 0 else "jade", 0.55 * abs(weight) / most)
                painter.fillRect(place.adjusted(0, 2, 0, -2), ink)
            painter.setPen(theme.color("text"))
            draw(painter, place, self.text[number], _LETTERS, across=0.5)

    def _places(self, width: int) -> list[QRectF]:
        """Where each character stands."""
        x = y = 0.0
        places = []
        for character in self.text:
            size = metrics_of(_LETTERS).horizontalAdvance(character) + _GAP
            if x and x + size > width:
                x, y = 0.0, y + _LINE
            places.append(QRectF(x, y, size, _LINE))
            x += size
        return places
