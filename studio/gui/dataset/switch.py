"""Which view of the data is shown: a few words side by side, narrow enough for a narrow pane."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from studio.gui.forms.segmented import Segmented
from studio.gui.i18n import tr

VIEWS = ("sources", "rows", "statistics", "doctor", "batches")


class ViewSwitch(Segmented):
    """One of the views is always chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(list(VIEWS), parent)
        # Five words side by side in 320 pixels.
        self.setStyleSheet("QPushButton { padding: 4px 3px; min-width: 0; }")
        for button in self.findChildren(QPushButton):
            button.setMinimumWidth(30)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_value(VIEWS[0])

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
            "doctor": (tr("Doctor"), tr("What is wrong with the data, and what is done about it")),
            "batches": (tr("Batches"), tr("What the model sees: batches exactly as they are fed")),
        }
        for choice, button in self._buttons.items():
            title, why = titles[choice]
            button.setText(title)
            button.setAccessibleName(title)
            button.setToolTip(why)
        self.setAccessibleName(tr("View of the data"))
