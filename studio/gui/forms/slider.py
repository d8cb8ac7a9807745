"""A slider beside a number, for what is tried out rather than known."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from studio.gui.forms.values import step_of
from studio.recipe import FieldDescription


class NumberSlider(QSlider):
    """From the field's least value to its `slider`, in its steps. A value beyond its ends leaves it at that end."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        assert field.slider is not None
        self._step = step_of(field.slider, field)
        self._least = field.minimum or 0.0
        first = 1 if field.exclusive_minimum else 0
        self.setRange(first, round((field.slider - self._least) / self._step))
        self.setPageStep(max(1, (self.maximum() - first) // 10))
        self.setMinimumWidth(48)
        self._setting = False
        self.valueChanged.connect(self._moved)

    def set_value(self, value: Any) -> None:
        """Stand where a value is; no signal comes of it. What is no number moves nothing."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._setting = True
            bounded = min(max((value - self._least) / self._step, self.minimum()), self.maximum())
            self.setValue(round(bounded))
            self._setting = False

    def _moved(self, position: int) -> None:
        if not self._setting:
            self.edited.emit(float(f"{self._least + position * self._step:.10g}"))
