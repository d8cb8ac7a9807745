"""What a search tries for one field: from a number to a number, some values, or some of the choices."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from studio.gui.forms.editors import NumberBox
from studio.gui.forms.values import number_text
from studio.gui.forms.words import bounds_text, choice_text, place_text
from studio.gui.i18n import tr
from studio.gui.search.words import range_text
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon
from studio.recipe import FieldDescription, Problem
from studio.recipe.range_defaults import suggested

_BOX = 92


class RangeRow(QWidget):
    """One field's range. `text()` gives it as the command line has it; `removed` carries the field's path."""

    removed = Signal(str)
    edited = Signal()

    def __init__(self, field: FieldDescription, value: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._problem: Problem | None = None
        self._title = QLabel(wordWrap=True)
        self._remove = QToolButton()
        self._remove.setAutoRaise(True)
        self._remove.setIconSize(QSize(14, 14))
        self._remove.clicked.connect(self._removed)
        self._error = QLabel(wordWrap=True)
        self._error.setProperty("role", "error")
        self._error.hide()
        self.low, self.high = NumberBox(field), NumberBox(field)
        self._to = QLabel()
        self.log = QCheckBox()
        self.values = QLineEdit()
        self.choices = QPushButton()
        self._menu = QMenu(self.choices)
        self.choices.setMenu(self._menu)
        self._line = QHBoxLayout()
        self._line.setSpacing(6)
        self._numeric = field.kind in ("integer", "number")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self._remove, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(self._line, 1, 0, 1, 2)
        grid.addWidget(self._error, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self._fill(value)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()

    def _fill(self, value: Any) -> None:
        start = suggested(self.field, value)
        if self._numeric and start is not None:
            for box, number in ((self.low, start.low), (self.high, start.high)):
                box.setFixedWidth(_BOX)
                box.set_value(int(number) if start.whole else number)
                box.edited.connect(self._edited)
            self.log.setChecked(start.log)
            self.log.clicked.connect(self._edited)
            for widget in (self.low, self._to, self.high, self.log):
                self._line.addWidget(widget)
            self._line.addStretch(1)
        elif start is not None:
            for choice in start.choices:
                action = self._menu.addAction("")
                action.setCheckable(True)
                action.setChecked(True)
                action.setData(choice)
                action.toggled.connect(self._edited)
            self._line.addWidget(self.choices, 1)
            self.choices.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        else:
            self.values.setText(str(value))
            self.values.textEdited.connect(self._edited)
            self._line.addWidget(self.values, 1)

    def text(self) -> str:
        """`path=range`."""
        path = self.field.path
        if self._numeric:
            low, high = (number_text(box.value()) for box in (self.low, self.high))
            return f"{path}={low}..{high}" + (":log" if self.log.isChecked() else "")
        if self._menu.actions():
            chosen = [action.data() for action in self._menu.actions() if action.isChecked()]
            return f"{path}={','.join(_word(value) for value in chosen)}"
        return f"{path}={self.values.text()}"

    def set_problem(self, problem: Problem | None) -> None:
        """Show what is wrong with the range, or nothing."""
        self._problem = problem
        self._error.setText(range_text(problem, self.field) if problem else "")
        self._error.setVisible(problem is not None)

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        place = place_text(self.field.path)
        self._title.setText(place)
        self._title.setToolTip("\n".join(filter(None, (tr(self.field.help), bounds_text(self.field)))))
        self._to.setText(tr("to"))
        self.low.setAccessibleName(tr("{field}: lowest", field=place))
        self.high.setAccessibleName(tr("{field}: highest", field=place))
        self.log.setText(tr("by order of magnitude"))
        self.log.setToolTip(tr("As many tries between 0.001 and 0.01 as between 0.01 and 0.1"))
        self.values.setPlaceholderText(tr("values with commas between them"))
        self.values.setAccessibleName(place)
        self.choices.setAccessibleName(place)
        for action in self._menu.actions():
            data = action.data()
            words = (tr("on") if data else tr("off")) if isinstance(data, bool) else choice_text(str(data))
            action.setText(words)
        self._remove.setToolTip(tr("Remove {name}", name=place))
        self._remove.setAccessibleName(tr("Remove {name}", name=place))
        self._name_chosen()
        self.set_problem(self._problem)

    def _name_chosen(self) -> None:
        chosen = [action.text() for action in self._menu.actions() if action.isChecked()]
        self.choices.setText(", ".join(chosen) or tr("nothing chosen"))

    def _edited(self, *_: object) -> None:
        self._name_chosen()
        self.set_problem(None)
        self.edited.emit()

    def _removed(self) -> None:
        self.removed.emit(self.field.path)

    def _tint(self) -> None:
        self._remove.setIcon(icon("close", "muted"))


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
