"""The network of the draft, drawn; it follows the settings."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from studio.gui.estimator import Estimator
from studio.gui.forms.disclosure import Disclosure
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.network_outline import NetworkOutline


class ModelOutline(QFrame):
    """A card that unfolds into the drawing. Drawn only while it is open."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._estimator = Estimator.of(session)
        self.setProperty("role", "card")
        self.heading = Disclosure(False, self)
        self.heading.toggled_open.connect(self._show)
        self.drawing = NetworkOutline(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 12, 6)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(self.drawing)
        self._estimator.changed.connect(self._show)
        self.retranslate()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.heading.setText(tr("Outline of the network"))
        self.drawing.setAccessibleName(tr("Outline of the network"))
        self._show()

    def _show(self) -> None:
        estimate = self._estimator.estimate
        parts = estimate.outline if estimate is not None else ()
        self.setVisible(bool(parts))
        self.drawing.setVisible(self.heading.is_open)
        if self.heading.is_open:
            self.drawing.show_parts(parts)
