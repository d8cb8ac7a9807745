"""The dialog of searches: a new one, or one of those there are."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QStackedWidget, QVBoxLayout, QWidget

from studio.gui.i18n import language, tr
from studio.gui.search.setup import SearchSetup
from studio.gui.search.trials import SearchTrials
from studio.gui.session import Session
from studio.runs.sweeps import list_sweeps

_NEW = ""


class SearchDialog(QDialog):
    """Does not stand in the way of the window, and may be closed while a search goes on."""

    opened = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.chooser = QComboBox()
        self.chooser.activated.connect(self._chosen)
        self.setup = SearchSetup(session)
        self.setup.started.connect(self.show_search)
        self.trials = SearchTrials(session)
        self.trials.opened.connect(self.opened)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.setup)
        self._pages.addWidget(self.trials)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.chooser)
        column.addWidget(self._pages, 1)
        self.setMinimumSize(420, 520)
        self.resize(560, 600)
        language.changed.connect(self.retranslate)
        self.retranslate()
        going_on = next((folder for folder in list_sweeps() if session.series.searching(folder)), None)
        if going_on is not None:
            self.show_search(going_on.path.name)
        else:
            self._new()

    def show_search(self, name: str) -> None:
        """Show the trials of a search."""
        self._list(name)
        self.trials.show_search(name)
        self._pages.setCurrentWidget(self.trials)

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("Search for settings"))
        self.chooser.setAccessibleName(tr("Searches"))
        self._list(str(self.chooser.currentData() or _NEW))
        self.setup.retranslate()
        self.trials.retranslate()

    def _new(self) -> None:
        self._list(_NEW)
        self.setup.prepare()
        self._pages.setCurrentWidget(self.setup)

    def _list(self, chosen: str) -> None:
        self.chooser.clear()
        self.chooser.addItem(tr("New search of the draft"), _NEW)
        for folder in list_sweeps():
            self.chooser.addItem(folder.path.name, folder.path.name)
        self.chooser.setCurrentIndex(max(self.chooser.findData(chosen), 0))

    def _chosen(self) -> None:
        name = str(self.chooser.currentData() or _NEW)
        if name:
            self.show_search(name)
        else:
            self._new()
