"""The Dataset pane: where texts come from, what stands in them, what is wrong with them, what the model is fed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.gui.dataset.sources_view import SourcesView
from studio.gui.dataset.switch import ViewSwitch
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme

if TYPE_CHECKING:
    from studio.gui.dataset.hub_dialog import HubDialog
    from studio.gui.dataset.import_dialog import ImportDialog
    from studio.gui.dataset.preparation import Preparation


_DICTIONARIES = (".dict.yaml", ".scel")  # whose names say that they are word lists


class DatasetPane(QWidget):
    """One of several views of the draft's data. All but the sources are made when they are first looked at."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._preparation: Preparation | None = None
        self._views: dict[str, Any] = {}
        self.switch = ViewSwitch(self)
        self.switch.chosen.connect(self.show_view)
        self._stack = QStackedWidget(self)
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 8, 2)
        head.addWidget(self.switch, 1)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self._origin = SourcesView(session, self)
        self._views["sources"] = self._origin
        self._stack.addWidget(self._origin)
        self.sources, self.form, self.preview = self._origin.sources, self._origin.form, self._origin.preview
        self._drop = QFrame(self)
        self._drop.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._drop.hide()
        self.setAcceptDrops(True)
        self.importing: ImportDialog | None = None
        self.hub: HubDialog | None = None
        self.sources.wanted.connect(self.bring)
        self.sources.paste_wanted.connect(self.paste)
        self.sources.hub_wanted.connect(self.ask_hub)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.paste)
        self.setFocusProxy(self._origin)
        session.draft_changed.connect(self.refresh)
        self.retranslate()
        self.refresh()

    # --- views ---------------------------------------------------------------------------------------

    @property
    def area(self) -> QScrollArea:
        """What the settings scroll in."""
        return self._origin.area

    def view(self, name: str) -> Any:
        """A view by its name; made now if it was not looked at before."""
        if name not in self._views:
            self._views[name] = made = self._make(name)
            self._stack.addWidget(made)
        return self._views[name]

    def show_view(self, name: str) -> None:
        """Bring a view to the front."""
        view = self.view(name)
        self.switch.choose(name)
        self._stack.setCurrentWidget(view)
        if name != "sources":
            view.refresh()

    def _make(self, name: str) -> QWidget:
        # Imported only now: the window is on the screen before anybody looks at any of them.
        if name == "rows":
            from studio.gui.dataset.rows_view import RowsView

            return RowsView(self._session, self._stack)
        if name == "doctor":
            from studio.gui.dataset.doctor_view import DoctorView

            return DoctorView(self._session, self._stack)
        from studio.gui.dataset.preparation import Preparation

        if self._preparation is None:
            self._preparation = Preparation(self._session, self)
        if name == "splits":
            from studio.gui.dataset.splits_view import SplitsView

            return SplitsView(self._session, self._preparation, self._stack)
        if name == "vocabulary":
            from studio.gui.dataset.vocabulary_view import VocabularyView

            return VocabularyView(self._session, self._preparation, self._stack)
        if name == "statistics":
            from studio.gui.dataset.statistics_view import StatisticsView

            return StatisticsView(self._session, self._preparation, self._stack)
        from studio.gui.dataset.batches_view import BatchesView

        batches = BatchesView(self._session, self._preparation, self._stack)
        batches.rows_wanted.connect(self._show_rows)
        return batches

    def _show_rows(self, source: int, text: str) -> None:
        """Show the rows of a source in which a text stands."""
        self.show_view("rows")
        self.view("rows").choose(source, text)

    # --- the draft -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the draft as it is now, and look at its data again if they changed."""
        self._origin.refresh()
        shown = self._views[self.switch.value()]
        if shown is not self._origin:
            shown.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def reveal(self, path: str) -> None:
        """Bring the setting or source that a problem is about into view."""
        self.show_view("sources")
        self._origin.reveal(path)

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        if self.hub is not None:
            self.hub.shutdown()
        if self._preparation is not None:
            self._preparation.stop()
        for view in self._views.values():
            view.shutdown()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.switch.retranslate()
        for view in self._views.values():
            view.retranslate()

    # --- what is brought in --------------------------------------------------------------------------

    def bring(self, paths: Sequence[str]) -> None:
        """Look at files and folders, and add those that are wanted to the sources."""
        from studio.gui.dataset.import_dialog import MOST, ImportDialog

        lists = [path for path in paths if path.endswith(_DICTIONARIES)]
        if lists:
            self.show_view("sources")
            self.sources.add_lists(lists)
        paths = [path for path in paths if path not in lists]
        if not paths:
            return
        if len(paths) > MOST:
            told = tr("Only the first {count} files are looked at; put more into a folder.", count=MOST)
            self._session.message.emit("warning", told)
        dialog = self.importing = ImportDialog(self._session, paths, self)
        dialog.accepted_sources.connect(self._add)
        dialog.finished.connect(self._imported)
        dialog.open()

    def paste(self) -> None:
        """Bring in what the clipboard holds: files, or a text, which is kept as a file."""
        self._bring_in(QGuiApplication.clipboard().mimeData())

    def ask_hub(self) -> None:
        """Ask for the name of a data set of the hub; what is fetched is looked at as a chosen folder is."""
        from studio.gui.dataset.hub_dialog import HubDialog

        if self.hub is None:
            self.hub = HubDialog(self)
            self.hub.fetched.connect(self._fetched)
        self.hub.ask()

    def _fetched(self, folder: str) -> None:
        self.bring([folder])

    def _add(self, sources: list[dict[str, Any]]) -> None:
        self.show_view("sources")
        self.sources.add_sources(sources)

    def _imported(self, _: int) -> None:
        self.importing = None

    def _bring_in(self, data: QMimeData | None) -> None:
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data is not None else []
        text = data.text() if data is not None and data.hasText() else ""
        if not paths and not text.strip():
            self._session.message.emit("info", tr("There is no text to paste."))
            return
        if not paths:
            from studio.gui.dataset import pasted

            try:
                paths = [str(pasted.keep(text))]
            except OSError as error:
                told = tr("Cannot write {path}: {reason}. Choose another place.", path=pasted.folder(),
                          reason=error.strerror)  # fmt: skip
                self._session.message.emit("error", told)
                return
        self.bring(paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        data = event.mimeData()
        if data.hasText() or any(url.isLocalFile() for url in data.urls()):
            color = theme.color("accent").name()
            self._drop.setStyleSheet(f"QFrame {{ border: 2px dashed {color}; border-radius: 8px; }}")
            self._drop.setGeometry(self.rect().adjusted(6, 6, -6, -6))
            self._drop.show()
            self._drop.raise_()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.hide()
        event.acceptProposedAction()
        self._bring_in(event.mimeData())

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 320)
