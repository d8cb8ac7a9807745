"""A network drawn part by part, in the order in which it is gone through, with shapes and numbers of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import count, short_count
from studio.gui.widgets.set_text import draw, metrics_of
from studio.runs.estimates import NetworkPart

_ROW, _GAP, _INDENT, _EDGE = 23.0, 11.0, 14.0, 8.0
_NUMBER = 58.0  # for the number of parameters
_SHAPE_FROM = 300  # a narrower drawing leaves shapes to its tooltips


@dataclass(frozen=True)
class _Row:
    part: NetworkPart
    depth: int
    times: int  # that the part occurs in all
    top: float


@dataclass(frozen=True)
class _Box:
    top: float
    bottom: float


class NetworkOutline(QWidget):
    """One box a part; what it is made of stands in it, indented. A bar shows its share of all parameters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._boxes: list[_Box] = []
        self._all = 1
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_parts(self, parts: Sequence[NetworkPart]) -> None:
        """Draw these."""
        self._rows, self._boxes = [], []
        self._all = max(1, sum(part.parameters * part.times for part in parts))
        top = 0.0
        for part in parts:
            begin = top
            for one, depth, times in _walk(part, 0, 1):
                self._rows.append(_Row(one, depth, times, top))
                top += _ROW
            self._boxes.append(_Box(begin, top))
            top += _GAP
        self.setAccessibleDescription("; ".join(_said(row) for row in self._rows if not row.depth))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        bottom = self._boxes[-1].bottom if self._boxes else 0.0
        return QSize(260, round(bottom) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_boxes(painter)
        for row in self._rows:
            self._paint_row(painter, row)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), _tip(row) if row else "", self)
            return True
        return super().event(event)

    def _text(self, painter: QPainter, place: QRectF, text: str, pixels: int) -> None:
        fits = metrics_of(pixels).elidedText(text, Qt.TextElideMode.ElideRight, round(place.width()))
        draw(painter, place, fits, pixels)

    def _row_at(self, y: float) -> _Row | None:
        return next((row for row in self._rows if row.top <= y < row.top + _ROW), None)

    def _paint_boxes(self, painter: QPainter) -> None:
        width, middle = self.width() - 1.0, self.width() / 2
        for number, box in enumerate(self._boxes):
            painter.setPen(QPen(theme.color("hairline_strong"), 1))
            painter.setBrush(theme.color("sunken"))
            painter.drawRoundedRect(QRectF(0.5, box.top + 0.5, width - 0.5, box.bottom - box.top), 5, 5)
            if number + 1 < len(self._boxes):
                tip = box.bottom + _GAP
                painter.drawLine(QPointF(middle, box.bottom + 1), QPointF(middle, tip - 4))
                painter.setBrush(theme.color("hairline_strong"))
                painter.drawPolygon(
                    QPolygonF(
                        [
                            QPointF(middle - 3.5, tip - 5),
                            QPointF(middle + 3.5, tip - 5),
                            QPointF(middle, tip),
                        ]
                    )
                )

    def _paint_row(self, painter: QPainter, row: _Row) -> None:
        part = row.part
        left = _EDGE + _INDENT * row.depth
        right = self.width() - _EDGE
        frozen = part.parameters > 0 and not part.learnt
        painter.setPen(theme.color("faint" if frozen else "text" if not row.depth else "muted"))
        shown = self.width() >= _SHAPE_FROM and part.shape
        until = self.width() * 0.52 if shown else right - _NUMBER
        self._text(painter, QRectF(left, row.top, until - left - 6, _ROW), _title(part), 12)
        if shown:
            painter.setPen(theme.color("muted"))
            self._text(painter, QRectF(until, row.top, right - _NUMBER - until, _ROW), part.shape, 11)
        if not part.parameters:
            return
        painter.setPen(theme.color("faint" if frozen else "text" if not row.depth else "muted"))
        draw(
            painter,
            QRectF(right - _NUMBER, row.top, _NUMBER, _ROW),
            short_count(part.parameters * part.times),
            11,
            across=1.0,
        )
        share = part.parameters * row.times / self._all
        ink = (
            theme.color("hairline_strong")
            if frozen
            else theme.color("accent", 1.0 if not row.depth else 0.45)
        )
        painter.fillRect(QRectF(left, row.top + _ROW - 3, max((right - left) * share, 1.0), 1.5), ink)


def _walk(part: NetworkPart, depth: int, times: int) -> Iterator[tuple[NetworkPart, int, int]]:
    times *= part.times
    yield part, depth, times
    for inner in part.parts:
        yield from _walk(inner, depth + 1, times)


def kind_text(kind: str) -> str:
    """What a part is, in the window's language."""
    return {
        "embedding": tr("Embedding"),
        "one_hot": tr("One-hot input"),
        "ngrams": tr("Hashed n-grams"),
        "norm": tr("Normalisation"),
        "layer": tr("Transformer layer"),
        "pretrained": tr("Pretrained encoder"),
        "pretrained_decoder": tr("Decoder (transformers)"),
        "encoder": tr("Encoder"),
        "decoder": tr("Decoder"),
        "network": tr("Network"),
        "attention": tr("Attention"),
        "feed_forward": tr("Feed-forward"),
        "recurrent": tr("Recurrent layer"),
        "convolution": tr("Convolution"),
        "candidates": tr("Scores of candidates"),
        "pooling": tr("Pooling"),
        "crf": tr("Chain of labels (CRF)"),
        "linear": tr("Linear layer"),
        "own": tr("Tables and biases"),
    }.get(kind, tr("Part"))


def _purpose(name: str) -> str:
    """What a part is for, told from the last word of its name; empty if that says nothing."""
    return {
        "project_in": tr("Queries, keys, values"),
        "project_out": tr("Output of the attention"),
        "expand": tr("Feed-forward, in"),
        "contract": tr("Feed-forward, out"),
        "head": tr("Output"),
        "output": tr("Output"),
        "detect": tr("What is wrong"),
        "transform": tr("Before the output"),
        "written": tr("What is written"),
        "wpe": tr("Positions"),
        "embed_positions": tr("Positions"),
        "query": tr("Queries of the attention"),
        "combine": tr("Output of the attention"),
    }.get(name.rpartition(".")[2], "")


def _title(part: NetworkPart) -> str:
    purpose = _purpose(part.name)
    text = kind_text(part.kind)
    if purpose:
        text = purpose if part.kind == "linear" else f"{text}: {purpose}"
    return f"{text} × {part.times}" if part.times > 1 else text


def _said(row: _Row) -> str:
    return " ".join(
        bit for bit in (_title(row.part), row.part.shape, count(row.part.parameters * row.part.times)) if bit
    )


def _tip(row: _Row) -> str:
    part = row.part
    lines = [_title(part), part.name, part.shape]
    if part.parameters:
        lines.append(tr("{count} parameters", count=count(part.parameters * row.times)))
        if part.learnt < part.parameters:
            lines.append(tr("{count} of them are learnt", count=count(part.learnt * row.times)))
    return "\n".join(line for line in lines if line)
