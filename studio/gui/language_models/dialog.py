"""The dialog of imported language models: what there is, what the model in the Playground is fused with, tuning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import language, tr
from studio.gui.language_models.import_form import ImportForm
from studio.gui.language_models.outcome import TuningOutcome
from studio.gui.language_models.process import CommandProcess
from studio.gui.widgets.figures import size
from studio.gui.widgets.refusals import refusal_text
from studio.runs import fusion, language_models
from studio.runs.fusion import Fusion, FusionError
from studio.runs.language_models import ImportedModel, LanguageModelError
from studio.runs.requests import Refused

_NAME = Qt.ItemDataRole.UserRole
_CANCELLED = 130
_SHARE = 4  # column
_BOX, _WIDEST = 28, 260  # pixels
_FIGURES = (2, 3, _SHARE)  # columns


class LanguageModelsDialog(QDialog):
    """Does not stand in the way of the window; what it does goes on while it is closed.

    `changed` says that the model in the Playground decides otherwise from now on.
    """

    changed = Signal()

    def __init__(self, model: Callable[[], str | None], parent: QWidget | None = None) -> None:
        """`model` says which run or folder the Playground types with."""
        super().__init__(parent)
        self._model_of = model
        self._stage: dict[str, Any] = {}
        self._refused = ""
        self._intro, self._note, self._for = (QLabel(wordWrap=True) for _ in range(3))
        self._intro.setProperty("role", "caption")
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.itemChanged.connect(self._ticked)
        self.table.itemSelectionChanged.connect(self._show_buttons)
        self.import_button, self.remove_button, self.tune_button, self.cancel_button = (
            QPushButton() for _ in range(4)
        )
        self.tune_button.setProperty("primary", True)
        for button, slot in (
            (self.import_button, self.choose_files),
            (self.remove_button, self.remove),
            (self.tune_button, self.tune),
            (self.cancel_button, self.cancel),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self.progress = QProgressBar()
        self.outcome = TuningOutcome()
        self.process = CommandProcess(self)
        self.process.told.connect(self._told)
        self.process.ended.connect(self._ended)
        buttons = QHBoxLayout()
        buttons.addWidget(self.import_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.tune_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self._intro)
        column.addWidget(self._for)
        column.addWidget(self.table, 1)
        column.addWidget(self.progress)
        column.addWidget(self._note)
        column.addWidget(self.outcome)
        column.addLayout(buttons)
        self.setMinimumSize(440, 380)
        self.resize(680, 520)
        language.changed.connect(self.retranslate)
        QApplication.instance().aboutToQuit.connect(self.shutdown)  # type: ignore[union-attr]
        self.retranslate()

    @property
    def model(self) -> str | None:
        """The run or folder that the Playground types with."""
        return self._model_of()

    def names(self) -> list[str]:
        """The ticked models."""
        return [
            str(item.data(0, _NAME)) for item in self._items() if item.checkState(0) == Qt.CheckState.Checked
        ]

    def reload(self) -> None:
        """Read again which models there are, and which of them are used."""
        weights = self._weights()
        model = self.model
        self._for.setText(
            tr("Ticked ones decide together with {model}.", model=Path(model).name)
            if model
            else tr("There is no model in the Playground yet: train one, or choose a folder there.")
        )
        self.table.blockSignals(True)
        self.table.clear()
        for imported in language_models.imported():
            self._add(imported)
        self.table.blockSignals(False)
        self.table.resizeColumnToContents(0)
        # Qt's own reckoning leaves out that a styled box is wider than its own.
        self.table.setColumnWidth(0, min(self.table.columnWidth(0) + _BOX, _WIDEST))
        self._show_shares(weights)
        gone = weights.imported.keys() - {str(item.data(0, _NAME)) for item in self._items()}
        if gone:
            text = tr(
                "The model was tuned together with {names}, not imported here.", names=", ".join(sorted(gone))
            )
            self._say(text)
        self._show_buttons()

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("Language models"))
        self._intro.setText(
            tr(
                "Word lists and n-gram models that others have made: ARPA files, words or pairs of words with counts, "
                "dictionaries with pinyin."
            )
        )
        self.table.setHeaderLabels(
            [tr("Name"), tr("Kind"), tr("Words"), tr("Size"), tr("Share"), tr("Licence")]
        )
        self.table.setAccessibleName(tr("Language models"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number in _FIGURES:
            self.table.headerItem().setTextAlignment(number, right)
        header = self.table.header()
        header.setStretchLastSection(True)
        for number in range(1, 5):
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.ResizeToContents)
        self.import_button.setText(tr("Import…"))
        self.remove_button.setText(tr("Remove"))
        self.tune_button.setText(tr("Tune on validation data"))
        self.cancel_button.setText(tr("Cancel"))
        self.outcome.retranslate()
        self._show_stage()
        self.reload()

    def choose_files(self) -> None:
        """Ask for files, then for a name and a licence, and import them."""
        files, _ = QFileDialog.getOpenFileNames(self, tr("Import a language model"), str(Path.home()))
        if files:
            form = ImportForm(sorted(files), (model.name for model in language_models.imported()), self)
            if form.exec():
                self.import_files(form.arguments())
            form.deleteLater()

    def import_files(self, arguments: list[str]) -> None:
        """Import files in a process of its own."""
        self._begin("language-models", "import", *arguments)

    def tune(self) -> None:
        """Find weights for the model in the Playground and the ticked models, in a process of its own."""
        model = self.model
        if model:
            names = self.names()
            self._begin("tune", model, *(["--with", *names] if names else []))

    def remove(self) -> None:
        """Remove the selected model, after asking."""
        chosen = self.table.selectedItems()
        if not chosen:
            return
        name = str(chosen[0].data(0, _NAME))
        question = tr("Remove {name}? Models that were tuned with it will decide without it.", name=name)
        buttons = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel
        if QMessageBox.question(self, tr("Remove"), question, buttons) == QMessageBox.StandardButton.Yes:
            try:
                language_models.remove(name)
            except (LanguageModelError, OSError) as error:
                self._say(str(error), bad=True)
            self.reload()
            self.changed.emit()

    def cancel(self) -> None:
        """Leave off what is going on."""
        self.process.cancel()
        self.cancel_button.setEnabled(False)

    def shutdown(self) -> None:
        """The window goes."""
        self.process.shutdown()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.reload()  # the Playground may type with another model by now

    # --- inside ----------------------------------------------------------------------------------------

    def _begin(self, *arguments: str) -> None:
        self._stage, self._refused = {}, ""
        self.outcome.show_tuned(None)
        self._say("")
        self.process.start(arguments)
        self._show_stage()
        self._show_buttons()

    def _told(self, told: dict[str, Any]) -> None:
        kind = told.get("type")
        if kind == "progress":
            self._stage = told
            self._show_stage()
        elif kind == "tuned":
            self.outcome.show_tuned(told)
            self.changed.emit()
        elif kind == "imported":
            self._say(
                "\n".join([tr("{name} is imported.", name=told["name"]), *map(str, told.get("notes", ()))])
            )
        elif kind == "failed":
            refused = Refused(id="", kind="data", message=told["message"], remedy=told.get("remedy", ""))
            self._refused = refusal_text(refused)

    def _ended(self, code: int, said: str) -> None:
        if self._refused:
            self._say(self._refused, bad=True)
        elif code == _CANCELLED or (code and not self.cancel_button.isEnabled()):
            self._say(tr("Cancelled; nothing has changed."))
        elif code:
            self._say(tr("It ended unexpectedly: {reason}", reason=said or code), bad=True)
        self._show_stage()
        self.reload()

    def _show_stage(self) -> None:
        running = self.process.running
        self.progress.setVisible(running)
        if not running:
            return
        total = int(self._stage.get("total", 0))
        self.progress.setRange(0, total if total > 1 else 0)
        self.progress.setValue(int(self._stage.get("done", 0)))
        self._say(_stages().get(str(self._stage.get("stage")), tr("Starting…")))

    def _show_buttons(self) -> None:
        running = self.process.running
        self.import_button.setEnabled(not running)
        self.remove_button.setEnabled(not running and bool(self.table.selectedItems()))
        self.tune_button.setEnabled(not running and bool(self.model))
        self.table.setEnabled(not running)
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(running)

    def _show_shares(self, weights: Fusion) -> None:
        self.table.blockSignals(True)
        for item in self._items():
            share = weights.imported.get(str(item.data(0, _NAME)), 0.0)
            item.setCheckState(0, Qt.CheckState.Checked if share else Qt.CheckState.Unchecked)
            item.setText(_SHARE, f"{share:.0%}" if share else "")
        self.table.blockSignals(False)

    def _add(self, imported: ImportedModel) -> None:
        item = QTreeWidgetItem(
            [
                imported.name,
                _kinds().get(imported.kind, imported.kind),
                f"{imported.words:,}",
                size(imported.size),
                "",
                imported.licence or tr("not known"),
            ]
        )
        item.setData(0, _NAME, imported.name)
        details = [
            ", ".join(imported.sources),
            tr(
                "{pairs} pairs, {triples} triples",
                pairs=f"{imported.pairs:,}",
                triples=f"{imported.triples:,}",
            ),
            *imported.notes,
        ]
        for column in range(6):
            item.setToolTip(column, "\n".join(details))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in _FIGURES:
            item.setTextAlignment(column, right)
        if not self.model:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
        self.table.addTopLevelItem(item)

    def _ticked(self, *_: object) -> None:
        model = self.model
        if not model:
            return
        try:
            fusion.write(Path(model), fusion.using(self._weights(), self.names()))
        except OSError as error:
            self._say(tr("Cannot write {path}: {reason}.", path=model, reason=error.strerror), bad=True)
        else:
            self._say(tr("Untuned shares: tune them on validation data.") if self.names() else "")
            self.changed.emit()
        self.outcome.show_tuned(None)
        self._show_shares(self._weights())

    def _weights(self) -> Fusion:
        try:
            return fusion.read(Path(self.model)) if self.model else Fusion()
        except FusionError as error:
            self._say(str(error), bad=True)
            return Fusion()

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.table.topLevelItem(row) for row in range(self.table.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self._note.setProperty("role", "error" if bad else "caption")
        self._note.style().unpolish(self._note)
        self._note.style().polish(self._note)


def _kinds() -> dict[str, str]:
    return {"arpa": "ARPA", "counts": tr("word list"), "kenlm": "KenLM"}


def _stages() -> dict[str, str]:
    return {
        "reading": tr("Reading the files…"),
        "data": tr("Preparing the data of the run…"),
        "models": tr("Turning language models into n-grams of characters…"),
        "shares": tr("Finding the shares of the n-gram models…"),
        "mixing": tr("Mixing n-grams…"),
        "network": tr("Typing sentences into the network…"),
        "before": tr("Decoding with the weights so far…"),
        "after": tr("Trying weights…"),
    }
