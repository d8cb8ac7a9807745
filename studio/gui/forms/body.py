"""Some of the recipe's sections as widgets, without anything around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.gui.forms.group import Group
from studio.gui.forms.row import FieldRow
from studio.gui.forms.values import value_of
from studio.gui.forms.words import sentence
from studio.recipe import Problem, walk

NARROW = 372


class FormBody(QWidget):
    """The fields at the given paths, which are sections or single fields.

    It shows what it is given and tells what a person changes; it never calls back for what it was given.

    Attributes:
        groups, rows: what stands at the first level.
    """

    edited = Signal(str, object)
    focused = Signal(object)

    def __init__(
        self, paths: Sequence[str], *, skip: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.groups: list[Group] = []
        self.rows: list[FieldRow] = []
        self._paths = tuple(paths)
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._error)
        fields = {field.path: field for field in walk()}
        for path in paths:
            field = fields[path]
            if field.kind in ("section", "union"):
                group = Group(field, skip=frozenset(skip), parent=self)
                self.groups.append(group)
                item: Group | FieldRow = group
            else:
                item = FieldRow(field, self)
                self.rows.append(item)
            item.edited.connect(self.edited)
            item.focused.connect(self.focused)
            layout.addWidget(item)
        layout.addStretch(1)

    # --- values --------------------------------------------------------------------------------------

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show a draft of the recipe."""
        for row in self.rows:
            row.set_value(value_of(values, row.field))
        for group in self.groups:
            group.set_values(values)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Put each problem at its field, else at the head of its section, else at the top if it is about all."""
        groups = {group.field.path: group for group in self.all_groups()}
        at_rows: dict[FieldRow, Problem] = {}
        at_groups: dict[str, list[Problem]] = {}
        here: list[Problem] = []
        for problem in problems:
            for place in _upwards(problem.path):
                row = self.row(place)
                if row is not None:
                    at_rows.setdefault(row, problem)
                elif place in groups:
                    at_groups.setdefault(place, []).append(problem)
                else:
                    continue
                break
            else:
                if not problem.path and any(path in problem.reason for path in self._paths):
                    here.append(problem)
        for row in self.all_rows():
            row.set_problem(at_rows.get(row))
        for path, group in groups.items():
            group.set_problems(at_groups.get(path, []))
        for group in self.groups:
            group.refresh_fold()
        self._error.setText("\n".join(sentence(problem) for problem in here))
        self._error.setVisible(bool(here))

    def all_rows(self) -> Iterator[FieldRow]:
        """Every row in use that was made so far; folded ones are made when they are needed."""
        yield from self.rows
        for group in self.groups:
            yield from group.all_rows()

    def all_groups(self) -> Iterator[Group]:
        """Every group in use."""
        for group in self.groups:
            yield group
            yield from group.all_groups()

    def row(self, path: str) -> FieldRow | None:
        """The row of a field, if it is in use here; made now if it was folded away."""
        found = next((row for row in self.rows if row.field.path == path), None)
        below = (group.row(path) for group in self.groups)
        return found or next((row for row in below if row is not None), None)

    # --- looks ---------------------------------------------------------------------------------------

    def reveal(self, path: str) -> QWidget | None:
        """Unfold the field or section nearest to a path and give it the focus; None if it is not here."""
        for place in _upwards(path):
            row = self.row(place)
            if row is not None:
                for group in self.groups:
                    if any(item is row for item in group.all_rows()):
                        group.reveal(row)
                row.editor.setFocus()
                return row
            for group in self.all_groups():
                if group.field.path == place:
                    group.set_open(True)
                    return group
        return None

    def filter(self, text: str) -> int:
        """Show only the fields that hold all words of the text; returns how many do."""
        words = text.casefold().split()
        found = sum(group.filter(words) for group in self.groups)
        for row in self.rows:
            hit = not words or row.matches(words)
            row.setVisible(hit)
            found += hit
        return found

    def retranslate(self) -> None:
        for row in self.rows:
            row.retranslate()
        for group in self.groups:
            group.retranslate()
            group.refresh_fold()

    def minimumSizeHint(self) -> QSize:
        """Narrower than the rows are now: in that width they rearrange themselves."""
        return QSize(250, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        for row in self.rows:
            row.set_narrow(narrow)
        for group in self.groups:
            group.set_narrow(narrow)


def _upwards(path: str) -> Iterator[str]:
    """`a.b.c`, `a.b`, `a`."""
    while path:
        yield path
        path = path.rpartition(".")[0]
