"""A text whose words or names stand in boxes, each with its label under it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.gui.playgrounds.labels import color_of, name_of
from studio.gui.theme import theme
from studio.gui.widgets.set_text import draw, metrics_of
from studio.runs.tagging_requests import LabelledSpan

_LETTERS, _LABEL = 19, 11
_WORD, _UNDER, _BETWEEN = 30.0, 15.0, 6.0
_INSIDE, _GAP = 5.0, 3.0


@dataclass(frozen=True)
class _Piece:
    """What stands together: a span, a part of one that is wider than a line, or a character between spans."""

    text: str
    label: str
    place: QRectF


class SpanText(QWidget):
    """Boxes for spans, plain characters between; colours go by label, and the labels can be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.spans: tuple[LabelledSpan, ...] = ()
        self.labels: tuple[str, ...] = ()
        self._pieces: list[_Piece] = []
        self._tops: list[float] = []
        self._firsts: list[int] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_spans(self, text: str, spans: Sequence[LabelledSpan], labels: Sequence[str]) -> None:
        """Show a text; `labels` are all that there are. Where there is only one, it is not written under each word."""
        self.text, self.spans, self.labels = text, tuple(spans), tuple(labels)
        said = (f"{text[one.start : one.end]} {name_of(one.label)}" for one in spans)
        plain = (text[one.start : one.end] for one in spans)
        self.setAccessibleDescription(
            ("; " if self._labelled else " ").join(said if self._labelled else plain)
        )
        self._lay_out(self.width())
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.update()

    @property
    def _labelled(self) -> bool:
        return len(self.labels) > 1

    @property
    def _line(self) -> float:
        return _WORD + _BETWEEN + (_UNDER if self._labelled else 0.0)

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(self._line))

    def heightForWidth(self, width: int) -> int:
        tops = self._tops if width == self.width() else self._set(width)[1]
        return round((tops[-1] if tops else 0.0) + self._line + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out(self.width())
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = max(0, bisect_right(self._tops, event.rect().top()) - 1)
        for piece in self._pieces[self._firsts[line] if self._firsts else 0 :]:
            if piece.place.top() > event.rect().bottom():
                break
            self._paint(painter, piece)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = next((one for one in self._pieces if one.place.contains(event.pos().toPointF())), None)
            if found is not None and found.label and self._labelled:
                QToolTip.showText(
                    event.globalPos(), f"{found.text} · {name_of(found.label)} ({found.label})", self
                )
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _paint(self, painter: QPainter, piece: _Piece) -> None:
        place = piece.place
        word = QRectF(place.left(), place.top() + 1, place.width(), _WORD - 2)
        if piece.label:
            color = color_of(piece.label, self.labels)
            edge, soft = QColor(color), QColor(color)
            edge.setAlphaF(0.55)
            soft.setAlphaF(0.16)
            painter.setPen(QPen(edge, 1.0))
            painter.setBrush(soft)
            painter.drawRoundedRect(word.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            if self._labelled:
                painter.setPen(color)
                under = QRectF(place.left(), word.bottom(), place.width(), _UNDER)
                draw(painter, under, piece.label, _LABEL, across=0.5)
        painter.setPen(theme.color("text"))
        if not piece.text.isspace():
            draw(painter, word, piece.text, _LETTERS, across=0.5)

    def _lay_out(self, width: int) -> None:
        self._pieces, self._tops, self._firsts = self._set(width)

    def _set(self, width: int) -> tuple[list[_Piece], list[float], list[int]]:
        """What stands where, where the lines begin, and with which piece."""
        pieces: list[_Piece] = []
        tops, firsts, x = [0.0], [0], 0.0
        letters, small = metrics_of(_LETTERS), metrics_of(_LABEL)
        known: dict[tuple[str, str], float] = {}
        for text, label in self._parts(width):
            if text == "\n":
                x = 0.0
                tops.append(tops[-1] + self._line)
                firsts.append(len(pieces))
                continue
            size = known.get((text, label))
            if size is None:
                size = letters.horizontalAdvance(text) + (2 * _INSIDE if label else 0)
                if label and self._labelled:
                    size = max(size, small.horizontalAdvance(label) + 2)
                known[text, label] = size
            if x and x + size > width:
                x = 0.0
                tops.append(tops[-1] + self._line)
                firsts.append(len(pieces))
            pieces.append(_Piece(text, label, QRectF(x, tops[-1], size, self._line)))
            x += size + (_GAP if label else 0)
        return pieces, tops, firsts

    def _parts(self, width: int) -> list[tuple[str, str]]:
        """Spans and the characters between them; a span that no line holds is cut."""
        most = max(1, int((width - 2 * _INSIDE) // metrics_of(_LETTERS).horizontalAdvance("国")))
        parts: list[tuple[str, str]] = []
        end = 0
        for span in self.spans:
            parts += [(character, "") for character in self.text[end : span.start]]
            inside = self.text[span.start : span.end]
            parts += [(inside[at : at + most], span.label) for at in range(0, len(inside), most)]
            end = span.end
        return parts + [(character, "") for character in self.text[end:]]
