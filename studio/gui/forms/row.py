"""One field in a form: label, widget, unit, the way back to the default, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from studio.gui.forms.editors import Tick, WheelGuard, editor_for
from studio.gui.forms.slider import NumberSlider
from studio.gui.forms.values import differs, number_text, plain
from studio.gui.forms.words import bounds_text, choice_text, explain, unit_text
from studio.gui.i18n import tr
from studio.gui.theme import mark, theme
from studio.gui.widgets.icons import icon
from studio.recipe import FieldDescription, Problem

LABEL_WIDTH = 140


class Dot(QWidget):
    """A small red dot beside a value that is not the default."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on = False
        self.setFixedSize(10, 18)

    def set_on(self, on: bool) -> None:
        if self._on != on:
            self._on = on
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._on:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(1, self.height() // 2 - 2, 5, 5)


class FieldRow(QWidget):
    """A field as a row; in a narrow form the label stands above the widget."""

    edited = Signal(str, object)
    focused = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.problem: Problem | None = None
        self._changed = False
        self._narrow: bool | None = None
        self._guard = WheelGuard(self)
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._dot = Dot(self)
        self.editor = editor_for(field, self)
        self._unit = QLabel(self)
        self._unit.setProperty("role", "caption")
        self._reset = QToolButton(self)
        self._reset.setAutoRaise(True)
        self._reset.setIconSize(QSize(13, 13))
        self._reset.clicked.connect(self._to_default)
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self._label.setBuddy(self.editor)
        self.editor.installEventFilter(self._guard)
        self.editor.installEventFilter(self)
        self.editor.edited.connect(self._edited)
        self._line = QHBoxLayout()
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(6)
        wide = field.kind in ("text", "lines", "weights")
        self._line.addWidget(self.editor, 1 if wide else 0)
        self.slider: NumberSlider | None = None
        if field.slider is not None:
            self.slider = NumberSlider(field, self)
            self.slider.installEventFilter(self._guard)
            self.slider.edited.connect(self._slid)
            self._line.addWidget(self.slider, 1)
        self._line.addWidget(self._unit)
        self._line.addWidget(self._reset)
        if not wide and self.slider is None:
            self._line.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 3, 0, 3)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(3)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.set_narrow(False)
        self.retranslate()
        theme.changed.connect(self._themed)
        self._themed()

    # --- values --------------------------------------------------------------------------------------

    def set_value(self, value: Any) -> None:
        """Show a value; no signal comes of it."""
        self.editor.set_value(value)
        if self.slider is not None:
            self.slider.set_value(value)
        self._changed = differs(value, self.field)
        self._dot.set_on(self._changed)
        self._reset.setVisible(self._changed)

    @property
    def changed(self) -> bool:
        """Whether the value shown is not the default."""
        return self._changed

    def set_problem(self, problem: Problem | None) -> None:
        """Show what is wrong with the field, or nothing."""
        if problem != self.problem:
            self.problem = problem
            self._show_problem()

    def _show_problem(self) -> None:
        problem = self.problem
        text = explain(problem, self.field) if problem else ""
        self._error.setText(text)
        self._error.setVisible(bool(text))
        self.editor.setAccessibleDescription(text or tr(self.field.help))
        if not isinstance(self.editor, Tick):
            mark(self.editor, "invalid", "true" if text else "false")

    def matches(self, words: list[str]) -> bool:
        """Whether all the words occur in the field's name, title or help, in English or as shown."""
        field = self.field
        shown = [field.path, field.title, field.help, tr(field.title), tr(field.help)]
        shown += [text for choice in field.choices for text in (choice, choice_text(choice))]
        text = " ".join(shown).casefold()
        return all(word in text for word in words)

    # --- looks ---------------------------------------------------------------------------------------

    def set_narrow(self, narrow: bool) -> None:
        """Put the label above the widget, or beside it."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for item in (self._dot, self._label, self._error):
            self._grid.removeWidget(item)
        self._grid.removeItem(self._line)
        beside = isinstance(self.editor, Tick) or not narrow
        column, row = (2, 0) if beside else (1, 1)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(self._dot, 0, 0, top)
        tall = beside and (not narrow or isinstance(self.editor, Tick))
        self._dot.setFixedHeight(30 if tall else 20)
        self._label.setFixedWidth(LABEL_WIDTH if beside else LABEL_WIDTH + 60)
        self._label.setMinimumHeight(30 if tall else 20)
        self._grid.addWidget(self._label, 0, 1, top)
        self._grid.addLayout(self._line, row, column)
        self._grid.addWidget(self._error, row + 1, column)
        self._grid.setColumnStretch(1, 0 if beside else 1)
        self._grid.setColumnStretch(2, 1 if beside else 0)

    def retranslate(self) -> None:
        field = self.field
        self._label.setText(tr(field.title))
        self._unit.setText(unit_text(field))
        self._unit.setVisible(bool(field.unit))
        self.editor.retranslate()
        self.editor.setAccessibleName(tr(field.title))
        tip = tr(field.help) + (f"\n{bounds_text(field)}" if bounds_text(field) else "")
        for widget in (self._label, self.editor):
            widget.setToolTip(tip)
        if self.slider is not None:
            self.slider.setAccessibleName(tr(field.title))
            self.slider.setToolTip(tip)
        self._reset.setToolTip(tr("Back to {value}", value=self._default_text()))
        self._reset.setAccessibleName(tr("Reset {title}", title=tr(field.title)))
        self._show_problem()

    def _themed(self) -> None:
        self._reset.setIcon(icon("refresh"))
        self._dot.update()

    def _default_text(self) -> str:
        value = plain(self.field.default)
        if isinstance(value, bool):
            return tr("on") if value else tr("off")
        if isinstance(value, list | dict):
            return tr("the default")
        return choice_text(value) if self.field.kind == "choice" else number_text(value)

    def default_sentence(self) -> str:
        """Bounds and default, for the description of the focused field."""
        parts = [bounds_text(self.field)]
        if not self.field.required and self.field.kind not in ("lines", "text", "weights"):
            parts.append(tr("default {value}", value=self._default_text()))
        return "; ".join(part for part in parts if part)

    # --- events --------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.focused.emit(self)
        return False

    def _edited(self, value: object) -> None:
        self.edited.emit(self.field.path, value)

    def _slid(self, value: object) -> None:
        self.editor.set_value(value)
        self._edited(value)

    def _to_default(self) -> None:
        value = plain(self.field.default)
        self.set_value(value)
        self.editor.setFocus()
        self.edited.emit(self.field.path, value)
