"""A heading that folds what stands under it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget


class Disclosure(QToolButton):
    """A small arrow and a text; a click, Space, or left and right fold and unfold."""

    toggled_open = Signal(bool)

    def __init__(self, is_open: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open = is_open
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.clicked.connect(self._flip)

    @property
    def is_open(self) -> bool:
        """Whether what stands under it is shown."""
        return self._open

    def set_open(self, is_open: bool) -> None:
        if is_open != self._open:
            self._open = is_open
            self.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
            self.toggled_open.emit(is_open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.set_open(event.key() == Qt.Key.Key_Right)
            return
        super().keyPressEvent(event)

    def _flip(self) -> None:
        self.set_open(not self._open)
