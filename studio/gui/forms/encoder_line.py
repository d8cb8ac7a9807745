"""A pretrained encoder: a folder that can be chosen, or a name on the hub that is written."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon
from studio.recipe import FieldDescription


class EncoderLine(QLineEdit):
    """A line of text with a button in it that asks for a folder; Alt+Down does so from the keyboard."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dialog: QFileDialog | None = None
        self.setMinimumWidth(136)
        self.browse = QAction(self)
        self.browse.triggered.connect(self._ask_folder)
        self.addAction(self.browse, QLineEdit.ActionPosition.TrailingPosition)
        self.textEdited.connect(self._typed)
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()

    def value(self) -> Any:
        return self.text().strip()

    def set_value(self, value: Any) -> None:
        if self.value() != str(value):
            self.setText(str(value))
            self.setCursorPosition(0)

    def retranslate(self) -> None:
        self.browse.setText(tr("Choose a folder..."))
        self.browse.setToolTip(tr("Choose a folder... (Alt+Down)"))
        self.setPlaceholderText(tr("folder or hub name"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._ask_folder()
        else:
            super().keyPressEvent(event)

    def _ask_folder(self) -> None:
        dialog = self._dialog = QFileDialog(self, tr("Choose the folder of a pretrained network"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self._take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, path: str) -> None:
        self.setText(path)
        self.edited.emit(path)

    def _typed(self, _text: str) -> None:
        self.edited.emit(self.value())

    def _themed(self) -> None:
        self.browse.setIcon(icon("folder"))
