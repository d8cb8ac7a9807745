"""What is asked before files are imported as a language model: its name, its licence, how its words are read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import tr
from studio.runs.language_models import LanguageModelError, check_name, name_for


class ImportForm(QDialog):
    """Asks about files that were chosen. `arguments` is what to import them with."""

    def __init__(self, files: list[str], taken: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files, self._taken = files, set(taken)
        self.setWindowTitle(tr("Import a language model"))
        names = QLabel("\n".join(Path(file).name for file in files), wordWrap=True)
        self.name = QLineEdit(name_for(files[0], self._taken))
        self.licence, self.readings = QLineEdit(), QLineEdit()
        self.licence.setPlaceholderText(tr("Its name, such as LGPL-2.1, or a file with its text"))
        self.readings.setPlaceholderText(tr("A file of words with their pinyin; not needed"))
        self._problem = QLabel(wordWrap=True)
        self._problem.setProperty("role", "error")
        self._problem.hide()
        form = QFormLayout()
        form.setHorizontalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(tr("Files"), names)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Licence"), self._with_browse(self.licence, tr("Licence")))
        form.addRow(tr("Pinyin"), self._with_browse(self.readings, tr("Pinyin")))
        note = QLabel(
            tr("Whoever passes on a model that this one is fused with has to heed its licence."),
            wordWrap=True,
        )
        note.setProperty("role", "caption")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        self.button = self.buttons.addButton(tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.button.setProperty("primary", True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.name.textChanged.connect(self._check)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(self._problem)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(440)

    def arguments(self) -> list[str]:
        """The arguments of `studio language-models import`."""
        given = [*self._files, f"--name={self.name.text().strip()}"]
        if self.licence.text().strip():
            given.append(f"--licence={self.licence.text().strip()}")
        if self.readings.text().strip():
            given.append(f"--readings={self.readings.text().strip()}")
        return given

    def _check(self, *_: object) -> None:
        name = self.name.text().strip()
        try:
            check_name(name)
        except LanguageModelError:
            problem = tr("Use letters, digits and dashes for the name.")
        else:
            problem = tr("There is a model of this name.") if name in self._taken else ""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.button.setEnabled(not problem)

    def _with_browse(self, line: QLineEdit, title: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        button = QPushButton(tr("Browse…"))
        button.setAutoDefault(False)
        button.setAccessibleName(f"{title}: {tr('Browse…')}")
        line.setAccessibleName(title)
        row.addWidget(line, 1)
        row.addWidget(button)

        def browse() -> None:
            path, _ = QFileDialog.getOpenFileName(self, title, str(Path(self._files[0]).parent))
            if path:
                line.setText(path)

        button.clicked.connect(browse)
        return holder
