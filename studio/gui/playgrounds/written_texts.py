"""Texts to choose from, one below the other, each in full with how likely it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QStaticText,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, font_of

_LETTERS, _FIRST, _FIGURE = 15, 19, 58
_GAP, _BAR = 7, 3


class WrittenTexts(QWidget):
    """The likeliest text first and largest. `picked` carries the number of the one that was clicked or moved to."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[tuple[str, float]] = []
        self.current = 0
        self._places: list[QRect] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def show_texts(self, rows: Sequence[tuple[str, float]]) -> None:
        """Show texts with their scores; the first one is looked at."""
        self.rows, self.current = list(rows), 0
        self.setAccessibleDescription("; ".join(f"{text}: {100 * share:.1f}%" for text, share in self.rows))
        self._lay_out(self.width())
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(max(self.width(), 160)))

    def heightForWidth(self, width: int) -> int:
        places = self._laid_out(width)
        return places[-1].bottom() + _GAP if places else _GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out(self.width())
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, ((_, share), place) in enumerate(zip(self.rows, self._places, strict=True)):
            if number == self.current and len(self.rows) > 1:
                painter.fillRect(place.adjusted(0, -2, 0, 2), theme.color("hover"))
            painter.setPen(theme.color("text"))
            painter.setFont(self._font(number))
            painter.drawStaticText(QPointF(6, place.top() + 1), self._set(number, place.width()))
            line = QRectF(6, place.bottom() - _BAR, place.width() - _FIGURE - 6, _BAR)
            painter.fillRect(line, theme.color("hairline"))
            line.setWidth(max(line.width() * share, 1.0))
            painter.fillRect(line, theme.color("accent" if number == 0 else "muted"))
            painter.setPen(theme.color("muted"))
            right = QRectF(place.right() - _FIGURE, place.top(), _FIGURE - 4, place.height())
            draw(painter, right, f"{100 * share:.1f}%", 12, across=1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        number = next((n for n, place in enumerate(self._places) if place.contains(at)), -1)
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._pick(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if move and 0 <= self.current + move < len(self.rows):
            self._pick(self.current + move)
        elif not move:
            super().keyPressEvent(event)

    def _pick(self, number: int) -> None:
        self.current = number
        self.update()
        self.picked.emit(number)

    def _lay_out(self, width: int) -> None:
        self._places = self._laid_out(width)

    def _laid_out(self, width: int) -> list[QRect]:
        places, top = [], 2
        for number in range(len(self.rows)):
            height = round(self._set(number, width).size().height()) + _BAR + 6
            places.append(QRect(0, top, width, height))
            top += height + _GAP
        return places

    def _font(self, number: int) -> QFont:
        return font_of(_FIRST if number == 0 else _LETTERS)

    def _set(self, number: int, width: int) -> QStaticText:
        """A text set in lines: broken between words, and inside one only where it is longer than a line."""
        made = QStaticText(self.rows[number][0])
        made.setTextFormat(Qt.TextFormat.PlainText)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        made.setTextOption(option)
        made.setTextWidth(max(width - _FIGURE - 6, 40))
        made.prepare(font=self._font(number))
        return made
