"""What the Playground types with: the newest run, a certain run, or a folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QSizePolicy, QWidget

from studio import paths
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.runs.bundled import bundled
from studio.runs.folder import list_runs

NEWEST, FOLDER = "", "?"
_RUNS = 10


class ModelChooser(QComboBox):
    """`chosen` carries the path of a run or folder, or an empty text for the newest run."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = NEWEST
        self._folders: list[str] = []
        self._dialog: QFileDialog | None = None
        self._guard = WheelGuard(self)
        self.installEventFilter(self._guard)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(18)
        self.setMinimumWidth(152)  # "The newest run" in full
        self.setMaximumWidth(260)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._activated)
        self.reload()

    @property
    def path(self) -> str:
        """The chosen path; empty for the newest run."""
        return self._path

    def choose(self, path: str) -> None:
        """Type with the model at a path from now on."""
        known = [self.itemData(index) for index in range(self.count())]
        if path and path not in known:
            self._folders = [*self._folders, path]
        self._path = path
        self.reload()
        self.chosen.emit(path)

    def reload(self) -> None:
        """Read again which runs there are."""
        self.clear()
        self.addItem(tr("The newest run"), NEWEST)
        try:
            runs = [str(run.path) for run in list_runs(paths.runs_home())[:_RUNS]]
        except OSError:
            runs = []
        for name, folder in bundled().items():
            self.addItem(tr("{name}, comes with the studio", name=name), str(folder))
        for path in dict.fromkeys([*runs, *self._folders]):
            self.addItem(Path(path).name, path)
            self.setItemData(self.count() - 1, path, Qt.ItemDataRole.ToolTipRole)
        self.addItem(tr("Choose a folder..."), FOLDER)
        self.setCurrentIndex(max(self.findData(self._path), 0))
        self.setAccessibleName(tr("Model to type with"))
        self.setToolTip(self._path or tr("The model to type with"))

    def showPopup(self) -> None:
        self.reload()
        super().showPopup()

    def ask_folder(self) -> None:
        """Let the user choose a run, a checkpoint or an exported folder."""
        dialog = self._dialog = QFileDialog(self, tr("Choose a run, a checkpoint or an exported folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self.choose)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _activated(self) -> None:
        path = str(self.currentData())
        if path == FOLDER:
            self.setCurrentIndex(max(self.findData(self._path), 0))
            self.ask_folder()
        elif path != self._path:
            self.choose(path)
