"""Figures with their intervals, and those of single classes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QTableWidgetItem, QVBoxLayout, QWidget

from studio.gui.evaluation.tables import NumberItem, PlainTable
from studio.gui.evaluation.words import class_text, class_title, figure_text, figure_title, interval_text
from studio.gui.i18n import tr
from studio.gui.widgets.figures import count, percent
from studio.runs.appraisals import Appraisal, ClassFigures

_ROWS = 9  # of the first table before it scrolls
_NAME = Qt.ItemDataRole.UserRole + 1


class FiguresPage(QWidget):
    """`class_chosen` carries the name of a class whose items are wanted."""

    class_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Appraisal | None = None
        self.figures = PlainTable(3)
        self.classes = PlainTable(7)
        self.classes.setSortingEnabled(True)
        self.classes.horizontalHeader().setSortIndicatorClearable(True)
        self.classes.horizontalHeader().setSortIndicator(
            -1, self.classes.horizontalHeader().sortIndicatorOrder()
        )
        self.classes.itemActivated.connect(lambda item: self._choose(item.row()))
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.hint = QLabel(wordWrap=True)
        self.hint.setProperty("role", "caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.figures)
        column.addWidget(self.title)
        column.addWidget(self.hint)
        column.addWidget(self.classes, 1)
        column.addStretch()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.figures.setAccessibleName(tr("Results"))
        self.classes.setAccessibleName(tr("Figures of single classes"))
        self.title.setText(tr("Single classes"))
        self.show_appraisal(self._shown)

    def show_appraisal(self, shown: Appraisal | None) -> None:
        """Show the figures of an evaluation."""
        self._shown = shown
        level = percent(shown.level, 0) if shown is not None else "95%"
        self.figures.say_heads((tr("Figure"), tr("Value"), tr("{level} interval", level=level)))
        figures = shown.figures if shown is not None else {}
        self.figures.show_rows(
            [
                (
                    figure_title(name),
                    NumberItem(figure_text(name, figure.value), figure.value),
                    NumberItem(interval_text(name, figure), figure.low),
                )
                for name, figure in figures.items()
            ]
        )
        self.figures.fit_height(_ROWS)
        self.figures.setVisible(bool(figures))
        classes = shown.classes if shown is not None else ()
        kind = class_title(shown.class_kind) if shown is not None else ""
        heads = (kind, tr("Occurs"), tr("Given"), tr("Class precision"), tr("Recall"), tr("F1"))
        self.classes.say_heads((*heads, tr("{level} interval", level=level)))
        self.classes.show_rows([_row(one) for one in classes])
        with_intervals = any(one.f1.low is not None for one in classes)
        self.classes.setColumnHidden(6, not with_intervals)
        said = [tr("Enter or a double click shows the items of a class.")]
        if shown is not None and shown.every_class > len(classes):
            more = count(shown.every_class), count(len(classes))
            said.append(
                tr("Of {all} classes, the {some} most frequent are listed.", all=more[0], some=more[1])
            )
        self.hint.setText(" ".join(said))
        for widget in (self.title, self.hint, self.classes):
            widget.setVisible(bool(classes))

    def _choose(self, row: int) -> None:
        item = self.classes.item(row, 0)
        if item is not None:
            self.class_chosen.emit(item.data(_NAME))


def _row(one: ClassFigures) -> tuple[QTableWidgetItem, ...]:
    name = QTableWidgetItem(class_text(one.name))
    name.setToolTip(class_text(one.name))
    name.setData(_NAME, one.name)
    return (
        name,
        NumberItem(count(one.wanted), one.wanted),
        NumberItem(count(one.given), one.given),
        *(NumberItem(percent(figure.value), figure.value) for figure in (one.precision, one.recall, one.f1)),
        NumberItem(interval_text("f1", one.f1), one.f1.low),
    )
