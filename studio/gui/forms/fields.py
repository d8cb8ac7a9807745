"""The fields of one section: its rows, the sections below it, and the advanced fields folded away.

Widgets of advanced fields are made when they are first unfolded, searched or wrong: most never are, and a row costs
about as much of the window's start as everything else in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.gui.forms.disclosure import Disclosure
from studio.gui.forms.group import Group
from studio.gui.forms.row import FieldRow
from studio.gui.forms.values import differs, value_of
from studio.gui.i18n import tr
from studio.recipe import FieldDescription, describe


class Fields(QWidget):
    """Widgets for every field of a section class; `skip` names paths that others show."""

    edited = Signal(str, object)
    focused = Signal(object)

    def __init__(
        self,
        section: type[BaseModel],
        path: str,
        *,
        hidden: str = "",
        skip: frozenset[str] = frozenset(),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.rows: list[FieldRow] = []
        self.groups: list[Group] = []
        self._narrow: bool | None = None
        self._words: list[str] = []
        self._values: Mapping[str, Any] = {}
        self._to_come: list[FieldDescription] = []  # advanced fields without a row as yet
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._advanced = QWidget(self)
        inner = QVBoxLayout(self._advanced)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        for field in describe(section, path):
            if field.name == hidden or field.hidden or field.path in skip or field.kind == "list":
                continue
            if field.kind in ("section", "union"):
                group = Group(field, skip=skip, parent=self)
                group.edited.connect(self.edited)
                group.focused.connect(self.focused)
                self.groups.append(group)
            elif field.advanced:
                self._to_come.append(field)
            else:
                layout.addWidget(self._make_row(field, self))
        self._fold = Disclosure(False, self)
        self._fold.toggled_open.connect(self._folded)
        self._count = len(self._to_come)
        layout.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._advanced)
        for group in self.groups:
            layout.addWidget(group)
        self._fold.setVisible(self._count > 0)
        self._folded()

    # --- values --------------------------------------------------------------------------------------

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show a draft."""
        self._values = values
        for row in self.rows:
            row.set_value(value_of(values, row.field))
        for group in self.groups:
            group.set_values(values)
        self._label_fold()

    def all_rows(self) -> Iterator[FieldRow]:
        """The rows that were made so far, those of the sections below included."""
        yield from self.rows
        for group in self.groups:
            yield from group.all_rows()

    def all_groups(self) -> Iterator[Group]:
        """The sections below, at any depth."""
        for group in self.groups:
            yield group
            yield from group.all_groups()

    def row(self, path: str) -> FieldRow | None:
        """The row of a field here or in the sections below, made now if there was none; None for any other path."""
        if any(field.path == path for field in self._to_come):
            self._make_advanced()
        found = next((row for row in self.rows if row.field.path == path), None)
        below = (group.row(path) for group in self.groups)
        return found or next((row for row in below if row is not None), None)

    def _make_row(self, field: FieldDescription, parent: QWidget) -> FieldRow:
        row = FieldRow(field, parent)
        row.edited.connect(self.edited)
        row.focused.connect(self.focused)
        self.rows.append(row)
        return row

    def _make_advanced(self) -> None:
        layout = self._advanced.layout()
        assert layout is not None
        fields, self._to_come = self._to_come, []
        for field in fields:
            row = self._make_row(field, self._advanced)
            row.set_value(value_of(self._values, field))
            if self._narrow is not None:
                row.set_narrow(self._narrow)
            layout.addWidget(row)

    # --- looks ---------------------------------------------------------------------------------------

    def reveal(self, row: FieldRow) -> None:
        """Unfold what hides a row."""
        if row in self.rows and row.field.advanced:
            self._fold.set_open(True)
        for group in self.groups:
            if any(item is row for item in group.all_rows()):
                group.reveal(row)

    def filter(self, words: list[str]) -> int:
        """Show only the rows that hold all the words; all rows if there are none. Returns how many match."""
        self._words = words
        found = 0
        if words:
            self._make_advanced()
        for row in self.rows:
            hit = not words or row.matches(words)
            row.setVisible(hit)
            found += hit
        found += sum(group.filter(words) for group in self.groups)
        self._folded()
        return found

    def set_narrow(self, narrow: bool) -> None:
        self._narrow = narrow
        for row in self.rows:
            row.set_narrow(narrow)
        for group in self.groups:
            group.set_narrow(narrow)

    def retranslate(self) -> None:
        for row in self.rows:
            row.retranslate()
        for group in self.groups:
            group.retranslate()
        self._label_fold()

    def _folded(self) -> None:
        searching = bool(self._words)
        if self._fold.is_open:
            self._make_advanced()
        self._fold.setVisible(self._count > 0 and not searching)
        self._advanced.setVisible(self._count > 0 and (searching or self._fold.is_open))
        self._label_fold()

    def _label_fold(self) -> None:
        is_open = self._fold.is_open
        changed = sum(row.changed for row in self.rows if row.field.advanced)
        changed += sum(differs(value_of(self._values, field), field) for field in self._to_come)
        wrong = sum(row.problem is not None for row in self.rows if row.field.advanced)
        text = tr("Advanced ({count})", count=self._count)
        if wrong and not is_open:
            text += " · " + tr("{count} to mend", count=wrong)
        elif changed and not is_open:
            text += " · " + tr("{count} changed", count=changed)
        self._fold.setText(text)

    def refresh_fold(self) -> None:
        """After problems were set: a folded part says that something in it is wrong."""
        self._label_fold()
        for group in self.groups:
            group.refresh_fold()
