"""A few alternatives side by side, one of them chosen."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QPushButton, QWidget

from studio.gui.forms.words import choice_text


class Segmented(QFrame):
    """Buttons of which exactly one is down; left and right move along them."""

    chosen = Signal(str)

    def __init__(self, choices: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        layout = self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._offered: frozenset[str] | None = None
        self._upright = False
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for choice in choices:
            button = QPushButton(self)
            button.setCheckable(True)
            button.setProperty("quiet", "true")
            button.setMinimumWidth(40)
            self._buttons[choice] = button
            self._group.addButton(button)
            layout.addWidget(button)
        self._group.buttonClicked.connect(self._clicked)
        self.retranslate()

    def value(self) -> str:
        """The chosen alternative; empty before any was."""
        return next((choice for choice, button in self._buttons.items() if button.isChecked()), "")

    def set_value(self, value: str) -> None:
        """Choose without a signal."""
        if value in self._buttons:
            self._buttons[value].setChecked(True)
        for choice, button in self._buttons.items():
            taken = choice == (value if value in self._buttons else next(iter(self._buttons)))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if taken else Qt.FocusPolicy.ClickFocus)
        if self._offered is not None:
            self._show_offered()

    def offer(self, choices: Collection[str]) -> None:
        """Show these alternatives only, and the chosen one."""
        self._offered = frozenset(choices)
        self._show_offered()

    def set_upright(self, upright: bool) -> None:
        """One below the other, where there is no room for three side by side."""
        crowded = upright and sum(not button.isHidden() for button in self._buttons.values()) > 2
        direction = QBoxLayout.Direction
        self._line.setDirection(direction.TopToBottom if crowded else direction.LeftToRight)
        self._upright = upright

    def _show_offered(self) -> None:
        for choice, button in self._buttons.items():
            button.setVisible(self._offered is None or choice in self._offered or button.isChecked())
        self.set_upright(self._upright)
        self._line.invalidate()
        self.updateGeometry()

    def retranslate(self) -> None:
        for choice, button in self._buttons.items():
            button.setText(choice_text(choice))
            button.setAccessibleName(choice_text(choice))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() not in moves:
            super().keyPressEvent(event)
            return
        choices = [choice for choice, button in self._buttons.items() if not button.isHidden()]
        now = choices.index(self.value()) if self.value() else 0
        wanted = choices[min(max(now + moves[Qt.Key(event.key())], 0), len(choices) - 1)]
        self._buttons[wanted].setFocus()
        self._buttons[wanted].click()

    def _clicked(self) -> None:
        self.set_value(self.value())
        self.chosen.emit(self.value())
