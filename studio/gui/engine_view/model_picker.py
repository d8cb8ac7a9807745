"""A choice among all models there are: runs, their checkpoints, those that come with the studio, any folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QSizePolicy, QWidget

from studio import paths
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.run_folders import has_weights
from studio.gui.widgets.figures import count
from studio.runs.bundled import bundled
from studio.runs.folder import RunFolder, list_runs

NONE, _FOLDER = "", "?"
_RUNS = 12


class ModelPicker(QComboBox):
    """`chosen` carries a path, or an empty text for no model where `optional` allows it."""

    chosen = Signal(str)

    def __init__(self, *, optional: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._optional = optional
        self._path = NONE
        self._folders: list[str] = []
        self._dialog: QFileDialog | None = None
        self._guard = WheelGuard(self)
        self.installEventFilter(self._guard)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._activated)

    @property
    def path(self) -> str:
        """The chosen path; empty for none."""
        return self._path

    def choose(self, path: str) -> None:
        """Take the model at a path."""
        if path and path not in self._listed():
            self._folders = [*self._folders, path]
        self._path = path
        self.reload()
        self.chosen.emit(path)

    def reload(self) -> None:
        """Read again which models there are."""
        self.clear()
        if self._optional or not self._path:
            self.addItem(tr("No model"), NONE)
        for text, path in models():
            self._add(text, path)
        for path in self._folders:
            self._add(Path(path).name, path)
        self.addItem(tr("Choose a folder..."), _FOLDER)
        self.setCurrentIndex(max(self.findData(self._path), 0))
        self.setToolTip(self._path)

    def showPopup(self) -> None:
        self.reload()
        self.view().setMinimumWidth(min(self.view().sizeHintForColumn(0) + 40, 420))
        super().showPopup()

    def ask_folder(self) -> None:
        """Let the user choose a run, a checkpoint or an exported folder."""
        dialog = self._dialog = QFileDialog(self, tr("Choose a run, a checkpoint or an exported folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self.choose)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add(self, text: str, path: str) -> None:
        self.addItem(text, path)
        self.setItemData(self.count() - 1, path, Qt.ItemDataRole.ToolTipRole)

    def _listed(self) -> list[str]:
        return [self.itemData(index) for index in range(self.count())]

    def _activated(self) -> None:
        path = str(self.currentData())
        if path == _FOLDER:
            self.setCurrentIndex(max(self.findData(self._path), 0))
            self.ask_folder()
        elif path != self._path:
            self.choose(path)


def models() -> list[tuple[str, str]]:
    """Names and paths: each run as it stands, below it its checkpoints; then what came with the studio."""
    found: list[tuple[str, str]] = []
    with contextlib.suppress(OSError):
        for run in [run for run in list_runs(paths.runs_home())[:_RUNS] if has_weights(run)]:
            found.append((run.path.name, str(run.path)))
            found += _checkpoints(run)
    with contextlib.suppress(OSError):
        found += [
            (tr("{name}, comes with the studio", name=name), str(path)) for name, path in bundled().items()
        ]
    return found


def _checkpoints(run: RunFolder) -> list[tuple[str, str]]:
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        entries = sorted(run.read_index().entries, key=lambda entry: -entry.step)
        return [
            ("    " + tr("checkpoint {step}", step=count(entry.step)), str(run.checkpoint(entry.step)))
            for entry in entries
        ]
    return []
