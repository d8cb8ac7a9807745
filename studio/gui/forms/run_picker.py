"""One of the runs there are, or none: the editor of fields that name a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QSizePolicy, QWidget

from studio import paths
from studio.gui.forms.words import choice_text
from studio.gui.i18n import tr
from studio.recipe import FieldDescription
from studio.runs.folder import list_runs
from studio.runs.model_task import task_at

NONE, FOLDER = "", "?"
_RUNS = 40


class RunPicker(QComboBox):
    """Lists runs that have saved something, newest first; a folder elsewhere can be chosen as well.

    A path that is no run of the list (from a file, or of a run that is gone) is shown as it is.
    """

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = NONE
        self._dialog: QFileDialog | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setMinimumWidth(136)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._activated)
        self.reload()

    def value(self) -> Any:
        return self._path

    def set_value(self, value: Any) -> None:
        if str(value) != self._path:
            self._path = str(value)
            self.reload()

    def retranslate(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read again which runs there are."""
        self.clear()
        self.addItem(tr("nothing (random weights)"), NONE)
        try:
            runs = [run.path for run in list_runs(paths.runs_home()) if _has_weights(run.path)][:_RUNS]
        except OSError:
            runs = []
        known = [str(path) for path in runs]
        for path in (*known, *([self._path] if self._path and self._path not in known else [])):
            self.addItem(f"{Path(path).name} · {choice_text(task_at(Path(path)))}", path)
            self.setItemData(self.count() - 1, path, Qt.ItemDataRole.ToolTipRole)
        self.addItem(tr("Choose a folder..."), FOLDER)
        self.setCurrentIndex(max(self.findData(self._path), 0))

    def showPopup(self) -> None:
        self.reload()
        super().showPopup()

    def _activated(self) -> None:
        path = str(self.currentData())
        if path == FOLDER:
            self.setCurrentIndex(max(self.findData(self._path), 0))
            self._ask_folder()
        elif path != self._path:
            self._take(path)

    def _ask_folder(self) -> None:
        dialog = self._dialog = QFileDialog(self, tr("Choose a run, a checkpoint or an exported folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self._take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, path: str) -> None:
        self._path = path
        self.reload()
        self.edited.emit(path)


def _has_weights(run: Path) -> bool:
    return (run / "checkpoints.json").is_file() or (run / "live").is_dir()
