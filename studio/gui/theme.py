"""Light, dark and system themes: one `Palette` becomes Qt's palette, the stylesheet and the colours of plots."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from studio import paths
from studio.gui.palette import DARK, LIGHT, Palette
from studio.gui.stylesheet import stylesheet

MODES = ("system", "light", "dark")
FAMILY = "Hanzi Studio Sans"
FALLBACKS = ["Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei UI", "WenQuanYi Micro Hei"]


@cache
def _color(name: str, alpha: float) -> QColor:
    """Made once: a painter asks for some at each of its strokes."""
    color = QColor(name)
    color.setAlphaF(alpha)
    return color


class Theme(QObject):
    """The theme in force. Widgets that paint for themselves read `palette` and repaint on `changed`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode = "system"
        self.palette: Palette = LIGHT
        self._family: str | None = None
        self._watched = False

    def set_mode(self, mode: str) -> None:
        """Switch to light, dark or whatever the system says."""
        self.mode = mode if mode in MODES else "system"
        self._apply()

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        """A colour of the palette by name, for painters and plots."""
        return QColor(_color(getattr(self.palette, name), alpha))

    def series(self, index: int) -> QColor:
        """The colour of the curve with this index."""
        return QColor(self.palette.series[index % len(self.palette.series)])

    def hanzi_font(self, pixels: int, bold: bool = False) -> QFont:
        """The bundled font in the size that hanzi are shown in."""
        font = QFont([self._family or FAMILY, *FALLBACKS])
        font.setPixelSize(pixels)
        font.setBold(bold)
        return font

    def _resolve(self) -> Palette:
        if self.mode == "system":
            dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self.mode == "dark" else LIGHT

    def _apply(self) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        palette = self._resolve()
        if self._watched and palette is self.palette:
            return  # a stylesheet set again is worked out again for every widget: half a second
        if not self._watched:
            self._watched = True
            app.styleHints().colorSchemeChanged.connect(self._system_changed)
            app.setStyle(QStyleFactory.create("Fusion"))
        self._load_font(app)
        self.palette = palette
        app.setPalette(qt_palette(self.palette))
        app.setStyleSheet(stylesheet(self.palette))
        self.changed.emit()

    def _system_changed(self) -> None:
        if self.mode == "system":
            self._apply()

    def _load_font(self, app: QApplication) -> None:
        """Load the bundled font once, so that no machine shows boxes for hanzi."""
        if self._family is not None:
            return
        families: list[str] = []
        for file in sorted((paths.resources() / "fonts").glob("*.otf")):
            number = QFontDatabase.addApplicationFont(str(file))
            families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        self._family = families[0] if families else ""
        font = QFont([*families[:1], *FALLBACKS])
        font.setPixelSize(13)
        app.setFont(font)


def qt_palette(colors: Palette) -> QPalette:
    """Qt's palette, for what the stylesheet does not reach."""
    palette = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: colors.surface,
        role.WindowText: colors.text,
        role.Base: colors.sunken,
        role.AlternateBase: colors.raised,
        role.Text: colors.text,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.accent_text,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.selection,
        role.HighlightedText: colors.text,
        role.Link: colors.accent_ink,
        role.LinkVisited: colors.accent_ink,
        role.Light: colors.raised,
        role.Midlight: colors.hover,
        role.Mid: colors.hairline,
        role.Dark: colors.hairline_strong,
        role.Shadow: colors.hairline_strong,
        role.Accent: colors.accent,
    }
    for name, value in pairs.items():
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.faint))
    return palette


def mark(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the stylesheet looks at, and make the change show."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


theme = Theme()
