"""The candidates of a composition: sentences with their probability as a fine bar, words and characters in a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.i18n import tr
from studio.gui.ime_offers import Offer
from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of

ROWS = 5
ROW = 38
HEAD = 22
_DIM_AFTER = 90
_LEFT, _NUMBER, _FIGURE = 12, 22, 52
_CELL = 92  # as wide as number, two characters and some air
_ARROW = 26


class CandidateList(QWidget):
    """Shows one page of offers. Old ones stay, and dim if the new ones take long, until those come.

    `painted` follows the first painting of each new set of offers.
    """

    chosen = Signal(int)
    turned = Signal(int)
    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.candidates: tuple[Offer, ...] = ()
        self.fresh = True
        self.dimmed = False
        self.page, self.pages = 0, 1
        self.more = False
        self._picked = False
        self._hover = -1
        self._new = False
        self._dim = QTimer(self, singleShot=True, interval=_DIM_AFTER)
        self._dim.timeout.connect(self._dim_now)
        self.setMouseTracking(True)
        self.setMinimumHeight(HEAD + ROW * ROWS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_candidates(
        self,
        candidates: tuple[Offer, ...],
        *,
        fresh: bool,
        picked: bool = False,
        page: int = 0,
        pages: int = 1,
        more: bool = False,
    ) -> None:
        """Show a page; not `fresh` ones belong to letters that have changed since; `more`: than so many pages."""
        self._new = self._new or fresh
        before = self.candidates, self._picked, self.page, self.pages, self.more
        self.candidates, self.fresh, self._picked = candidates, fresh, picked
        self.page, self.pages, self.more = page, max(pages, 1), more
        if fresh:
            self._dim.stop()
            self.dimmed = False
        elif not self._dim.isActive() and not self.dimmed:
            self._dim.start()
        if not fresh and before == (candidates, picked, page, self.pages, more):
            return  # a key was pressed: what it changes is still to come, and should find nobody painting
        words = (f"{n}: {item.text}" for n, item in enumerate(candidates, 1))
        self.setAccessibleName(tr("Candidates"))
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, HEAD + ROW * ROWS)

    def place_of(self, number: int) -> QRectF:
        """Where an offer of the page stands."""
        return _places(self.candidates, self.width())[number]

    # --- events --------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._number_at(event.position())
        on_arrow = self._arrow_at(event.position()) != 0
        can = place >= 0 or on_arrow
        self.setCursor(Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor)
        if place != self._hover:
            self._hover = place
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        arrow = self._arrow_at(event.position())
        number = self._number_at(event.position())
        if arrow:
            self.turned.emit(arrow)
        elif number >= 0 and self.fresh:
            self.chosen.emit(number)

    def _number_at(self, point: QPointF) -> int:
        places = _places(self.candidates, self.width())
        return next((number for number, place in enumerate(places) if place.contains(point)), -1)

    def _arrow_at(self, point: QPointF) -> int:
        if self.pages < 2 or point.y() > HEAD or point.x() < self._back().left():
            return 0
        return -1 if point.x() < self._back().right() else 1 if point.x() > self._onwards().left() else 0

    def _onwards(self) -> QRectF:
        return QRectF(self.width() - _LEFT - _ARROW + 8, 0, _ARROW, HEAD)

    def _back(self) -> QRectF:
        between = metrics_of(12).horizontalAdvance(self._page_text()) + 8
        return QRectF(self._onwards().left() - between - _ARROW, 0, _ARROW, HEAD)

    def _page_text(self) -> str:
        return f"{self.page + 1}/{self.pages}" + "+" * self.more

    def _dim_now(self) -> None:
        self.dimmed = not self.fresh
        self.update()

    # --- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.color("muted"))
        draw(painter, QRectF(_LEFT, 0, self.width() - 2 * _LEFT, HEAD), tr("Candidates"), 12)
        if self.pages > 1:
            self._paint_pages(painter)
        for number, place in enumerate(_places(self.candidates, self.width())):
            self._paint_offer(painter, number, place)
        painter.end()
        if self._new and self.fresh:
            self._new = False
            self.painted.emit()

    def _paint_pages(self, painter: QPainter) -> None:
        back, onwards = self._back(), self._onwards()
        between = QRectF(back.right(), 0, onwards.left() - back.right(), HEAD)
        draw(painter, between, self._page_text(), 12, across=0.5)
        for place, sign, can in ((back, "‹", self.page > 0), (onwards, "›", self.page + 1 < self.pages)):
            painter.setPen(theme.color("text" if can else "faint"))
            draw(painter, place, sign, 15, across=0.5)

    def _paint_offer(self, painter: QPainter, number: int, place: QRectF) -> None:
        item = self.candidates[number]
        best = number == 0 and self.page == 0
        painter.setOpacity(1.0)
        if number == self._hover:
            painter.fillRect(place, theme.color("hover"))
        painter.setOpacity(0.45 if self.dimmed else 1.0)
        left, height = place.left() + _LEFT, place.height()
        line = height - 5 if item.sentence else height
        painter.setPen(theme.color("accent_ink" if best else "muted"))
        draw(painter, QRectF(left, place.top(), _NUMBER, line), str(number + 1), 13)
        left += _NUMBER
        room = place.right() - left - (_FIGURE + _LEFT if item.sentence else 4)
        largest = 24 if height > 32 else 20
        pixels = largest if len(item.text) * (largest + 1) <= room else 16
        text = item.text
        if len(text) * (pixels + 1) > room:
            text = metrics_of(pixels).elidedText(text, Qt.TextElideMode.ElideLeft, room)
        painter.setPen(theme.color("text"))
        width = draw(painter, QRectF(left, place.top(), room, line), text, pixels)
        if not item.sentence:
            return
        if best and self._picked:
            painter.setPen(theme.color("jade"))
            draw(painter, QRectF(left + width + 8, place.top(), 80, line), tr("picked"), 11)
        self._paint_chance(painter, place, item.score, best)

    def _paint_chance(self, painter: QPainter, place: QRectF, score: float, best: bool) -> None:
        right, bottom = place.right() - _LEFT, place.bottom()
        painter.setPen(theme.color("muted"))
        figure = QRectF(right - _FIGURE, place.top(), _FIGURE, place.height() - 5)
        draw(painter, figure, chance_text(score), 12, across=1.0)
        left = _LEFT + _NUMBER
        painter.fillRect(QRectF(left, bottom - 4, right - left, 1), theme.color("hairline"))
        share = min(max(score, 0.0), 1.0)
        ink = theme.color("accent" if best else "muted")
        painter.fillRect(QRectF(left, bottom - 5, (right - left) * share, 2), ink)


def _places(offers: Sequence[Offer], width: int) -> list[QRectF]:
    """Where offers stand: sentences in lines of their own, the others in as many columns as there is room for."""
    columns = max(1, int((width - _LEFT) // _CELL))
    cell = (width - _LEFT) / columns
    spots: list[tuple[int, int, int]] = []  # line, column, columns taken
    line, column = 0, 0
    for offer in offers:
        wide = columns
        if not offer.sentence:
            wide = min(columns, math.ceil((_LEFT + _NUMBER + 25 * len(offer.text)) / cell))
        if column and column + wide > columns:
            line, column = line + 1, 0
        spots.append((line, column, columns if offer.sentence else wide))
        column += wide
        if column >= columns:
            line, column = line + 1, 0
    lines = line + bool(column)
    height = min(ROW, ROW * ROWS / max(lines, 1))
    return [
        QRectF(
            first * cell,
            HEAD + line * height,
            width if taken == columns and not first else taken * cell,
            height,
        )
        for line, first, taken in spots
    ]


def chance_text(score: float) -> str:
    """A probability as people read it."""
    if score >= 0.0995:
        return f"{100 * score:.0f}%"
    return f"{100 * score:.1f}%" if score >= 0.0005 else "<0.1%"
