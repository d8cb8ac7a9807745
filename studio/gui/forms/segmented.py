"""A few alternatives side by side, one of them chosen."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QPushButton, QWidget

from studio.gui.forms.words import choice_text

_A_ROW = 4  # as many alternatives stand side by side; more are laid out in two columns


class Segmented(QFrame):
    """Buttons of which exactly one is down; left and right move along them."""

    chosen = Signal(str)

    def __init__(self, choices: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        layout = self._grid = QGridLayout(self)
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
        self._arrange()
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
        if upright != self._upright:
            self._upright = upright
            self._arrange()

    def _arrange(self) -> None:
        shown = [button for button in self._buttons.values() if not button.isHidden()]
        columns = len(shown) if len(shown) <= _A_ROW else 2
        if self._upright and len(shown) > 2:
            columns = 1
        for number, button in enumerate(shown):
            self._grid.addWidget(button, *divmod(number, columns))

    def _show_offered(self) -> None:
        for choice, button in self._buttons.items():
            button.setVisible(self._offered is None or choice in self._offered or button.isChecked())
        self._arrange()
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
