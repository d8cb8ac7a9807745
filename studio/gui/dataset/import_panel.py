"""One file or folder before it becomes a source: how it is read, what its columns are, what cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.asking import Question
from studio.gui.dataset.reading_options import ReadingOptions
from studio.gui.dataset.role_header import RoleHeader
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.figures import count, percent, size
from studio.gui.widgets.refusals import refusal_text, said
from studio.recipe import NO_COLUMN
from studio.runs.dataset_requests import InspectSource, SourceInspected
from studio.runs.datasets import FileProfile, SourceProfile
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Response

_ROWS = 40
_LABELS = 8
_KNOWN = ("utf-8", "gb18030")


class ImportPanel(QWidget):
    """`changed` says that more is known of the file, or that it is to be read in another way."""

    changed = Signal()

    def __init__(self, session: Session, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self.profile: SourceProfile | None = None
        self.refused: Refused | None = None
        self._by_hand = False
        self._question = Question(session, self._answered, self)
        self._whole = Question(session, self._counted, self)
        self._title = QLabel(Path(path).name or path)
        self._title.setProperty("role", "heading")
        self._title.setToolTip(path)
        self.told = QLabel(wordWrap=True)
        self.told.setProperty("role", "caption")
        self.error = QLabel(wordWrap=True)
        self.error.setProperty("role", "error")
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.options = ReadingOptions()
        self.options.changed.connect(self._options_changed)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setFixedHeight(3)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self.table = QTableWidget()
        self.roles = RoleHeader(self.table)
        self.roles.changed.connect(self._roles_changed)
        self.table.setHorizontalHeader(self.roles)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.horizontalScrollBar().valueChanged.connect(lambda _: self.roles.place())
        self.table.verticalHeader().setDefaultSectionSize(28)
        self.bad = QListWidget()
        self.bad.setAlternatingRowColors(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self._title, self.told, self.options, self._bar, self.error):
            column.addWidget(widget)
        column.addWidget(self.table, 100)
        self._bad_title = QLabel()
        self._bad_title.setProperty("role", "warning")
        column.addWidget(self._bad_title)
        column.addWidget(self.bad)
        column.addStretch(1)
        self.retranslate()
        self.look()

    # --- what it makes -------------------------------------------------------------------------------

    def source(self) -> dict[str, Any]:
        """The source as the recipe is to have it: plain text as a file, all else as a table."""
        chosen, first = self.options.values(), self._first()
        if (
            first is not None
            and _is_plain(first)
            and not Path(self.path).is_dir()
            and not chosen.keys() - {"encoding"}
            and not first.set_aside  # a text is taken as a whole or not at all, a table line by line
        ):
            # What is recognised without a mark there, too, needs no name; Big5 and bare UTF-16 do.
            found = first.encoding.lower()
            encoding = chosen.get("encoding") or ("auto" if found in _KNOWN else found)
            made: dict[str, Any] = {"kind": "file", "path": self.path}
            return made if encoding == "auto" else {**made, "encoding": encoding}
        return {"kind": "table", "path": self.path, **chosen, **self._mapping()}

    def usable(self) -> bool:
        """Whether it can become a source: it can be read, and a column holds text."""
        return self.profile is not None and (
            any(role == "text" for _, role in self.roles.roles()) or self._first() is None
        )

    def look(self) -> None:
        """Ask the lab: the beginning at once, then the whole."""
        self._bar.show()
        self._whole.stop()
        asked = self._asked()
        self._question.ask(lambda name: InspectSource(id=name, source=asked, rows=_ROWS))

    def stop(self) -> None:
        """Ask nothing more."""
        self._question.stop()
        self._whole.stop()

    def retranslate(self) -> None:
        self.options.retranslate()
        self.roles.retranslate()
        self.table.setAccessibleName(tr("First rows"))
        self.bad.setAccessibleName(tr("Lines set aside"))
        self._show()

    # --- inside --------------------------------------------------------------------------------------

    def _asked(self) -> dict[str, Any]:
        return {
            "kind": "table",
            "path": self.path,
            **self.options.values(),
            **(self._mapping() if self._by_hand else {}),
        }

    def _mapping(self) -> dict[str, Any]:
        """The roles as the recipe names them; nothing that was recognised and left alone has to be said."""
        roles = self.roles.roles()
        if not roles or not self._by_hand:
            return {}
        made: dict[str, Any] = {"text": [name for name, role in roles if role == "text"]}
        for role in ("label", "pinyin", "target", "group", "date"):
            made[role] = next((name for name, used in roles if used == role), NO_COLUMN)
        split = next((name for name, used in roles if used == "split"), "")
        return {**made, "split_column": split} if split else made

    def _first(self) -> FileProfile | None:
        return self.profile.files[0] if self.profile is not None and self.profile.files else None

    def _answered(self, response: Response) -> None:
        self._bar.hide()
        self.refused = response if isinstance(response, Refused) else None
        self.profile = response.profile if isinstance(response, SourceInspected) else None
        self._fill()
        self._show()
        self.changed.emit()
        if self.profile is not None and not all(file.complete for file in self.profile.files):
            asked = self._asked()
            self._bar.show()
            self._whole.ask(lambda name: InspectSource(id=name, source=asked, rows=_ROWS, whole=True))

    def _counted(self, response: Response) -> None:
        self._bar.hide()
        if isinstance(response, SourceInspected):
            self.profile = response.profile
        elif isinstance(response, Refused):
            self.refused = response
        self._show()
        self.changed.emit()

    def _options_changed(self) -> None:
        self._by_hand = False
        self.look()

    def _roles_changed(self) -> None:
        self._by_hand = True
        self._show()
        self.changed.emit()
        self.look()

    def _fill(self) -> None:
        first = self._first()
        self.options.show_profile(first)
        columns = first.columns if first else ()
        if [c.name for c in columns] != [name for name, _ in self.roles.roles()] or not self._by_hand:
            self.table.setColumnCount(len(columns))
            self.roles.set_columns(columns)
        rows = first.preview if first else ()
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            self.table.setVerticalHeaderItem(place, QTableWidgetItem(f"{row.number + 1:,}"))
            for number, cell in enumerate(row.cells[: len(columns)]):
                item = QTableWidgetItem(" ".join(cell[:200].split()))
                item.setToolTip(cell[:400])
                self.table.setItem(place, number, item)
        width = max(self.table.viewport().width() - 40, 360)
        for number, column in enumerate(columns):
            share = 3 if column.role == "text" else 1
            whole = sum(3 if c.role == "text" else 1 for c in columns)
            self.table.setColumnWidth(number, max(width * share // whole, 120))
        self.roles.place()

    def _show(self) -> None:
        profile = self.profile
        self.table.setVisible(profile is not None and self.refused is None)
        self.error.setText(self._wrong())
        self.error.setVisible(bool(self.error.text()))
        bad = [(file, line) for file in (profile.files if profile else ()) for line in file.bad_lines]
        self._bad_title.setVisible(bool(bad))
        self.bad.setVisible(bool(bad))
        if profile is None:
            self.told.setText("" if self.refused else tr("Reading the beginning of it…"))
            return
        self._bad_title.setText(tr("{count} lines are set aside:", count=count(profile.set_aside)))
        self.bad.clear()
        self.bad.setFixedHeight(min(28 * len(bad) + 4, 116))
        several = len(profile.files) > 1
        for file, line in bad:
            place = tr("line {line}", line=f"{line.line:,}")
            self.bad.addItem(
                f"{file.name}, {place}: {said(line.reason)}" if several else f"{place}: {said(line.reason)}"
            )
        self.told.setText(_told(profile))

    def _wrong(self) -> str:
        if self.refused is not None:
            return refusal_text(self.refused)
        if self.profile is not None and self._first() is not None and not self.usable():
            return tr("No column is used as text. Choose one in the head of the table.")
        return "\n".join(self.profile.problems[:5]) if self.profile is not None else ""


def _is_plain(file: FileProfile) -> bool:
    """Whether it is a text that the recipe names as a file: paragraphs, packed or not, in no archive."""
    return file.format == "text" and file.packed != "zip" and "!" not in file.name


def _told(profile: SourceProfile) -> str:
    """What a source holds, in a line or two."""
    files, contents = profile.files, [file.contents for file in profile.files]
    parts = []
    if len(files) > 1:
        parts.append(tr("{count} files", count=count(len(files))))
    parts.append(size(sum(file.size for file in files)))
    complete = all(file.complete for file in files)
    rows = tr("{rows} rows", rows=count(profile.rows))
    parts.append(rows if complete else tr("{rows} at the beginning", rows=rows))
    parts.append(tr("{characters} hanzi", characters=count(sum(one.hanzi for one in contents))))
    if contents and contents[0].characters:
        parts.append(tr("{share} of it hanzi", share=percent(contents[0].hanzi_share, 0)))
    labels = contents[0].labels if contents else ()
    if labels:
        named = ", ".join(f"{label.name} {count(label.count)}" for label in labels[:_LABELS])
        parts.append(tr("labels: {labels}", labels=named + ("…" if len(labels) > _LABELS else "")))
    return " · ".join(parts) + "".join(f"\n{said(note)}" for note in profile.notes[:3])
