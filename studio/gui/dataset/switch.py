"""Which view of the data is shown: a few words side by side, in two lines in a narrow pane."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.gui.forms.segmented import Segmented
from studio.gui.i18n import tr

VIEWS = ("sources", "rows", "statistics", "splits", "vocabulary", "doctor", "batches")


class ViewSwitch(Segmented):
    """One of the views is always chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(list(VIEWS), parent)
        self.setStyleSheet("QPushButton { padding: 4px 3px; min-width: 0; }")
        self._lines = (QHBoxLayout(), QHBoxLayout())
        for number, line in enumerate(self._lines):
            line.setSpacing(2)
            self._grid.addLayout(line, number, 0)
        self._crowded: bool | None = None
        for button in self._buttons.values():
            button.setMinimumWidth(0)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_value(VIEWS[0])
        self._arrange()

    def choose(self, view: str) -> None:
        """Choose without a signal; the keyboard goes along if it is here."""
        here = any(button.hasFocus() for button in self._buttons.values())
        self.set_value(view)
        if here:
            self._buttons[view].setFocus()

    def retranslate(self) -> None:
        titles = {
            "sources": (tr("Sources"), tr("Where the texts come from, and how they are cleaned and split")),
            "rows": (tr("Rows"), tr("Every row of a source as it stands")),
            "statistics": (tr("Statistics"), tr("What the data hold, counted")),
            "splits": (tr("Splits"), tr("What is learnt from and what judges, side by side")),
            "vocabulary": (tr("Vocabulary"), tr("Which symbols there are, and what becomes unknown")),
            "doctor": (tr("Doctor"), tr("What is wrong with the data, and what is done about it")),
            "batches": (tr("Batches"), tr("What the model sees: batches exactly as they are fed")),
        }
        for choice, button in self._buttons.items():
            title, why = titles[choice]
            button.setText(title)
            button.setAccessibleName(title)
            button.setToolTip(why)
        self.setAccessibleName(tr("View of the data"))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """One line where all words fit side by side, else two."""
        if not hasattr(self, "_lines"):  # words are set while the buttons are made
            return
        buttons = list(self._buttons.values())
        crowded = sum(button.sizeHint().width() + 2 for button in buttons) + 4 > self.width()
        if crowded == self._crowded:
            return
        self._crowded = crowded
        first = (len(buttons) + 1) // 2 if crowded else len(buttons)
        for place, button in enumerate(buttons):
            for line in self._lines:
                line.removeWidget(button)
            self._grid.removeWidget(button)
            self._lines[place >= first].addWidget(button)
        self._grid.activate()  # not one paint later
