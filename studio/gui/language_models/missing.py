"""A note on language models that a model was weighed with and that are not on this computer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel, QWidget

from studio.gui.i18n import tr
from studio.runs import fusion, language_models
from studio.runs.fusion import FusionError


class MissingNote(QLabel):
    """Seen only where something is missing, and says what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: str | None = None
        self.setProperty("role", "warning")
        self.setWordWrap(True)
        self.setContentsMargins(14, 0, 12, 6)
        self.hide()

    def show_for(self, model: str | None) -> None:
        """Look at the run or folder that is typed with, if there is any."""
        self._model = model
        self.retranslate()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        gone = missing_from(self._model)
        names = ", ".join(gone)
        self.setText(
            tr(
                "This model was tuned together with {names}, not imported here, and does without. Import it under "
                "Tools > Language models, or tune the model anew there.",
                names=names,
            )
            if gone
            else ""
        )
        self.setVisible(bool(gone))


def missing_from(model: str | None) -> tuple[str, ...]:
    """Names of the imported language models that a run or folder decides with and that are not here."""
    if model is None:
        return ()
    try:
        shares = fusion.read(Path(model)).imported
    except FusionError:
        return ()  # the usual weights are used, which need none
    return language_models.missing(name for name, share in shares.items() if share > 0)
