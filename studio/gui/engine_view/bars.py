"""Shares of several sources as grouped bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of

_BAR, _GROUP, _AXIS, _LEGEND = 16.0, 14.0, 20.0, 22.0


class ShareBars(QWidget):
    """One group of horizontal bars a source, one bar a figure, from 0 to 100%."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: list[str] = []
        self.groups: list[tuple[str, list[float]]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_shares(self, names: list[str], groups: list[tuple[str, list[float]]]) -> None:
        """Show groups of shares (0 to 1), each with its name; `names` are those of the bars."""
        self.names, self.groups = names, groups
        said = [f"{name}: " + ", ".join(f"{100 * share:.1f}%" for share in shares) for name, shares in groups]
        self.setAccessibleDescription("; ".join(said))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        bars = len(self.names) or 3
        return QSize(320, round((_BAR * bars + _GROUP) * len(self.groups) + _AXIS + _LEGEND))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inks = [theme.color("accent"), theme.series(3), theme.color("jade")]
        left = max([metrics_of(13).horizontalAdvance(name) for name, _ in self.groups], default=0) + 14
        width = self.width() - left - 52
        bottom = self.height() - _AXIS
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = round(left + width * share) + 0.5
            painter.fillRect(QRectF(x, _LEGEND, 1, bottom - _LEGEND), theme.color("hairline"))
            painter.setPen(theme.color("muted"))
            draw(painter, QRectF(x - 24, bottom, 48, _AXIS), f"{100 * share:.0f}%", 11, across=0.5)
        x = float(left)
        for number, name in enumerate(self.names):
            painter.fillRect(QRectF(x, 6, 10, 10), inks[number % 3])
            painter.setPen(theme.color("muted"))
            x += 16 + draw(painter, QRectF(x + 15, 0, 200, _LEGEND), name, 12) + 18
        top = _LEGEND + _GROUP / 2
        for name, shares in self.groups:
            painter.setPen(theme.color("text"))
            draw(painter, QRectF(0, top, left - 10, _BAR * len(shares)), name, 13, across=1.0)
            for number, share in enumerate(shares):
                place = QRectF(left + 1, top + _BAR * number + 2, max(width * share, 1.0), _BAR - 4)
                painter.fillRect(place, inks[number % 3])
                painter.setPen(theme.color("text"))
                figure = QRectF(place.right() + 6, place.top(), 50, place.height())
                draw(painter, figure, f"{100 * share:.1f}%", 11)
            top += _BAR * len(shares) + _GROUP
