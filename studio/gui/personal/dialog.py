"""Tools > What was learnt from typing: a table of phrases and words, with all that can be done to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import language, tr
from studio.gui.personal.checking import SIMULATED, Checking
from studio.gui.personal.table import USED, PhraseTable
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import count
from studio.gui.widgets.icons import icon
from studio.gui.widgets.refusals import refusal_text, said
from studio.runs.folder import RunError
from studio.runs.personal import TYPED, PersonalStore
from studio.runs.personal_requests import DictionaryImported, ExportPhrases, ImportDictionary, PhrasesExported
from studio.runs.requests import Refused

_LOOK_MS = 800
_SEARCH_MS = 150
_SHOWN = 500
_NARROW = 540  # pixels


def personal_dialog(session: Session, window: QWidget) -> PersonalDialog:
    """The dialog of a window; made when it is first wanted."""
    found = window.findChild(PersonalDialog)
    return found if isinstance(found, PersonalDialog) else PersonalDialog(session, window)


class PersonalDialog(QDialog):
    """Does not stand in the way of the window; what is typed meanwhile appears in it."""

    def __init__(
        self, session: Session, parent: QWidget | None = None, check_command: list[str] | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._store = PersonalStore()
        self._version: object = None
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.chooser = QComboBox()
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(14)
        self.switch = QCheckBox()
        self.table = PhraseTable()
        self._number, self._place, self._said = (QLabel(wordWrap=True) for _ in range(3))
        for label in (self._number, self._place):
            label.setProperty("role", "caption")
        for label in (self._place, self._said):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines = QPlainTextEdit(readOnly=True)
        self.lines.setMaximumHeight(72)
        self.delete, self.clear, self.bring, self.export, self.check = (QPushButton() for _ in range(5))
        self._checks = QMenu(self)
        self._check_own = self._checks.addAction("")
        self._check_simulated = self._checks.addAction("")
        self.checking = Checking(session, self, check_command)
        self._lay_out()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._searching = QTimer(self, interval=_SEARCH_MS, singleShot=True)
        self._connect()
        self._tint()
        self.retranslate()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.search, 3)
        top.addWidget(self.chooser, 2)
        self._buttons = QGridLayout()
        self._buttons.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addWidget(self.switch)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addWidget(self._number)
        column.addWidget(self._said)
        column.addWidget(self.lines)
        column.addLayout(self._buttons)
        column.addWidget(self._place)
        for button in self._all_buttons():
            button.setAutoDefault(False)
        self._arrange()
        self.lines.hide()
        self._said.hide()
        self.setMinimumSize(380, 480)
        self.resize(620, 560)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._look)
        self._searching.timeout.connect(self.refresh)
        self.search.textChanged.connect(self._search_changed)
        self.chooser.activated.connect(self._dictionary_chosen)
        self.switch.toggled.connect(self._switched)
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.corrected.connect(self._correct)
        self.table.refused.connect(self._complain)
        for button, action in (
            (self.delete, self.delete_chosen),
            (self.clear, self.ask_to_clear),
            (self.bring, self.choose_import),
            (self.export, self.choose_export),
            (self.check, self._check_pressed),
        ):
            button.clicked.connect(action)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.delete_chosen)
        self._check_own.triggered.connect(self._check_with_own)
        self._check_simulated.triggered.connect(self._check_with_simulated)
        self.checking.told.connect(self._tell)
        self.checking.ended.connect(self._checked)
        theme.changed.connect(self._tint)
        language.changed.connect(self.retranslate)

    def _all_buttons(self) -> tuple[QPushButton, ...]:
        return self.delete, self.clear, self.bring, self.export, self.check

    def _arrange(self) -> None:
        """Buttons and columns as the width has room for."""
        narrow = self.width() < _NARROW
        for place, button in enumerate(self._all_buttons()):
            row, column = divmod(place, 2 if narrow else 3)
            self._buttons.addWidget(button, row, column)
        self.table.setColumnHidden(USED, narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (event.oldSize().width() < _NARROW) != (event.size().width() < _NARROW):
            self._arrange()

    # --- what is shown -------------------------------------------------------------------------------

    @property
    def dictionary(self) -> str:
        """The one whose words are shown; empty for what was typed."""
        return str(self.chooser.currentData() or TYPED)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if event.spontaneous():  # the window is minimised
            return
        self._timer.stop()
        self._searching.stop()
        self.checking.stop()
        self._store.close()

    def refresh(self) -> None:
        """Read what is stored."""
        chosen = self.dictionary

        def read(store: PersonalStore) -> None:
            self._version = store.version()
            self._list(chosen)
            found, total = store.phrases(self.search.text(), self.dictionary, _SHOWN)
            self.table.show_phrases(found, imported=bool(self.dictionary))
            self._number.setText(self._number_text(len(found), total))
            self.switch.blockSignals(True)
            self.switch.setChecked(store.enabled)
            self.switch.blockSignals(False)

        self._with_store(read)
        self._enable()

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("What was learnt from typing"))
        self.search.setPlaceholderText(tr("Search for text or pinyin"))
        self.search.setAccessibleName(tr("Search for text or pinyin"))
        self.chooser.setAccessibleName(tr("Dictionary"))
        self.table.setAccessibleName(tr("Phrases"))
        self.lines.setAccessibleName(tr("Lines that were set aside"))
        self.switch.setText(tr("Learn from what I type in the Playground, and use it"))
        for button, text in (
            (self.delete, tr("Delete")),
            (self.bring, tr("Import dictionary…")),
            (self.export, tr("Export…")),
        ):
            button.setText(text)
        self._check_own.setText(tr("With what was learnt"))
        self._check_simulated.setText(tr("Simulated: learn {number} sentences", number=SIMULATED))
        self.check.setToolTip(
            tr("Types validation sentences of the shown run without and with what was learnt")
        )
        self._place.setText(
            tr(
                "Kept in {path} on this computer, readable by you alone, and sent nowhere. "
                "The last characters in front of a phrase are kept with it.",
                path=self._store.file,
            )
        )
        self.refresh()

    def _look(self) -> None:
        def look(store: PersonalStore) -> None:
            if store.version() != self._version and not self.table.editing():
                self.refresh()

        self._with_store(look)

    def _list(self, chosen: str) -> None:
        self.chooser.clear()
        self.chooser.addItem(tr("Learnt from typing"), TYPED)
        for item in self._store.dictionaries():
            self.chooser.addItem(f"{item.name} ({count(item.words)})", item.name)
        self.chooser.setCurrentIndex(max(self.chooser.findData(chosen), 0))

    def _number_text(self, shown: int, total: int) -> str:
        if shown < total:
            return tr("{shown} of {total} phrases are shown", shown=count(shown), total=count(total))
        if not total and not self.search.text() and not self.dictionary:
            return tr("Nothing yet: what you choose in the Playground will stand here.")
        return tr("{total} phrases", total=count(total))

    def _enable(self) -> None:
        self.delete.setEnabled(bool(self.table.selectedItems()))
        something = self.table.topLevelItemCount() > 0 or bool(self.search.text())
        self.clear.setText(tr("Remove dictionary…") if self.dictionary else tr("Clear all…"))
        self.clear.setEnabled(something)
        self.export.setEnabled(something)
        running = self.checking.running
        self.check.setMenu(None if running else self._checks)  # type: ignore[arg-type]
        self.check.setText(tr("Stop the check") if running else tr("Check for forgetting"))
        self.check.setEnabled(running or self._session.model_path() is not None)

    def _tell(self, text: str, role: str = "caption") -> None:
        self._said.setProperty("role", role)
        self._said.style().unpolish(self._said)
        self._said.style().polish(self._said)
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _complain(self, text: str) -> None:
        self._tell(text, "error")

    def _with_store(self, action: Callable[[PersonalStore], object]) -> bool:
        try:
            action(self._store)
        except (RunError, ValueError, OSError) as error:
            self._complain(said(str(error)))
            return False
        return True

    # --- what can be done ----------------------------------------------------------------------------

    def delete_chosen(self) -> None:
        """Forget the selected phrases."""
        chosen = self.table.chosen()
        if chosen and self._with_store(lambda store: store.delete(chosen)):
            self.refresh()

    def ask_to_clear(self) -> None:
        """Ask, then forget everything that was typed, or remove the dictionary."""
        name = self.dictionary
        question = (
            tr("Remove the dictionary {name} with all its words?", name=name)
            if name
            else tr("Forget everything that was learnt from typing? This cannot be undone.")
        )
        box = QMessageBox(QMessageBox.Icon.Question, self.windowTitle(), question, parent=self)
        yes = box.addButton(tr("Remove") if name else tr("Clear all"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        yes.clicked.connect(self.clear_shown)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def clear_shown(self) -> None:
        """Forget everything that was typed, or remove the dictionary that is shown."""
        name = self.dictionary
        if self._with_store(lambda store: store.clear(name)):
            self.refresh()

    def choose_import(self) -> None:
        """Ask for a dictionary file."""
        kinds = tr("Dictionaries") + " (*.yaml *.txt *.tsv *.dict *.scel);;" + tr("All files (*)")
        path, _ = QFileDialog.getOpenFileName(self, tr("Import dictionary"), str(Path.home()), kinds)
        if path:
            self._session.spawn(self.import_file(path))

    async def import_file(self, path: str) -> None:
        """Let the lab import a dictionary, and say how it went."""
        self._tell(tr("Importing…"))
        lab = self._session.lab
        answer = await lab.ask(ImportDictionary(id=lab.new_id(), path=path))
        if isinstance(answer, Refused):
            self._complain(refusal_text(answer))
        elif isinstance(answer, DictionaryImported):
            text = tr(
                "{words} words of {name} ({format}); {set_aside} lines set aside",
                words=count(answer.words),
                name=answer.name,
                format=answer.format,
                set_aside=count(answer.set_aside),
            )
            if answer.readings_added:
                text += tr("; pinyin added to {number}", number=count(answer.readings_added))
            self._tell(text, "warning" if answer.set_aside else "ok")
            self.lines.setPlainText("\n".join(answer.problems))
            self.lines.setVisible(bool(answer.problems))
            self._list(answer.name)
            self.refresh()

    def choose_export(self) -> None:
        """Ask for a file to export to."""
        name = self.dictionary or tr("learnt")
        start = str(Path.home() / f"{name}.dict.yaml")
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export as a dictionary of rime"), start, "*.dict.yaml"
        )
        if path:
            self._session.spawn(self.export_to(path))

    async def export_to(self, path: str) -> None:
        """Let the lab write what is shown as a dictionary of rime."""
        lab = self._session.lab
        answer = await lab.ask(ExportPhrases(id=lab.new_id(), path=path, dictionary=self.dictionary))
        if isinstance(answer, Refused):
            self._complain(refusal_text(answer))
        elif isinstance(answer, PhrasesExported):
            self._tell(tr("{number} phrases in {path}", number=count(answer.phrases), path=answer.path), "ok")

    def _check_with_own(self) -> None:
        self._check(simulate=False)

    def _check_with_simulated(self) -> None:
        self._check(simulate=True)

    def _check(self, simulate: bool) -> None:
        model = self._session.model_path()
        if model is not None:
            self._tell(tr("The check is starting…"))
            self.checking.start(model, simulate)
            self._enable()

    def _check_pressed(self) -> None:
        if self.checking.running:
            self.checking.stop()

    def _checked(self, text: str, good: bool) -> None:
        self._tell(text if good else said(text), "" if good else "warning")
        self._enable()

    def _correct(self, number: int, pinyin: str, amount: float) -> None:
        if self._with_store(lambda store: store.change(number, pinyin, amount)):
            self._tell("")
        self.refresh()

    def _switched(self, on: bool) -> None:
        self._with_store(lambda store: store.enable(on))
        self.refresh()

    def _search_changed(self) -> None:
        self._searching.start()

    def _dictionary_chosen(self) -> None:
        self.lines.hide()
        self._tell("")
        self.refresh()

    def _tint(self) -> None:
        for button, name in (
            (self.delete, "trash"),
            (self.bring, "plus"),
            (self.export, "export"),
            (self.check, "check"),
        ):
            button.setIcon(icon(name))
