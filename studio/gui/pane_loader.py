"""Makes the panes. Their modules are imported only then: the window is on the screen before plots are loaded."""

from __future__ import annotations

import importlib
import threading
import traceback
from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.empty import EmptyState

_CLASSES = {
    "dataset": "DatasetPane",
    "model": "ModelPane",
    "training": "TrainingPane",
    "playground": "PlaygroundPane",
    "runs": "RunsPane",
}


class BrokenPane(EmptyState):
    """Stands where a pane could not be loaded, so that the others can still be used."""

    def __init__(self, reason: str) -> None:
        super().__init__("error")
        self._reason = reason
        self.retranslate()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.say(tr("This pane could not be loaded"), self._reason)


def load_ahead(done: Callable[[], None]) -> None:
    """Load what the first run will need, in a thread, so that its start does not wait for it; then call `done`.

    Only for a window whose `Collector` keeps the search for cycles out of other threads.
    """

    def load() -> None:
        importlib.import_module("studio.runs.lab_messages")
        importlib.import_module("pyqtgraph")
        done()

    threading.Thread(target=load, name="load-ahead").start()


def load_pane(name: str, session: Session, parent: QWidget | None = None) -> QWidget:
    """The pane of this name; a `BrokenPane` if it fails to load.

    Given where it will stand, its widgets are styled once: the stylesheet is worked out anew for all that moves.
    """
    try:
        module = importlib.import_module(f"studio.gui.panes.{name}")
        pane: QWidget = getattr(module, _CLASSES[name])(session, parent)
    except Exception as error:
        traceback.print_exc()
        return BrokenPane(f"{type(error).__name__}: {error}")
    return pane
