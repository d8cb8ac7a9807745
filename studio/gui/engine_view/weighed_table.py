"""The characters that a syllable may be, weighed by the network, by counts, and by both together."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import NONE
from studio.gui.widgets.set_text import draw
from studio.runs.explanations import Weighed

_HEAD, _ROW, _HANZI = 24.0, 25.0, 34.0


class WeighedTable(QWidget):
    """One row a character, three bars in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ""
        self.rows: tuple[Weighed, ...] = ()
        self.setMinimumSize(210, round(_HEAD + 2 * _ROW))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_weighed(self, title: str, rows: tuple[Weighed, ...]) -> None:
        """Show the characters of a syllable."""
        self.title, self.rows = title, rows
        self.setAccessibleName(tr("Characters of {syllable}", syllable=title))
        said = [f"{one.text} {_share(one.network)} {_share(one.counts)} {_share(one.fused)}" for one in rows]
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(250, round(_HEAD + 6 * _ROW))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        column = (self.width() - _HANZI - 6) / 3
        painter.setPen(theme.color("text"))
        draw(painter, QRectF(4, 0, _HANZI + 10, _HEAD), self.title, 12)
        painter.setPen(theme.color("muted"))
        for number, head in enumerate((tr("network"), tr("counts"), tr("both"))):
            left = _HANZI + column * number
            draw(painter, QRectF(left, 0, column - 6, _HEAD), head, 11, across=1.0)
        inks = (theme.series(2), theme.series(1), theme.color("accent"))
        for row, one in enumerate(self.rows[: max(1, int((self.height() - _HEAD) // _ROW))]):
            top = _HEAD + _ROW * row
            painter.setPen(theme.color("accent_ink" if row == 0 else "text"))
            draw(painter, QRectF(2, top, _HANZI - 6, _ROW), one.text, 19, across=0.5)
            for number, share in enumerate((one.network, one.counts, one.fused)):
                place = QRectF(_HANZI + column * number, top, column - 6, _ROW)
                painter.fillRect(
                    QRectF(place.left() + 4, place.bottom() - 4, place.width() - 4, 2),
                    theme.color("hairline"),
                )
                if share:
                    width = max((place.width() - 4) * share, 1.0)
                    painter.fillRect(QRectF(place.left() + 4, place.bottom() - 4, width, 2), inks[number])
                painter.setPen(theme.color("muted" if share is None else "text"))
                draw(painter, place.adjusted(0, -3, 0, -3), _share(share), 11, across=1.0)


def _share(share: float | None) -> str:
    if share is None:
        return NONE
    return "<0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}%"
