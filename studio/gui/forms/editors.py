"""One widget for each kind of field, all alike: `edited(value)`, `value()`, `set_value(value)`, `retranslate()`.

A value that is out of bounds or no number at all can be typed; it goes to the recipe as it is, which says
what is wrong with it. `set_value` leaves a widget alone whose text already means the value, so that what
comes back from the recipe never disturbs typing.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from studio.gui.forms.encoder_line import EncoderLine
from studio.gui.forms.run_picker import RunPicker
from studio.gui.forms.values import number_from, number_text, stepped
from studio.gui.forms.weights import Weights
from studio.gui.forms.words import choice_text
from studio.recipe import FieldDescription


class NumberBox(QAbstractSpinBox):
    """A number with small arrows that never changes what was typed into it."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(116)
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        self.lineEdit().textEdited.connect(self._typed)

    def value(self) -> Any:
        return number_from(self.lineEdit().text(), self._field.kind == "integer")

    def set_value(self, value: Any) -> None:
        if self.value() != value or not self.lineEdit().text():
            self.lineEdit().setText(number_text(value))

    def retranslate(self) -> None:
        """Numbers are written alike in all languages."""

    def stepBy(self, steps: int) -> None:
        value = stepped(self.value(), steps, self._field)
        self.lineEdit().setText(number_text(value))
        self.lineEdit().selectAll()
        self.edited.emit(value)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        value, field = self.value(), self._field
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if not isinstance(value, int | float) or field.minimum is None or value > field.minimum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        if not isinstance(value, int | float) or field.maximum is None or value < field.maximum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        return flags

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Everything may be typed: the recipe judges, not the widget."""
        return QValidator.State.Acceptable, text, position

    def fixup(self, text: str) -> str:
        return text

    def _typed(self) -> None:
        self.edited.emit(self.value())


class ChoiceBox(QComboBox):
    """One of a few words. A value that is no choice (from a file) is shown as it is until another is taken."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(116)
        for choice in field.choices:
            self.addItem(choice_text(choice), choice)
        self.activated.connect(self._chosen)

    def value(self) -> Any:
        return self.currentData() if self.currentIndex() >= 0 else self.placeholderText()

    def set_value(self, value: Any) -> None:
        if self.value() != value:
            index = self.findData(value)
            self.setPlaceholderText("" if index >= 0 else str(value))
            self.setCurrentIndex(index)

    def retranslate(self) -> None:
        for index in range(self.count()):
            self.setItemText(index, choice_text(self.itemData(index)))

    def _chosen(self) -> None:
        self.edited.emit(self.currentData())


class Tick(QCheckBox):
    """Yes or no."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._clicked)

    def value(self) -> Any:
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        self.setChecked(value is True)

    def retranslate(self) -> None:
        """The label in front of the tick says what it is."""

    def _clicked(self, checked: bool) -> None:
        self.edited.emit(checked)


class TextLine(QLineEdit):
    """A line of text."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(136)
        self.textEdited.connect(self._typed)

    def value(self) -> Any:
        return self.text()

    def set_value(self, value: Any) -> None:
        if self.text() != str(value):
            self.setText(str(value))
            self.setCursorPosition(0)

    def retranslate(self) -> None:
        """A person's own text."""

    def _typed(self, text: str) -> None:
        self.edited.emit(text)


class Lines(QPlainTextEdit):
    """Several texts, one a line; empty lines do not count."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = False
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setMinimumWidth(160)
        self.textChanged.connect(self._changed)

    def value(self) -> Any:
        return [line.strip() for line in self.toPlainText().splitlines() if line.strip()]

    def set_value(self, value: Any) -> None:
        lines = [str(line) for line in value] if isinstance(value, list | tuple) else [str(value)]
        if self.value() != lines:
            self._setting = True
            self.setPlainText("\n".join(lines))
            self._setting = False
        self.updateGeometry()

    def retranslate(self) -> None:
        """A person's own text."""

    def sizeHint(self) -> QSize:
        """As many lines as there are, from three to eight."""
        lines = min(max(self.blockCount() + 1, 3), 8)
        return QSize(220, lines * self.fontMetrics().lineSpacing() + 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def _changed(self) -> None:
        if not self._setting:
            self.updateGeometry()
            self.edited.emit(self.value())


Editor = NumberBox | ChoiceBox | Tick | TextLine | Lines | RunPicker | EncoderLine | Weights


def editor_for(field: FieldDescription, parent: QWidget | None = None) -> Editor:
    """The widget that suits a field."""
    if field.picks == "runs":
        return RunPicker(field, parent)
    if field.picks == "encoders":
        return EncoderLine(field, parent)
    if field.kind == "weights":
        return Weights(field, parent)
    kinds: dict[str, type[NumberBox] | type[ChoiceBox] | type[Tick] | type[TextLine] | type[Lines]] = {
        "integer": NumberBox,
        "number": NumberBox,
        "choice": ChoiceBox,
        "boolean": Tick,
        "text": TextLine,
        "lines": Lines,
    }
    return kinds[field.kind](field, parent)


class WheelGuard(QObject):
    """Keeps the wheel from changing a value that the pointer merely passes over: the form scrolls instead."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False
