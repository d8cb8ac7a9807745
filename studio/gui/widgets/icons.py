"""Icons from `resources/icons`, tinted with the palette; a missing file gives an empty icon, never an error."""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio import paths
from studio.gui.theme import theme

_cache: dict[tuple[str, str, str], QIcon] = {}


def icon(name: str, color: str = "text", disabled: str = "faint") -> QIcon:
    """The icon in a colour of the palette. Ask again when the theme changes."""
    key = (name, theme.color(color).name(), theme.color(disabled).name())
    if key not in _cache:
        made = QIcon()
        for mode, tint in (
            (QIcon.Mode.Normal, theme.color(color)),
            (QIcon.Mode.Disabled, theme.color(disabled)),
        ):
            for size in (16, 24, 32, 48):
                drawn = pixmap(name, size, tint)
                if drawn is None:
                    return QIcon()
                made.addPixmap(drawn, mode)
        _cache[key] = made
    return _cache[key]


def pixmap(name: str, size: int, tint: QColor, ratio: float = 1.0) -> QPixmap | None:
    """The icon drawn once, or None if there is no such file."""
    renderer = _renderer(name)
    if renderer is None:
        return None
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, drawn.width(), drawn.height()))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(drawn.rect(), tint)
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


@functools.cache
def _renderer(name: str) -> QSvgRenderer | None:
    """Read once; an icon is drawn in several sizes and colours."""
    try:
        renderer = QSvgRenderer(QByteArray((paths.resources() / "icons" / f"{name}.svg").read_bytes()))
    except OSError:
        return None
    return renderer if renderer.isValid() else None
