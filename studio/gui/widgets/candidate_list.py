"""The candidates of a composition: numbered, large, each with its probability as a fine bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of
from studio.runs.events import Candidate

ROWS = 5
ROW = 38
_HEAD = 22
_DIM_AFTER = 90
_LEFT, _NUMBER, _FIGURE = 12, 22, 52


class CandidateList(QWidget):
    """Shows one page of candidates. Old ones stay, and dim if the new ones take long, until those come.

    `painted` follows the first painting of each new set of candidates.
    """

    chosen = Signal(int)
    turned = Signal(int)
    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.candidates: tuple[Candidate, ...] = ()
        self.fresh = True
        self.dimmed = False
        self.page, self.pages = 0, 1
        self._picked = False
        self._hover = -1
        self._new = False
        self._dim = QTimer(self, singleShot=True, interval=_DIM_AFTER)
        self._dim.timeout.connect(self._dim_now)
        self.setMouseTracking(True)
        self.setMinimumHeight(_HEAD + ROW * ROWS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_candidates(
        self,
        candidates: tuple[Candidate, ...],
        *,
        fresh: bool,
        picked: bool = False,
        page: int = 0,
        pages: int = 1,
    ) -> None:
        """Show a page; not `fresh` ones belong to letters that have changed since."""
        self._new = self._new or fresh
        self.candidates, self.fresh, self._picked = candidates, fresh, picked
        self.page, self.pages = page, max(pages, 1)
        if fresh:
            self._dim.stop()
            self.dimmed = False
        elif not self._dim.isActive() and not self.dimmed:
            self._dim.start()
        words = (f"{n}: {item.text}" for n, item in enumerate(candidates, 1))
        self.setAccessibleName(tr("Candidates"))
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, _HEAD + ROW * ROWS)

    # --- events --------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position())
        if row != self._hover:
            self._hover = row
            on_arrow = self._arrow_at(event.position()) != 0
            can = row >= 0 or on_arrow
            self.setCursor(Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        arrow = self._arrow_at(event.position())
        row = self._row_at(event.position())
        if arrow:
            self.turned.emit(arrow)
        elif row >= 0 and self.fresh:
            self.chosen.emit(row)

    def _row_at(self, point: QPointF) -> int:
        row = int((point.y() - _HEAD) // ROW)
        return row if point.y() >= _HEAD and 0 <= row < len(self.candidates) else -1

    def _arrow_at(self, point: QPointF) -> int:
        if self.pages < 2 or point.y() > _HEAD or point.x() < self.width() - 70:
            return 0
        return -1 if point.x() < self.width() - 35 else 1

    def _dim_now(self) -> None:
        self.dimmed = not self.fresh
        self.update()

    # --- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.color("muted"))
        head = QRectF(_LEFT, 0, self.width() - 2 * _LEFT, _HEAD)
        draw(painter, head, tr("Candidates"), 12)
        if self.pages > 1:
            draw(painter, head, f"‹   {self.page + 1}/{self.pages}   ›", 12, across=1.0)
        for number, item in enumerate(self.candidates[:ROWS]):
            self._paint_row(painter, number, item)
        painter.end()
        if self._new and self.fresh:
            self._new = False
            self.painted.emit()

    def _paint_row(self, painter: QPainter, number: int, item: Candidate) -> None:
        top = _HEAD + number * ROW
        best = number == 0 and self.page == 0
        painter.setOpacity(1.0)
        if number == self._hover:
            painter.fillRect(QRectF(0, top, self.width(), ROW), theme.color("hover"))
        painter.setOpacity(0.45 if self.dimmed else 1.0)
        painter.setPen(theme.color("accent_ink" if best else "muted"))
        draw(painter, QRectF(_LEFT, top, _NUMBER, ROW - 5), str(number + 1), 13)
        left = _LEFT + _NUMBER
        room = self.width() - left - _FIGURE - _LEFT
        pixels = 24 if len(item.text) * 25 <= room else 18
        text = item.text
        if len(text) * (pixels + 1) > room:
            text = metrics_of(pixels).elidedText(text, Qt.TextElideMode.ElideLeft, room)
        painter.setPen(theme.color("text"))
        width = draw(painter, QRectF(left, top, room, ROW - 5), text, pixels)
        if best and self._picked:
            painter.setPen(theme.color("jade"))
            draw(painter, QRectF(left + width + 8, top, 80, ROW - 5), tr("picked"), 11)
        self._paint_chance(painter, top, item.score, best)

    def _paint_chance(self, painter: QPainter, top: float, score: float, best: bool) -> None:
        right = self.width() - _LEFT
        painter.setPen(theme.color("muted"))
        draw(painter, QRectF(right - _FIGURE, top, _FIGURE, ROW - 5), chance_text(score), 12, across=1.0)
        left = _LEFT + _NUMBER
        painter.fillRect(QRectF(left, top + ROW - 4, right - left, 1), theme.color("hairline"))
        share = min(max(score, 0.0), 1.0)
        ink = theme.color("accent" if best else "muted")
        painter.fillRect(QRectF(left, top + ROW - 5, (right - left) * share, 2), ink)


def chance_text(score: float) -> str:
    """A probability as people read it."""
    if score >= 0.0995:
        return f"{100 * score:.0f}%"
    return f"{100 * score:.1f}%" if score >= 0.0005 else "<0.1%"
