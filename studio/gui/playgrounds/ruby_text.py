"""A text with what is said of each character above it, of which one can be looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of

_LETTERS, _ABOVE = 22, 13
_RUBY, _LINE, _GAP = 19.0, 54.0, 5.0
_CLOSING = frozenset("，。！？；：、”’」』）》…,.!?;:)")  # begins no line
_DOUBTFUL = 0.9  # what is less likely is marked


class RubyText(QWidget):
    """Characters with small letters above. `looked_at` carries the place of the one that pointer or keys are on.

    Characters that have alternatives are underlined, with dots where the first one is doubtful.
    """

    looked_at = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.above: tuple[str, ...] = ()
        self.shares: tuple[float, ...] = ()
        self.current = -1
        self._places: list[QRectF] = []
        self._tops: list[float] = []  # of the lines
        self._firsts: list[int] = []  # the first character of each line
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    def show_text(self, text: str, above: Sequence[str], shares: Sequence[float]) -> None:
        """Show a text.

        Args:
            above: what stands above each character, empty for nothing.
            shares: the probability of that; 1 for what has no alternatives.
        """
        self.text, self.above, self.shares = text, tuple(above), tuple(shares)
        self.current = min(self.current, len(text) - 1)
        self.setAccessibleDescription(" ".join(filter(None, above)))
        self._lay_out(self.width())
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.update()

    def look_at(self, place: int) -> None:
        """Make a character the current one."""
        if place != self.current and 0 <= place < len(self.text):
            self.current = place
            self.update()
            self.looked_at.emit(place)

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(_LINE))

    def heightForWidth(self, width: int) -> int:
        tops = self._tops if width == self.width() else self._set(width)[1]
        return round((tops[-1] if tops else 0.0) + _LINE + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out(self.width())
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, bottom = event.rect().top(), event.rect().bottom()
        line = max(0, bisect_right(self._tops, top) - 1)
        first = self._firsts[line] if self._firsts else 0
        for number in range(first, len(self._places)):
            place = self._places[number]
            if place.top() > bottom:
                break
            self._paint(painter, number, place)

    def _paint(self, painter: QPainter, number: int, place: QRectF) -> None:
        above, share = self.above[number], self.shares[number]
        if number == self.current:
            painter.fillRect(place.adjusted(0, 1, 0, -1), theme.color("selection"))
            if self.hasFocus():
                painter.setPen(theme.color("accent"))
                painter.drawRect(place.adjusted(0.5, 1.5, -0.5, -1.5))
        painter.setPen(theme.color("accent_ink" if above and share < _DOUBTFUL else "muted"))
        draw(painter, QRectF(place.left(), place.top() + 2, place.width(), _RUBY), above, _ABOVE, across=0.5)
        painter.setPen(theme.color("text"))
        under = QRectF(place.left(), place.top() + _RUBY, place.width(), _LINE - _RUBY - 8)
        if not self.text[number].isspace():
            draw(painter, under, self.text[number], _LETTERS, across=0.5)
        if above and share < 1:
            pen = painter.pen()
            pen.setColor(theme.color("accent_ink" if share < _DOUBTFUL else "muted"))
            pen.setWidthF(1.6 if share < _DOUBTFUL else 1.0)
            pen.setStyle(Qt.PenStyle.DotLine if share < _DOUBTFUL else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            y = place.bottom() - 6
            middle, half = place.center().x(), min(_LETTERS, place.width()) / 2 - 2
            painter.drawLine(round(middle - half), round(y), round(middle + half), round(y))

    # --- looking -------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        self._point(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        moves = {key.Key_Left: -1, key.Key_Right: 1}
        if event.key() in moves:
            self.look_at(min(max(self.current + moves[key(event.key())], 0), len(self.text) - 1))
        elif event.key() in (key.Key_Home, key.Key_End):
            self.look_at(0 if event.key() == key.Key_Home else len(self.text) - 1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.current < 0:
            self.look_at(0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _point(self, event: QMouseEvent) -> None:
        line = bisect_right(self._tops, event.position().y()) - 1
        if line < 0:
            return
        stop = self._firsts[line + 1] if line + 1 < len(self._firsts) else len(self._places)
        for number in range(self._firsts[line], stop):
            if self._places[number].contains(event.position()):
                self.look_at(number)
                return

    def _lay_out(self, width: int) -> None:
        self._places, self._tops, self._firsts = self._set(width)

    def _set(self, width: int) -> tuple[list[QRectF], list[float], list[int]]:
        """Where each character stands, where the lines begin, and with which character."""
        places: list[QRectF] = []
        tops, firsts = [0.0], [0]
        x = 0.0
        letters, small = metrics_of(_LETTERS), metrics_of(_ABOVE)
        known: dict[tuple[str, str], float] = {}
        for number, (character, above) in enumerate(zip(self.text, self.above, strict=True)):
            size = known.get((character, above))
            if size is None:
                size = max(letters.horizontalAdvance(character), small.horizontalAdvance(above)) + _GAP
                known[character, above] = size
            if character == "\n":
                size = 0.0
            elif x and x + size > width:
                tops.append(tops[-1] + _LINE)
                x = 0.0
                first = number
                if character in _CLOSING and number - 1 > firsts[-1]:  # takes the character before it along
                    first, x = number - 1, places[-1].width()
                    places[-1] = QRectF(0.0, tops[-1], x, _LINE)
                firsts.append(first)
            places.append(QRectF(x, tops[-1], size, _LINE))
            x += size
            if character == "\n":
                x = 0.0
                tops.append(tops[-1] + _LINE)
                firsts.append(number + 1)
        return places, tops, firsts
