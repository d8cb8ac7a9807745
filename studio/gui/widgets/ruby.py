"""Hanzi with their pinyin above them, laid out in lines and painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from studio.gui.theme import theme

HANZI, PINYIN = 18, 11
LINE = 42
_GAP, _BETWEEN = 5.0, 18.0


@dataclass(frozen=True)
class Cell:
    """One character, its syllable, and where both stand."""

    x: float
    line: int
    width: float
    hanzi: str
    pinyin: str


def lay_out(examples: tuple[tuple[str, str], ...], width: float, lines: int) -> tuple[Cell, ...]:
    """Place examples one after another in so many lines; what does not fit is left out, never cut in two."""
    hanzi, pinyin = QFontMetricsF(theme.hanzi_font(HANZI)), QFontMetricsF(theme.hanzi_font(PINYIN))
    placed: list[Cell] = []
    x, line = 0.0, 0
    for text, reading in examples:
        syllables = reading.split()
        if len(syllables) != len(text):
            syllables = [""] * len(text)
        widths = [
            max(hanzi.horizontalAdvance(one), pinyin.horizontalAdvance(syllable)) + _GAP
            for one, syllable in zip(text, syllables, strict=True)
        ]
        if x and x + sum(widths) > width:
            x, line = 0.0, line + 1
        trial: list[Cell] = []
        for one, syllable, space in zip(text, syllables, widths, strict=True):
            if x and x + space > width:
                x, line = 0.0, line + 1
            trial.append(Cell(x, line, space, one, syllable))
            x += space
        if line >= lines:
            if not placed:
                placed += [cell for cell in trial if cell.line < lines]
            break
        placed += trial
        x += _BETWEEN
    return tuple(placed)


def height_of(cells: tuple[Cell, ...]) -> int:
    """How high the lines are together."""
    return (cells[-1].line + 1) * LINE if cells else 0


def paint(painter: QPainter, cells: tuple[Cell, ...], left: float, top: float) -> None:
    """Paint what `lay_out` placed."""
    small, large = theme.hanzi_font(PINYIN), theme.hanzi_font(HANZI)
    over, under = QFontMetricsF(small), QFontMetricsF(large)
    muted, ink = QColor(theme.color("muted")), QColor(theme.color("text"))
    for font, metrics, color, is_hanzi in ((small, over, muted, False), (large, under, ink, True)):
        painter.setFont(font)
        painter.setPen(color)
        for cell in cells:
            text = cell.hanzi if is_hanzi else cell.pinyin
            x = left + cell.x + (cell.width - _GAP - metrics.horizontalAdvance(text)) / 2
            y = top + cell.line * LINE + (34 if is_hanzi else 12)
            painter.drawText(QPointF(x, y), text)
