"""A data set of the Hugging Face hub, asked for by its name and fetched by a child process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from studio.gui.dataset import hub_folders
from studio.gui.i18n import language, tr
from studio.gui.language_models.process import CommandProcess
from studio.gui.widgets.figures import size
from studio.gui.widgets.refusals import refusal_text
from studio.runs.requests import Refused

_STEPS = 1000  # of the bar: bytes would be too many for it


class HubDialog(QDialog):
    """Does not stand in the way of the window. Closing it calls off what it fetches.

    `fetched` carries the folder of a data set that is there as a whole.
    """

    fetched = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place: Path | None = None
        self._fetching = ""
        self._refused = ""
        self._progress: dict[str, Any] = {}
        self._called_off = False
        self._intro = QLabel(wordWrap=True)
        self._intro.setProperty("role", "caption")
        self.name = QLineEdit()
        self.name.setPlaceholderText("owner/name")
        self.name.textChanged.connect(self._written)
        self.note = QLabel(wordWrap=True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.cancel_button = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self.cancel_button.setAutoDefault(False)
        self.fetch_button = self.buttons.addButton("", QDialogButtonBox.ButtonRole.ActionRole)
        self.fetch_button.setProperty("primary", True)
        self.fetch_button.setDefault(True)
        self.fetch_button.clicked.connect(self.fetch)
        self.cancel_button.clicked.connect(self.cancel)
        self.process = CommandProcess(self)
        self.process.told.connect(self._told)
        self.process.ended.connect(self._ended)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        for widget in (self._intro, self.name, self.bar, self.note):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumSize(380, 240)
        self.resize(460, 250)
        language.changed.connect(self.retranslate)
        self.retranslate()

    # --- what people do ------------------------------------------------------------------------------

    def ask(self) -> None:
        """Come to the front, for another name or for what goes on."""
        if not self.process.running:
            self.name.selectAll()
            self._written()
        self.show()
        self.raise_()
        self.activateWindow()
        self.name.setFocus()

    def fetch(self) -> None:
        """Fetch the data set of the written name; one that is there is taken as it is."""
        name = hub_folders.name_in(self.name.text())
        if self.process.running or not name:
            return
        folder = hub_folders.folder_of(name)
        if folder.is_dir():
            self._give(folder)
            return
        try:
            self._place = hub_folders.place_for(name)
        except OSError as error:
            path, reason = error.filename or folder, error.strerror
            self._say(tr("Cannot write {path}: {reason}.", path=path, reason=reason), bad=True)
            return
        self._fetching, self._refused, self._progress, self._called_off = name, "", {}, False
        self.process.start(["data", "fetch", name, f"--out={self._place}"])
        self._show()

    def cancel(self) -> None:
        """Call off what is fetched; close where nothing is."""
        if not self.process.running:
            self.hide()
            return
        self._called_off = True
        self.process.cancel()
        self._show()

    def reject(self) -> None:
        """Escape: as closing."""
        if self.process.running:
            self.cancel()
        self.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.process.running:
            self.cancel()
        super().closeEvent(event)

    def shutdown(self) -> None:
        """The window goes: end the child, and leave nothing that is not whole."""
        self.process.shutdown()
        self._drop()
        self.hide()

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("From the Hugging Face hub"))
        self._intro.setText(
            tr(
                "The name of a data set on huggingface.co, or the address of its page. Its files of known formats are "
                "fetched, never its code."
            )
        )
        self.name.setAccessibleName(tr("Name of the data set"))
        self.bar.setAccessibleName(tr("Progress"))
        self.cancel_button.setText(tr("Cancel"))
        self._written()

    # --- inside --------------------------------------------------------------------------------------

    def _written(self, *_: object) -> None:
        """Another name is written: say what would happen."""
        self._refused = ""
        if self.process.running:
            self._show()
            return
        name = hub_folders.name_in(self.name.text())
        folder = hub_folders.folder_of(name) if name else None
        if folder is not None and folder.is_dir():
            self._say(
                tr("It was fetched before, into {path}. Remove that folder to fetch it anew.", path=folder)
            )
        elif not name and "/" in self.name.text().strip().rstrip("/"):
            self._say(tr("Names are like owner/name."), bad=True)
        else:
            self._say("")
        self._show()

    def _show(self) -> None:
        running = self.process.running
        name = hub_folders.name_in(self.name.text())
        there = bool(name) and hub_folders.folder_of(name).is_dir()
        self.name.setEnabled(not running)
        self.fetch_button.setText(tr("Use it") if there and not running else tr("Fetch"))
        self.fetch_button.setEnabled(not running and bool(name))
        self.cancel_button.setEnabled(not (running and self._called_off))
        self.bar.setVisible(running)
        if not running:
            return
        done, total = (int(self._progress.get(key, 0)) for key in ("done", "total"))
        known = total > 0 and not self._called_off
        self.bar.setRange(0, _STEPS if known else 0)
        self.bar.setValue(_STEPS * done // total if known else 0)
        if self._called_off:
            self._say(tr("Calling it off…"))
        elif known:
            name, figures = self._fetching, {"done": size(done), "total": size(total)}
            self._say(tr("Fetching {name}: {done} of {total}", name=name, **figures))
        else:
            self._say(tr("Asking the hub for {name}…", name=self._fetching))

    def _told(self, told: dict[str, Any]) -> None:
        if told.get("type") == "progress":
            self._progress = told
            self._show()
        elif told.get("type") == "failed":
            refused = Refused(id="", kind="data", message=told["message"], remedy=told.get("remedy", ""))
            self._refused = refusal_text(refused)

    def _ended(self, code: int, said: str) -> None:
        place, self._progress = self._place, {}
        if code == 0 and not self._called_off and place is not None:
            try:
                folder = hub_folders.keep(place, self._fetching)
            except OSError as error:
                self._refused = tr("Cannot write {path}: {reason}.", path=place, reason=error.strerror)
            else:
                self._place = None
                self._show()
                self._give(folder)
                return
        self._drop()
        self._show()
        self.name.setFocus()
        if self._called_off:
            self._say(tr("Called off; nothing was kept."))
        elif self._refused:
            self._say(self._refused, bad=True)
        else:
            self._say(tr("It ended unexpectedly: {reason}", reason=said or code), bad=True)

    def _give(self, folder: Path) -> None:
        self._say("")
        self.hide()
        self.fetched.emit(str(folder))

    def _drop(self) -> None:
        place, self._place = self._place, None
        if place is not None:
            hub_folders.drop(place)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self.note.setText(text)
        self.note.setProperty("role", "error" if bad else "caption")
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)
