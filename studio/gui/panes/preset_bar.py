"""Which preset the draft came from, whether it was changed since, and what can be done about that."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import mark, theme
from studio.gui.widgets.icons import icon
from studio.recipe import Preset, RecipeError, presets, values_of

_BAD_NAME = re.compile(r'[\x00-\x1f/\\:*?"<>|]|^\.|^\s*$')


class _Chooser(QComboBox):
    """Reads what the presets are for when somebody looks: only then are their files opened."""

    opened = Signal()

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()


class PresetBar(QWidget):
    """Choose a preset, keep the draft as one, or go back to where it came from."""

    presets_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._presets: dict[str, Preset] = {}
        self._guard = WheelGuard(self)
        self._dialog: QInputDialog | None = None
        self.chooser = _Chooser(self)
        self.chooser.opened.connect(self._describe)
        self.chooser.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.chooser.installEventFilter(self._guard)
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(10)
        self.chooser.activated.connect(self._choose)
        self._save, self._reset = QToolButton(self), QToolButton(self)
        for button in (self._save, self._reset):
            button.setIconSize(QSize(16, 16))
        self._save.clicked.connect(self.ask_name)
        self._reset.clicked.connect(self.reset)
        self._description = QLabel(self)
        self._description.setProperty("role", "caption")
        self._description.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.chooser, 1)
        row.addWidget(self._save)
        row.addWidget(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._description)
        self._context = QMenu(self)
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()

    def reload(self) -> None:
        """Read again which presets there are."""
        self._presets = {preset.name: preset for preset in presets()}
        self.chooser.clear()
        for name, preset in self._presets.items():
            self.chooser.addItem(name if preset.builtin else tr("{name} (yours)", name=name), name)
        self.refresh()

    def refresh(self) -> None:
        """Show where the draft came from and whether it was changed."""
        session = self._session
        index = self.chooser.findData(session.origin)
        if self.chooser.currentIndex() != index:
            self.chooser.setCurrentIndex(index)
        origin = Path(session.origin).name if session.origin else tr("Choose a preset")
        self.chooser.setPlaceholderText(origin)
        self._reset.setEnabled(session.modified)
        words = str(session.values.get("description") or "")
        state = tr("Changed.") if session.modified else ""
        self._description.setText(f"{state} {tr(words) if words else ''}".strip())
        self._description.setVisible(bool(self._description.text()))
        mark(self.chooser, "modified", "true" if session.modified else "false")
        self.chooser.setAccessibleDescription(self._description.text())

    def reset(self) -> None:
        """Back to the preset or file as it is stored."""
        if self._session.recipe_file is not None:
            self._session.load_file(self._session.recipe_file)
        elif self._session.origin in self._presets:
            self._session.load_preset(self._session.origin)

    def ask_name(self) -> None:
        """Ask for a name and keep the draft as a preset under it."""
        dialog = self._dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("Save as preset"))
        dialog.setLabelText(tr("Name of the preset; one of yours with the same name is replaced:"))
        dialog.setTextValue(str(self._session.values.get("name") or ""))
        dialog.textValueSelected.connect(self.save_as)
        dialog.open()

    def save_as(self, name: str) -> None:
        """Keep the draft as a preset of the user's; a name that no file can have is refused in words."""
        name = name.strip()
        preset = self._presets.get(name)
        if _BAD_NAME.search(name):
            text = tr('The name of a preset is the name of a file: not empty, and without / \\ : * ? " < > |')
            self._session.message.emit("warning", text)
        elif preset is not None and preset.builtin:
            text = tr("'{name}' comes with the studio. Choose another name for yours.", name=name)
            self._session.message.emit("warning", text)
        elif self._session.save_preset(name):
            self.reload()
            self.presets_changed.emit()

    def retranslate(self) -> None:
        self.chooser.setAccessibleName(tr("Preset"))
        self.chooser.setToolTip(tr("The preset that the settings start from"))
        for button, text in ((self._save, tr("Save as preset")), (self._reset, tr("Undo all changes"))):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self.reload()

    def _describe(self) -> None:
        for index in range(self.chooser.count()):
            tip = tr(_description(self.chooser.itemData(index)))
            self.chooser.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)

    def _choose(self) -> None:
        self._session.load_preset(str(self.chooser.currentData()))
        self.refresh()

    def _themed(self) -> None:
        self._save.setIcon(icon("save"))
        self._reset.setIcon(icon("refresh"))


def _description(name: str) -> str:
    try:
        return str(values_of(name)[0].get("description") or "")
    except RecipeError as error:
        return str(error.problems[0])
