"""The letters of a composition cut into syllables, and under each syllable the characters it could be."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.candidate_list import chance_text
from studio.gui.widgets.set_text import draw, drawable, metrics_of
from studio.runs.events import Candidate
from studio.runs.requests import SyllableView

COLUMN = 66
_LETTERS, _CHIP, _ROW = 24, 28, 32
_LEFT = 12
ROWS = 8


class SyllableStrip(QWidget):
    """One column a syllable: typed letters, the syllable as a chip, alternatives with their probabilities.

    The strip is as wide as its columns; put it into a scroll area.
    """

    picked = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letters = ""
        self.syllables: tuple[SyllableView, ...] = ()
        self.chosen = ""
        self.active: int | None = None
        self.dimmed = False
        self._hover = (-1, -1)
        self.setMouseTracking(True)
        self.setMinimumHeight(_LETTERS + _CHIP + 2 * _ROW)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_syllables(
        self, letters: str, syllables: tuple[SyllableView, ...], chosen: str, active: int | None, dimmed: bool
    ) -> None:
        """Show a segmentation; `chosen` are the characters of the best candidate, if they line up with it."""
        chosen = chosen if len(chosen) == len(syllables) else ""
        shown = letters, syllables, chosen, active, dimmed
        if shown == (self.letters, self.syllables, self.chosen, self.active, self.dimmed):
            return
        self.letters, self.syllables, self.chosen, self.active, self.dimmed = shown
        self.setMinimumWidth(2 * _LEFT + COLUMN * len(syllables))
        self.setAccessibleName(tr("Syllables"))
        self.setAccessibleDescription(" ".join(item.syllable for item in syllables))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(2 * _LEFT + COLUMN * len(self.syllables), _LETTERS + _CHIP + 5 * _ROW + 4)

    def span_of(self, index: int) -> tuple[int, int]:
        """From where to where a column reaches."""
        return _LEFT + index * COLUMN, _LEFT + (index + 1) * COLUMN

    # --- events --------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place != self._hover:
            self._hover = place
            self.setCursor(Qt.CursorShape.PointingHandCursor if place[1] >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = (-1, -1)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column, row = self._place_at(event.position())
        if row >= 0 and not self.dimmed:
            self.picked.emit(column, self._alternatives(column)[row].text)

    def _place_at(self, point: QPointF) -> tuple[int, int]:
        column = int((point.x() - _LEFT) // COLUMN)
        row = int((point.y() - _LETTERS - _CHIP) // _ROW)
        if point.x() < _LEFT or not 0 <= column < len(self.syllables) or point.y() < _LETTERS + _CHIP:
            return -1, -1
        return (column, row) if row < len(self._alternatives(column)) else (-1, -1)

    def _alternatives(self, column: int) -> tuple[Candidate, ...]:
        """As many as there is room for; the chosen character is always among them."""
        room = min(max((self.height() - _LETTERS - _CHIP) // _ROW, 1), ROWS)
        # A character that no font at hand can draw would leave a gap.
        everything = self.syllables[column].alternatives
        items = tuple(item for item in everything if drawable(item.text)) or everything
        shown = items[:room]
        if self.chosen and all(item.text != self.chosen[column] for item in shown):
            extra = next((item for item in items if item.text == self.chosen[column]), None)
            shown = (*shown[:-1], extra) if extra else shown
        return shown

    # --- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.45 if self.dimmed else 1.0)
        for column in range(len(self.syllables)):
            self._paint_column(painter, column)

    def _paint_column(self, painter: QPainter, column: int) -> None:
        item, alternatives = self.syllables[column], self._alternatives(column)
        left = _LEFT + column * COLUMN
        if column == self.active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            height = _LETTERS + _CHIP + _ROW * len(alternatives)
            painter.drawRoundedRect(QRectF(left, 0, COLUMN, height), 6, 6)
        typed = self.letters[item.start : item.end].strip("' ")
        painter.setPen(theme.color("text"))
        draw(painter, QRectF(left, 2, COLUMN, _LETTERS - 2), typed, 15, across=0.5)
        self._paint_chip(painter, item, typed, QRectF(left + 3, _LETTERS, COLUMN - 6, _CHIP - 8))
        for row, alternative in enumerate(alternatives):
            place = QRectF(left + 3, _LETTERS + _CHIP + row * _ROW, COLUMN - 6, _ROW - 2)
            taken = bool(self.chosen) and self.chosen[column] == alternative.text
            if (column, row) == self._hover:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("hover"))
                painter.drawRoundedRect(place, 5, 5)
            painter.setPen(theme.color("accent_ink" if taken else "text"))
            draw(
                painter,
                QRectF(place.left() + 1, place.top(), 24, place.height()),
                alternative.text,
                20,
                across=0.5,
            )
            painter.setPen(theme.color("muted"))
            figure = place.adjusted(24, 0, -2, 0)
            draw(painter, figure, chance_text(alternative.score), 10, across=1.0)

    def _paint_chip(self, painter: QPainter, item: SyllableView, typed: str, place: QRectF) -> None:
        """The syllable; of a partial one the letters that are still to be typed are faint."""
        pen = QPen(theme.color("muted" if item.partial else "hairline"), 1)
        if item.partial:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush if item.partial else theme.color("hover"))
        painter.drawRoundedRect(place, 5, 5)
        known = len(typed) if item.partial and item.syllable.startswith(typed) else len(item.syllable)
        width = metrics_of(12).horizontalAdvance(item.syllable)
        start = QRectF(place.center().x() - width / 2, place.top(), width, place.height())
        painter.setPen(theme.color("text"))
        done = draw(painter, start, item.syllable[:known], 12) if known else 0.0
        if item.syllable[known:]:
            painter.setPen(theme.color("faint"))
            draw(painter, start.adjusted(done, 0, 0, 0), item.syllable[known:], 12)
