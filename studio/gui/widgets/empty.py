"""What a place shows while it has nothing to show: an icon, one line, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.gui.theme import theme
from studio.gui.widgets.icons import pixmap

_ROOM_FOR_ICON = 190  # pixels of height


class EmptyState(QWidget):
    """Centred icon, title and text, with a button where one thing is to be done."""

    def __init__(self, icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.title.setProperty("role", "heading")
        self.text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.text.setProperty("role", "caption")
        self.button = QPushButton()
        self.button.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 24, 8)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self._icon)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def say(self, title: str, text: str = "", button: str = "") -> None:
        """Set the words; an empty one hides its place."""
        for label, words in ((self.title, title), (self.text, text), (self.button, button)):
            label.setText(words)
            label.setVisible(bool(words))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The icon is the first to go where there is little room."""
        super().resizeEvent(event)
        self._icon.setVisible(self._has_icon and self.height() >= _ROOM_FOR_ICON)

    def _paint_icon(self) -> None:
        drawn = (
            pixmap(self._icon_name, 40, theme.color("faint"), self.devicePixelRatioF())
            if self._icon_name
            else None
        )
        self._has_icon = drawn is not None
        self._icon.setVisible(self._has_icon and self.height() >= _ROOM_FOR_ICON)
        if drawn is not None:
            self._icon.setPixmap(drawn)
