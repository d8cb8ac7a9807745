"""The recipe's list of sources: what ships with the studio as a checklist, files of the user's below it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.gui.forms.words import explain
from studio.gui.i18n import tr
from studio.gui.panes.source_rows import BUILTINS, BuiltinRow, FileRow
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon
from studio.gui.widgets.samples import Flow
from studio.recipe import LEXICONS, Problem
from studio.runs.requests import SourceSummary

PATH = "data.sources"
_OWN = ("file", "table", "lexicon")
_LISTS = "*.txt *.tsv *.dict.yaml *.scel *.dict *.csv"
_PATTERNS = "*.txt *.text *.md *.csv *.tsv *.tab *.json *.jsonl *.ndjson *.parquet *.arrow *.xlsx *.gz *.bz2 *.xz *.zip"


class SourceList(QWidget):
    """Tells the whole new list with `edited`, or one setting of a file; `said` carries complaints.

    `wanted` carries files and folders that are to become sources; `paste_wanted` that the clipboard
    is, `hub_wanted` that a data set of the hub is.
    """

    edited = Signal(str, object)
    said = Signal(str, str)
    wanted = Signal(object)
    paste_wanted = Signal()
    hub_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: list[dict[str, Any]] = []
        self._dialog: QFileDialog | None = None
        self._heads = [QLabel(self) for _ in range(3)]
        self.builtin = {name: BuiltinRow(name, self) for name in BUILTINS}
        self.files: list[FileRow] = []
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self._files, self._lists = QVBoxLayout(), QVBoxLayout()
        for rows in (self._files, self._lists):
            rows.setSpacing(0)
        self.add_button, self.folder_button, self.paste_button = (QPushButton(self) for _ in range(3))
        self.list_button, self.hub_button = QPushButton(self), QPushButton(self)
        for button, asked in (
            (self.list_button, self.ask_lists),
            (self.add_button, self.ask_files),
            (self.folder_button, self.ask_folder),
            (self.paste_button, self.paste_wanted.emit),
            (self.hub_button, self.hub_wanted.emit),
        ):
            button.setIconSize(QSize(14, 14))
            button.clicked.connect(asked)
        self._hint = QLabel(self)
        self._hint.setProperty("role", "caption")
        self._hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._error)
        column.addWidget(self._heads[0])
        for name, row in self.builtin.items():
            if name == LEXICONS[0]:
                column.addSpacing(8)
                column.addWidget(self._heads[1])
            row.toggled.connect(self._toggle)
            column.addWidget(row)
        column.addLayout(self._lists)
        column.addSpacing(4)
        own = Flow()
        own.addWidget(self.list_button)
        column.addLayout(own)
        column.addSpacing(8)
        column.addWidget(self._heads[2])
        column.addLayout(self._files)
        column.addWidget(self._hint)
        column.addSpacing(4)
        buttons = Flow()
        for button in (self.add_button, self.folder_button, self.hub_button, self.paste_button):
            buttons.addWidget(button)
        column.addLayout(buttons)
        for head in self._heads:
            head.setProperty("role", "caption")
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()

    # --- values --------------------------------------------------------------------------------------

    def set_sources(self, sources: object) -> None:
        """Show the draft's list; rows of files that stay are kept, with what is being edited in them."""
        given = sources if isinstance(sources, list | tuple) else []
        self._sources = [dict(item) for item in given if isinstance(item, dict)]
        names = {item.get("name") for item in self._sources if item.get("kind") == "builtin"}
        for name, row in self.builtin.items():
            row.tick.setChecked(name in names)
        files = [(i, item) for i, item in enumerate(self._sources) if item.get("kind") in _OWN]
        shown = [(row.rows[0].field.path.split(".")[2], row.kind, row.path) for row in self.files]
        if shown != [(str(i), item["kind"], str(item.get("path", ""))) for i, item in files]:
            for old in self.files:
                (self._lists if old.kind == "lexicon" else self._files).removeWidget(old)
                old.hide()
                old.deleteLater()
            self.files = [self._make_row(i, item) for i, item in files]
        for file, (_, item) in zip(self.files, files, strict=True):
            file.set_source(item)
        self._hint.setVisible(not any(row.kind != "lexicon" for row in self.files))

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """What the recipe says about the list and its items."""
        here = [item for item in problems if item.path in ("data", PATH) or item.path.startswith(f"{PATH}.")]
        for row in self.files:
            place = row.rows[0].field.path.rpartition(".")[0]
            mine = [item for item in here if item.path == place or item.path.startswith(f"{place}.")]
            row.set_problems(mine)
            here = [item for item in here if item not in mine]
        self._error.setText("\n".join(explain(problem) for problem in here))
        self._error.setVisible(bool(here))

    def set_summaries(self, summaries: Sequence[SourceSummary]) -> None:
        """What the lab counted."""
        by_name = {item.source: item for item in summaries}
        for name, row in self.builtin.items():
            if name in by_name:
                row.set_summary(by_name[name])
        for file in self.files:
            file.set_summary(by_name.get(Path(file.path).name))

    def set_refused(self, refused: dict[str, str]) -> None:
        """What the lab says is wrong with files, by their path; with builtin sources, by their name."""
        for file in self.files:
            file.set_refused(refused.get(file.path, ""))
        for name, row in self.builtin.items():
            row.notes.set_error(refused.get(name, ""))

    # --- changes -------------------------------------------------------------------------------------

    def add_sources(self, sources: Sequence[dict[str, Any]]) -> None:
        """Add sources; files and folders that are in the list already are named and left out."""
        known = {row.path for row in self.files}
        added = []
        for source in sources:
            path = str(source.get("path", ""))
            if path in known:
                self.said.emit("info", tr("{name} is in the list already.", name=Path(path).name))
            else:
                known.add(path)
                added.append(dict(source))
        if added:
            self.edited.emit(PATH, [*self._sources, *added])

    def ask_files(self) -> None:
        """Let the user choose files."""
        dialog = self._dialog = QFileDialog(self, tr("Add files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([tr("Texts and tables ({patterns})", patterns=_PATTERNS), tr("All files (*)")])
        self._open(dialog)

    def ask_folder(self) -> None:
        """Let the user choose a folder of files, which becomes one source."""
        dialog = self._dialog = QFileDialog(self, tr("Add a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog)

    def ask_lists(self) -> None:
        """Let the user choose word lists of their own."""
        dialog = self._dialog = QFileDialog(self, tr("Add word lists"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([tr("Word lists ({patterns})", patterns=_LISTS), tr("All files (*)")])
        dialog.filesSelected.connect(self.add_lists)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add_lists(self, paths: Sequence[str]) -> None:
        """Add word lists of the user's."""
        self.add_sources([{"kind": "lexicon", "path": path} for path in paths])

    def _open(self, dialog: QFileDialog) -> None:
        dialog.filesSelected.connect(self.wanted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _toggle(self, name: str, on: bool) -> None:
        if on:
            order = list(BUILTINS)
            mine = [item for item in self._sources if item.get("kind") == "builtin"]
            others = [item for item in self._sources if item.get("kind") != "builtin"]
            mine.append({"kind": "builtin", "name": name})
            mine.sort(key=lambda item: order.index(item["name"]) if item.get("name") in order else len(order))
            self.edited.emit(PATH, [*mine, *others])
        else:
            self.edited.emit(PATH, [item for item in self._sources if item.get("name") != name])

    def _remove(self, path: str) -> None:
        self.edited.emit(PATH, [item for item in self._sources if item.get("path") != path])

    def _make_row(self, index: int, item: dict[str, Any]) -> FileRow:
        row = FileRow(index, item, self)
        row.edited.connect(self.edited)
        row.removed.connect(self._remove)
        (self._lists if row.kind == "lexicon" else self._files).addWidget(row)
        return row

    # --- looks ---------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        for head, text in zip(
            self._heads, (tr("Running text"), tr("Word lists"), tr("Your files")), strict=True
        ):
            head.setText(text)
        self.add_button.setText(tr("Add files…"))
        self.list_button.setText(tr("Add word lists…"))
        self.list_button.setToolTip(
            tr("Terms of a field with weights and pinyin, or dictionaries of rime, fcitx 5 and Sogou")
        )
        self.folder_button.setText(tr("Add a folder…"))
        self.paste_button.setText(tr("Paste text"))
        self.hub_button.setText(tr("From the hub…"))
        self.hub_button.setToolTip(tr("Fetch a data set of the Hugging Face hub by its name"))
        self._hint.setText(
            tr("Texts, tables and folders in any encoding. You can also drop them onto this pane, or paste.")
        )
        for row in self.builtin.values():
            row.retranslate()
        for file in self.files:
            file.retranslate()

    def _themed(self) -> None:
        self.add_button.setIcon(icon("plus"))
        self.list_button.setIcon(icon("plus"))
        self.folder_button.setIcon(icon("folder"))
        self.paste_button.setIcon(icon("copy"))
        self.hub_button.setIcon(icon("download"))
