"""Text that is painted again and again, set once: shaping a line costs more than drawing it."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QStaticText

from studio.gui.theme import theme


@lru_cache(maxsize=32)
def font_of(pixels: int) -> QFont:
    """The hanzi font in a size; one object for all who paint, so that it is looked up once."""
    return theme.hanzi_font(pixels)


@lru_cache(maxsize=32)
def metrics_of(pixels: int) -> QFontMetricsF:
    """How wide and high the font's characters are."""
    return QFontMetricsF(font_of(pixels))


@lru_cache(maxsize=4096)
def drawable(text: str) -> bool:
    """Whether any font at hand has all the characters."""
    metrics = QFontMetrics(font_of(20))
    return all(metrics.inFontUcs4(ord(char)) for char in text)


@lru_cache(maxsize=4096)
def _set(text: str, pixels: int) -> tuple[QStaticText, float, float]:
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(font=font_of(pixels))
    return made, made.size().width(), made.size().height()


def draw(painter: QPainter, place: QRectF, text: str, pixels: int, *, across: float = 0.0) -> float:
    """Draw a line in the painter's colour, in the middle of the place's height.

    Args:
        painter: its font is changed.
        place: where.
        text: one line of plain text.
        pixels: the size of the font.
        across: 0 for the left edge, 0.5 for the middle, 1 for the right edge.

    Returns:
        The width of the text.
    """
    made, width, height = _set(text, pixels)
    painter.setFont(font_of(pixels))
    x = place.left() + (place.width() - width) * across
    painter.drawStaticText(QPointF(x, place.top() + (place.height() - height) / 2), made)
    return width
