"""Which items are wanted: right or wrong, of which classes, holding which text, how long, in which order."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from studio.gui.evaluation.words import class_text
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.runs.appraisal_requests import Wanted
from studio.runs.appraisals import Appraisal

_TYPED = 300  # milliseconds of quiet before items are searched
_WIDE = 780  # pixels from which on two rows are enough
_ANY = "\0"  # no class is called so
_OUTCOMES = ("wrong", "all", "right")
_ORDERS = ("loss", "confidence", "length", "number")


class ItemsFilter(QWidget):
    """`changed` is emitted when others are wanted."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=_TYPED)
        self._timer.timeout.connect(self.changed)
        self.outcome, self.order = QComboBox(), QComboBox()
        self.of_class, self.as_class = QComboBox(), QComboBox()
        guard = WheelGuard(self)
        for box in (self.outcome, self.order, self.of_class, self.as_class):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(7)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(guard)
            box.activated.connect(self.changed)
        for value in _OUTCOMES:
            self.outcome.addItem("", value)
        for value in _ORDERS:
            self.order.addItem("", value)
        self.search = QLineEdit(clearButtonEnabled=True)
        self.shortest, self.longest = (QSpinBox(minimum=0, maximum=100_000) for _ in range(2))
        for spin in (self.shortest, self.longest):
            spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            spin.installEventFilter(guard)
            spin.setMinimumWidth(64)
            spin.lineEdit().setTextMargins(6, 0, 0, 0)
            spin.valueChanged.connect(lambda _: self._timer.start())
        self.search.textChanged.connect(lambda _: self._timer.start())
        self.search.returnPressed.connect(self.changed)
        self._labels = [QLabel() for _ in range(4)]
        pairs = (
            (self._labels[0], self.of_class),
            (self._labels[1], self.as_class),
            (self._labels[2], self.shortest),
            (self._labels[3], self.longest),
        )
        first, classes, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.outcome, 1)
        first.addWidget(self.order, 1)
        last.addWidget(self.search, 1)
        for place, (label, editor) in enumerate(pairs):
            label.setBuddy(editor)
            row = classes if place < 2 else last
            row.addWidget(label)
            row.addWidget(editor, 1 if place < 2 else 0)
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        self._parts = (first, classes, last)
        for layout in self._parts:
            layout.setSpacing(6)
        self._wide: bool | None = None
        self._arrange()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        for place, text in enumerate((tr("Wrong only"), tr("Right and wrong"), tr("Right only"))):
            self.outcome.setItemText(place, text)
        orders = (tr("Highest loss first"), tr("Surest first"), tr("Longest first"), tr("As in the data"))
        for place, text in enumerate(orders):
            self.order.setItemText(place, text)
        texts = (tr("Right answer"), tr("Model's answer"), tr("Characters from"), tr("to"))
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        self.search.setPlaceholderText(tr("Search texts"))
        self.search.setAccessibleName(tr("Search texts"))
        self.outcome.setAccessibleName(tr("Which items"))
        self.order.setAccessibleName(tr("Order"))
        for spin in (self.shortest, self.longest):
            spin.setSpecialValueText(tr("any"))
        for box in (self.of_class, self.as_class):
            if box.count():
                box.setItemText(0, tr("any"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Two rows where there is room, else three."""
        wide = self.width() >= _WIDE
        if wide == self._wide:
            return
        self._wide = wide
        for part in self._parts:
            self._rows.removeItem(part)
        places = (
            ((0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 2)) if wide else ((0, 0, 1, 2), (1, 0, 1, 2), (2, 0, 1, 2))
        )
        for part, place in zip(self._parts, places, strict=True):
            self._rows.addLayout(part, *place)

    def begin(self, shown: Appraisal | None) -> None:
        """Want what is usual of an evaluation: the wrong items, the highest loss first."""
        with_right = shown is not None and shown.task != "language_model"
        with QSignalBlocker(self.search), QSignalBlocker(self.shortest), QSignalBlocker(self.longest):
            self.search.clear()
            self.shortest.setValue(0)
            self.longest.setValue(0)
        self.outcome.setCurrentIndex(self.outcome.findData("wrong" if with_right else "all"))
        self.outcome.setEnabled(with_right)
        self.order.setCurrentIndex(0)
        names = [one.name for one in shown.classes] if shown is not None else []
        if shown is not None and any(not one.wanted or not one.given for one in shown.confusion):
            names.append("")
        for box in (self.of_class, self.as_class):
            box.clear()
            box.addItem(tr("any"), _ANY)
            for name in names:
                box.addItem(class_text(name), name)

    def of_classes(self, wanted: str | None, given: str | None) -> None:
        """Want the items of a class, or of one that was taken for another, whatever their text and length."""
        with QSignalBlocker(self.search):
            self.search.clear()
        for box, name in ((self.of_class, wanted), (self.as_class, given)):
            if name is not None and box.findData(name) < 0:
                box.addItem(class_text(name), name)
            box.setCurrentIndex(box.findData(_ANY if name is None else name))
        if self.outcome.isEnabled():
            self.outcome.setCurrentIndex(self.outcome.findData("all"))
        self.changed.emit()

    def wanted(self) -> Wanted:
        """What is wanted now."""
        of, taken = (box.currentData() for box in (self.of_class, self.as_class))
        return Wanted(
            outcome=self.outcome.currentData(),
            class_wanted=None if of in (_ANY, None) else of,
            class_given=None if taken in (_ANY, None) else taken,
            text=self.search.text().strip(),
            shortest=self.shortest.value(),
            longest=self.longest.value(),
            order=self.order.currentData(),
        )
