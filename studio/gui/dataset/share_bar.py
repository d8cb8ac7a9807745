"""Parts of a whole in one thin bar, with a legend that is also a read-out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.figures import percent
from studio.gui.widgets.set_text import draw, metrics_of

_BAR, _LINE = 8.0, 18.0


class ShareBar(QWidget):
    """Given parts as (name, amount, colour); a colour "hatch" is what is there but counts for nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts: list[tuple[str, float, str]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_parts(self, parts: list[tuple[str, float, str]]) -> None:
        """Show parts of a whole, in this order."""
        self.parts = parts
        self.setAccessibleDescription(", ".join(f"{name} {share}" for name, share, _ in self._told()))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(_BAR + 4 + _LINE * (self._lines(width)[-1][1] + 1 if self.parts else 1))

    def sizeHint(self) -> QSize:
        width = max(self.width(), 240)
        return QSize(240, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(max(self.width(), 240)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def _told(self) -> list[tuple[str, str, str]]:
        whole = sum(amount for _, amount, _ in self.parts) or 1
        return [(name, percent(amount / whole), color) for name, amount, color in self.parts]

    def _lines(self, width: int) -> list[tuple[float, int]]:
        """Where the entries of the legend stand: x and line."""
        places: list[tuple[float, int]] = []
        x, line = 0.0, 0
        for name, share, _ in self._told():
            wide = 14 + metrics_of(11).horizontalAdvance(f"{name} {share}") + 14
            if x and x + wide > width + 14:
                x, line = 0.0, line + 1
            places.append((x, line))
            x += wide
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = sum(amount for _, amount, _ in self.parts)
        painter.fillRect(QRectF(0, 0, self.width(), _BAR), theme.color("hairline"))
        x = 0.0
        for _, amount, color in self.parts:
            width = self.width() * amount / whole if whole else 0
            _fill(painter, QRectF(x, 0, max(width - 1, 1 if amount else 0), _BAR), color)
            x += width
        for (name, share, color), (left, line) in zip(self._told(), self._lines(self.width()), strict=True):
            top = _BAR + 4 + _LINE * line
            _fill(painter, QRectF(left, top + 5, 8, 8), color)
            painter.setPen(theme.color("muted"))
            draw(painter, QRectF(left + 13, top, 300, _LINE), f"{name} {share}", 11)


def _fill(painter: QPainter, place: QRectF, color: str) -> None:
    if color == "hatch":
        painter.fillRect(place, QBrush(theme.color("muted"), Qt.BrushStyle.BDiagPattern))
    else:
        painter.fillRect(place, theme.color(color))
