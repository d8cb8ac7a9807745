"""How someone types: sounds they do not tell apart, slips of the fingers. A button with a menu, remembered."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from studio.gui.i18n import tr
from studio.gui.settings import Settings
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon
from studio.runs.requests import FUZZY_PAIRS, FuzzyPair

_FUZZY, _SLIPS = "typing/fuzzy", "typing/slips"


class _LastingMenu(QMenu):
    """Stays open while something is ticked: few people mix up but one pair of sounds."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = cast(QAction | None, self.actionAt(event.position().toPoint()))  # none beside the items
        if action is not None and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


class TypingOptions(QToolButton):
    """`chosen` tells that something was switched on or off.

    Attributes:
        fuzzy: the pairs of sounds that are not told apart.
        slips: whether slips of the fingers are seen through.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = Settings()
        stored = self._settings.text(_FUZZY).split()
        self.fuzzy: tuple[FuzzyPair, ...] = tuple(pair for pair in FUZZY_PAIRS if pair in stored)
        self.slips = self._settings.text(_SLIPS, "on") == "on"
        self._menu = _LastingMenu(self)
        self._title = self._menu.addAction("")
        self._title.setEnabled(False)
        self._pairs: dict[FuzzyPair, QAction] = {}
        for pair in FUZZY_PAIRS:
            self._pairs[pair] = self._action(" / ".join(pair.split("_")), pair in self.fuzzy)
        self._menu.addSeparator()
        self._slips = self._action("", self.slips)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(16, 16))
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()

    def _action(self, text: str, checked: bool) -> QAction:
        action = self._menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(checked)
        action.toggled.connect(self._toggled)
        return action

    def _toggled(self) -> None:
        self.fuzzy = tuple(pair for pair, action in self._pairs.items() if action.isChecked())
        self.slips = self._slips.isChecked()
        self._settings.set_text(_FUZZY, " ".join(self.fuzzy))
        self._settings.set_text(_SLIPS, "on" if self.slips else "off")
        self._settings.save()
        self.chosen.emit()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._title.setText(tr("Fuzzy sounds: typed either way"))
        self._slips.setText(tr("See through slips of the fingers"))
        self.setToolTip(tr("How you type: fuzzy sounds and slips"))
        self.setAccessibleName(tr("How you type: fuzzy sounds and slips"))

    def _themed(self) -> None:
        self.setIcon(icon("settings"))
