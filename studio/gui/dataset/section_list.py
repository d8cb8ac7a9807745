"""An ordered list of sections of the recipe, such as the preparation steps: added, removed, moved and set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.forms.row import FieldRow
from studio.gui.forms.words import explain
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon
from studio.recipe import Problem, describe
from studio.recipe.fields import Section

_ITEM = 30


class _List(QListWidget):
    """Alt with up and down moves an item, Delete removes it; it can be dragged, too."""

    pushed = Signal(int)
    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in moves:
            self.pushed.emit(moves[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class SectionList(QWidget):
    """Tells the whole new list with `edited`, or one setting of an item; `chosen` carries the current item or -1."""

    edited = Signal(str, object)
    chosen = Signal(int)

    def __init__(self, path: str, union: Any, add: str, parent: QWidget | None = None) -> None:
        """`union` are the sections that can be in the list at `path`; `add` is the button's English text."""
        super().__init__(parent)
        self.path = path
        self._add_text = add
        self._sections: dict[str, type[Section]] = {
            str(section.model_fields["kind"].default): section for section in get_args(union)
        }
        self.starting: Callable[[str], dict[str, Any]] = lambda _kind: {}
        """What an item of a kind begins with beside the usual values."""
        self._items: list[dict[str, Any]] = []
        self._problems: list[Problem] = []
        self._notes: list[str] = []
        self.rows: list[FieldRow] = []
        self._rows_for: tuple[int, str] = (-1, "")
        self.list = _List()
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.pushed.connect(self.push)
        self.list.removed.connect(self.remove)
        self.list.currentRowChanged.connect(self._current_changed)
        self.list.model().rowsMoved.connect(self._dragged)
        self._empty = QLabel(wordWrap=True)
        self._empty.setProperty("role", "caption")
        self.add = QPushButton()
        self.menu = QMenu(self.add)
        self.menu.setToolTipsVisible(True)
        self.add.setMenu(self.menu)
        self.up, self.down, self.trash = QToolButton(), QToolButton(), QToolButton()
        for button, what in ((self.up, partial(self.push, -1)), (self.down, partial(self.push, 1)),
                             (self.trash, self.remove)):  # fmt: skip
            button.setIconSize(QSize(16, 16))
            button.clicked.connect(what)
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self.add)
        line.addStretch(1)
        for button in (self.up, self.down, self.trash):
            line.addWidget(button)
        self._error = QLabel(wordWrap=True)
        self._error.setProperty("role", "error")
        self._form = QVBoxLayout()
        self._form.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._empty)
        column.addWidget(self.list)
        column.addLayout(line)
        column.addWidget(self._error)
        column.addLayout(self._form)
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()
        self._fill(-1)

    # --- values --------------------------------------------------------------------------------------

    def set_values(self, values: object) -> None:
        """Show the draft's list; the current item stays the current one."""
        items = (
            [dict(item) for item in values if isinstance(item, dict)]
            if isinstance(values, list | tuple)
            else []
        )
        if items == self._items:
            return
        same = [item.get("kind") for item in items] == [item.get("kind") for item in self._items]
        self._items = items
        if not same:
            self._fill(min(max(self.list.currentRow(), 0), len(items) - 1))
        self._show_form()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """What the recipe says about the list and its items."""
        self._problems = [p for p in problems if p.path == self.path or p.path.startswith(f"{self.path}.")]
        self._show_problems()

    def set_notes(self, notes: Sequence[str]) -> None:
        """What was seen of each item, such as how many documents it changed."""
        self._notes = list(notes)
        # Where an item was just removed, its row still stands until the list is filled anew.
        for place in range(min(self.list.count(), len(self._items))):
            self.list.item(place).setText(self._text(place))

    # --- changes -------------------------------------------------------------------------------------

    def append(self, values: dict[str, Any]) -> None:
        """Add an item at the end."""
        self._emit([*self._items, values], len(self._items))

    def push(self, by: int) -> None:
        """Move the current item up or down."""
        here = self.list.currentRow()
        if 0 <= here < len(self._items) and 0 <= here + by < len(self._items):
            items = list(self._items)
            items.insert(here + by, items.pop(here))
            self._emit(items, here + by)

    def remove(self) -> None:
        """Remove the current item."""
        here = self.list.currentRow()
        if 0 <= here < len(self._items):
            self._emit(self._items[:here] + self._items[here + 1 :], min(here, len(self._items) - 2))

    def title_of(self, kind: str) -> str:
        """A kind in the window's language."""
        return next((tr(f.title) for f in describe(self._sections[kind]) if f.name == "kind"), kind) if (
            kind in self._sections
        ) else kind  # fmt: skip

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.add.setText(tr(self._add_text))
        self.menu.clear()
        for kind, section in self._sections.items():
            action = self.menu.addAction(self.title_of(kind))
            action.setToolTip(next((tr(f.help) for f in describe(section) if f.name == "kind"), ""))
            action.triggered.connect(partial(self._add, kind))
        for button, text in ((self.up, tr("Move up (Alt+Up)")), (self.down, tr("Move down (Alt+Down)")),
                             (self.trash, tr("Remove (Delete)"))):  # fmt: skip
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._empty.setText(tr("Nothing is done to the texts."))
        self.list.setAccessibleName(self.add.text())
        self.set_notes(self._notes)
        for row in self.rows:
            row.retranslate()
        self._show_problems()

    # --- inside --------------------------------------------------------------------------------------

    def _add(self, kind: str) -> None:
        fields = describe(self._sections[kind])
        needed = {f.name: "" for f in fields if f.required and f.name != "kind"}
        self.append({"kind": kind, **needed, **self.starting(kind)})

    def _emit(self, items: list[dict[str, Any]], current: int) -> None:
        self._items, self._notes = items, []
        self._rows_for = (-1, "")
        self.edited.emit(self.path, items)  # before anybody asks the draft for its list
        self._fill(current)

    def _dragged(self, _: QModelIndex, first: int, __: int, ___: QModelIndex, to: int) -> None:
        items = list(self._items)
        place = to - 1 if to > first else to
        items.insert(place, items.pop(first))
        self._items, self._notes = items, []
        self._rows_for = (-1, "")
        self.edited.emit(self.path, items)
        self._show_form()

    def _text(self, place: int) -> str:
        title = self.title_of(str(self._items[place].get("kind", "")))
        note = self._notes[place] if place < len(self._notes) else ""
        return f"{place + 1}.  {title}" + (f"  ·  {note}" if note else "")

    def _fill(self, current: int) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for place in range(len(self._items)):
            item = QListWidgetItem(self._text(place))
            item.setSizeHint(QSize(10, _ITEM))
            self.list.addItem(item)
        self.list.setCurrentRow(current)
        self.list.blockSignals(False)
        self.list.setFixedHeight(_ITEM * max(len(self._items), 1) + 4)
        self.list.setVisible(bool(self._items))
        self._empty.setVisible(not self._items)
        self._current_changed(self.list.currentRow())

    def _current_changed(self, row: int) -> None:
        for button, on in (
            (self.up, row > 0),
            (self.down, 0 <= row < len(self._items) - 1),
            (self.trash, row >= 0),
        ):
            button.setEnabled(on)
        self._show_form()
        self.chosen.emit(row)

    def _show_form(self) -> None:
        """The settings of the current item; a row that is being edited stays."""
        here = self.list.currentRow()
        item = self._items[here] if 0 <= here < len(self._items) else {}
        kind = str(item.get("kind", ""))
        if self._rows_for != (here, kind):
            self._rows_for = (here, kind)
            for row in self.rows:
                self._form.removeWidget(row)
                row.hide()
                row.deleteLater()
            fields = describe(self._sections[kind], f"{self.path}.{here}") if kind in self._sections else ()
            self.rows = [FieldRow(field, self) for field in fields if field.name != "kind"]
            for row in self.rows:
                row.set_narrow(True)
                row.edited.connect(self.edited)
                self._form.addWidget(row)
            self._show_problems()
        for row in self.rows:
            row.set_value(item.get(row.field.name, row.field.default))

    def _show_problems(self) -> None:
        rest = list(self._problems)
        for row in self.rows:
            found = next((problem for problem in self._problems if problem.path == row.field.path), None)
            row.set_problem(found)
            if found in rest:
                rest.remove(found)
        self._error.setText("\n".join(explain(problem) for problem in rest))
        self._error.setVisible(bool(rest))

    def _themed(self) -> None:
        for button, name in ((self.up, "chevron-up"), (self.down, "chevron-down"), (self.trash, "trash")):
            button.setIcon(icon(name))
        self.add.setIcon(icon("plus"))
