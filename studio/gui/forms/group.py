"""A section of the recipe as a group that folds; a union lets one family of several be chosen at its head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.gui.forms.disclosure import Disclosure
from studio.gui.forms.segmented import Segmented
from studio.gui.forms.values import MISSING, lookup, plain, value_of
from studio.gui.forms.words import explain
from studio.gui.i18n import tr
from studio.recipe import FieldDescription, Problem
from studio.recipe.task import TASKS

if TYPE_CHECKING:
    from studio.gui.forms.fields import Fields
    from studio.gui.forms.row import FieldRow


class Group(QWidget):
    """A titled, folding group. Of a union, what was set in each family is kept while another is shown."""

    edited = Signal(str, object)
    focused = Signal(object)

    def __init__(
        self, field: FieldDescription, *, skip: frozenset[str] = frozenset(), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.field = field
        self.problems: list[Problem] = []
        self._tag = next(iter(field.variants))
        self._remembered: dict[str, dict[str, Any]] = {}
        self._top = "." not in field.path
        self._head = Disclosure(True, self)
        self._head.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._head.toggled_open.connect(self._toggled)
        font = self._head.font()
        font.setBold(True)
        self._head.setFont(font)
        self._count = QLabel(self)
        self._count.setProperty("role", "error")
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self.selector: Segmented | None = None
        self._body = QWidget(self)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(8, 0, 0, 6)
        body.setSpacing(2)
        body.addWidget(self._error)
        if field.kind == "union":
            self.selector = Segmented(list(field.variants), self._body)
            self.selector.chosen.connect(self._family_chosen)
            body.addWidget(self.selector, 0, Qt.AlignmentFlag.AlignLeft)
            body.addSpacing(4)
        self._skip = skip
        self._narrow: bool | None = None
        self._variants: dict[str, Fields] = {}  # of the families shown so far
        self._make_fields(self._tag)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._head)
        head.addWidget(self._count)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(2)
        if self._top:
            rule = QFrame(self)
            rule.setProperty("role", "rule")
            layout.addWidget(rule)
        layout.addLayout(head)
        layout.addWidget(self._body)
        self._name()

    @property
    def fields(self) -> Fields:
        """The fields of the family that is shown."""
        return self._variants[self._tag]

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show a draft."""
        if self.selector is not None:
            section = value_of(values, self.field)
            tag = section.get(self.field.discriminator) if isinstance(section, dict) else None
            self._offer(values)
            if isinstance(tag, str) and tag in self.field.variants:
                self._show_family(tag)
            if lookup(values, self.field.path) is not MISSING and isinstance(section, dict):
                self._remembered[self._tag] = dict(section)
        self.fields.set_values(values)

    def set_problems(self, problems: list[Problem]) -> None:
        """What is wrong with the section as a whole; its fields say what is wrong with them."""
        self.problems = problems
        self._error.setText("\n".join(explain(problem) for problem in problems))
        self._error.setVisible(bool(problems))

    def all_rows(self) -> Iterator[FieldRow]:
        yield from self.fields.all_rows()

    def row(self, path: str) -> FieldRow | None:
        """The row of a field at any depth, made now if it was folded away; None for any other path."""
        return self.fields.row(path) if path.startswith(self.field.path) else None

    def all_groups(self) -> Iterator[Group]:
        yield from self.fields.all_groups()

    # --- looks ---------------------------------------------------------------------------------------

    def set_open(self, is_open: bool) -> None:
        self._head.set_open(is_open)

    def reveal(self, row: FieldRow) -> None:
        """Unfold what hides a row."""
        self.set_open(True)
        self.fields.reveal(row)

    def filter(self, words: list[str]) -> int:
        """Show only rows that hold all the words; returns how many match."""
        found = self.fields.filter(words)
        self.setVisible(found > 0)
        self._body.setVisible(bool(words) or self._head.is_open)
        return found

    def set_narrow(self, narrow: bool) -> None:
        self._narrow = narrow
        if self.selector is not None:
            self.selector.set_upright(narrow)
        for fields in self._variants.values():
            fields.set_narrow(narrow)

    def refresh_fold(self) -> None:
        """Count what is wrong inside, for when the group is folded."""
        wrong = len(self.problems) + sum(row.problem is not None for row in self.all_rows())
        wrong += sum(len(group.problems) for group in self.all_groups())
        self._count.setText(tr("{count} to mend", count=wrong) if wrong else "")
        self.fields.refresh_fold()

    def retranslate(self) -> None:
        self._name()
        if self.selector is not None:
            self.selector.retranslate()
        for fields in self._variants.values():
            fields.retranslate()
        self.set_problems(self.problems)

    def _name(self) -> None:
        self._head.setText(tr(self.field.title))
        self._head.setToolTip(tr(self.field.help))
        self._head.setAccessibleName(tr(self.field.title))
        if self.selector is not None:
            self.selector.setAccessibleName(tr(self.field.title))

    def _toggled(self) -> None:
        self._body.setVisible(self._head.is_open)

    def _make_fields(self, tag: str) -> None:
        """The fields of a family; those of one that is never chosen are never made."""
        from studio.gui.forms.fields import Fields  # sections hold fields, fields hold sections

        section = self.field.variants[tag]
        fields = Fields(
            section, self.field.path, hidden=self.field.discriminator, skip=self._skip, parent=self._body
        )
        fields.edited.connect(self.edited)
        fields.focused.connect(self.focused)
        if self._narrow is not None:
            fields.set_narrow(self._narrow)
        self._variants[tag] = fields
        layout = self._body.layout()
        assert layout is not None
        layout.addWidget(fields)

    def _offer(self, values: Mapping[str, Any]) -> None:
        """Of networks, offer those that can learn the draft's task, and the one that is chosen."""
        task = lookup(values, "task.name")
        if self.selector is not None and self.field.path == "model" and task in TASKS:
            self.selector.offer(TASKS[str(task)].FAMILIES)

    def _show_family(self, tag: str) -> None:
        self._tag = tag
        if tag not in self._variants:
            self._make_fields(tag)
        if self.selector is not None:
            self.selector.set_value(tag)
        for name, fields in self._variants.items():
            fields.setVisible(name == tag)

    def _family_chosen(self, tag: str) -> None:
        """Show another family with what it held before, or with its defaults."""
        if tag == self._tag:
            return
        self._show_family(tag)
        values = self._remembered.get(tag) or {self.field.discriminator: tag}
        self.edited.emit(self.field.path, plain(values))
