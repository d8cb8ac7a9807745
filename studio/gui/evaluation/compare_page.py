"""Two models on the same items: figures of both, their difference, McNemar's test, and who got what right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.gui.engine_view.model_picker import ModelPicker
from studio.gui.evaluation.asking import Asking
from studio.gui.evaluation.tables import NumberItem, PlainTable
from studio.gui.evaluation.words import figure_text, figure_title, interval_text
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.figures import count
from studio.runs.appraisal_requests import Compared, CompareModels, ModelsCompared, Pair, SignificanceTest
from studio.runs.judged_splits import SplitName

_ROWS = 8  # of the figures before they scroll
_SURE = 0.05  # a smaller probability is called a difference


class ComparePage(QWidget):
    """The model that is evaluated is A; B is chosen here."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking = Asking(session, self)
        self._first, self._split, self._limit = "", "test", 0
        self.compared: Compared | None = None
        self.picker = ModelPicker(optional=True)
        self.picker.chosen.connect(self._other)
        self._with = QLabel()
        self._with.setBuddy(self.picker)
        self.button, self.progress, self.note = self._asking.button, self._asking.progress, self._asking.note
        self.verdict = QLabel(wordWrap=True)
        self.figures = PlainTable(5)
        self.lists = QTabWidget()
        self.only = (PlainTable(4, words=4), PlainTable(4, words=4))
        for table in self.only:
            self.lists.addTab(table, "")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._with)
        line.addWidget(self.picker, 1)
        line.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.progress)
        column.addWidget(self.note)
        column.addWidget(self.figures)
        column.addWidget(self.verdict)
        column.addWidget(self.lists, 1)
        column.addStretch()
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._asking.begin.connect(self.start)
        self._asking.answered.connect(self._answered)
        self._asking.changed.connect(self._say_button)

    @property
    def going_on(self) -> bool:
        return self._asking.going_on

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._with.setText(tr("Compare with"))
        self.picker.setAccessibleName(tr("The other model"))
        self.picker.reload()
        self.figures.setAccessibleName(tr("Figures of both models"))
        heads = (tr("Figure"), "A", "B", tr("B less A"), tr("{level} interval", level="95%"))
        self.figures.say_heads(heads)
        for table, name in zip(self.only, "AB", strict=True):
            table.setAccessibleName(tr("What {name} alone gets right", name=name))
            table.say_heads((tr("Text"), tr("Right answer"), "A", "B"))
        self._say_button()
        self._show(self.compared)

    def look_at(self, first: str, split: SplitName, limit: int) -> None:
        """Take another model as A; what was found about an earlier one goes."""
        if (first, split, limit) == (self._first, self._split, self._limit):
            return
        self.stop()
        self._first, self._split, self._limit = first, split, limit
        self._show(None)
        self._say_button()

    def start(self) -> None:
        """Ask the lab to compare; what was not evaluated yet it evaluates first."""
        if self.going_on or not self._first or not self.picker.path:
            return
        first, second, limit = self._first, self.picker.path, self._limit
        split: SplitName = "validation" if self._split == "validation" else "test"
        self._asking.ask(
            lambda name: CompareModels(id=name, first=first, second=second, split=split, limit=limit),
            tr("Comparing; what was not evaluated yet is evaluated first…"),
        )

    def stop(self) -> None:
        """Call the comparison off."""
        self._asking.stop()

    # --- inside --------------------------------------------------------------------------------------

    def _answered(self, response: object) -> None:
        self._show(response.compared if isinstance(response, ModelsCompared) else None)

    def _other(self, _path: str) -> None:
        self.stop()
        self._show(None)
        self._say_button()

    def _say_button(self) -> None:
        self._asking.name_button(tr("Compare"), ready=bool(self._first and self.picker.path))

    def _show(self, found: Compared | None) -> None:
        self.compared = found
        for widget in (self.figures, self.verdict, self.lists):
            widget.setVisible(found is not None)
        if found is None:
            if not self.going_on:
                self._asking.say(
                    "caption", tr("Choose another model of the same task, trained on the same data.")
                )
            return
        self._asking.say("caption", _shared(found))
        self.figures.show_rows(
            [
                (
                    figure_title(name),
                    NumberItem(figure_text(name, first.value), first.value),
                    NumberItem(figure_text(name, second.value), second.value),
                    NumberItem(figure_text(name, gap.value, sign=True), gap.value),
                    NumberItem(interval_text(name, gap, sign=True), gap.low),
                )
                for name, (first, second, gap) in found.figures.items()
            ]
        )
        self.figures.fit_height(_ROWS)
        self.verdict.setText(verdict(found.test))
        by_loss = found.test.by == "loss"
        pairs = (found.only_first, found.only_second)
        counts = (found.test.first, found.test.second)
        for place, (table, rows, number) in enumerate(zip(self.only, pairs, counts, strict=True)):
            table.show_rows([_row(pair) for pair in rows])
            modes = QHeaderView.ResizeMode
            for section in (1, 2, 3):  # labels are short, texts are not
                mode = modes.ResizeToContents if found.task == "text_classification" else modes.Stretch
                table.horizontalHeader().setSectionResizeMode(section, mode)
            table.setColumnHidden(1, by_loss)  # the right answer is the text itself
            name = "AB"[place]
            title = (
                tr("Better with {name}", name=name) if by_loss else tr("Right with {name} alone", name=name)
            )
            more = (
                f"{count(number)}"
                if number <= len(rows)
                else tr("{some} of {all}", some=len(rows), all=count(number))
            )
            self.lists.setTabText(place, f"{title} ({more})")


def _row(pair: Pair) -> tuple[str, str, str, str]:
    return pair.input, pair.wanted, pair.first, pair.second


def _shared(found: Compared) -> str:
    said = [
        tr(
            "{shared} items that both have; A at step {first}, B at step {second}",
            shared=count(found.shared),
            first=count(found.first_step),
            second=count(found.second_step),
        )
    ]
    if any(found.alone):
        said.append(
            tr(
                "left out: {first} that only A has, {second} that only B has",
                first=count(found.alone[0]),
                second=count(found.alone[1]),
            )
        )
    return " · ".join(said)


def verdict(test: SignificanceTest) -> str:
    """What a test says, in a sentence."""
    counts = {"first": count(test.first), "second": count(test.second)}
    told = (
        tr("A has the lower loss on {first} items, B on {second}.", **counts)
        if test.by == "loss"
        else tr("A alone gets {first} items right, B alone {second}.", **counts)
    )
    names = {
        ("right", "exact"): tr("McNemar's test, exact: p {p}.", p=_probability(test.p)),
        ("right", "chi_square"): tr(
            "McNemar's test: χ² = {statistic}, p {p}.",
            statistic=f"{test.statistic or 0:.2f}",
            p=_probability(test.p),
        ),
        ("loss", "exact"): tr("Sign test, exact: p {p}.", p=_probability(test.p)),
        ("loss", "chi_square"): tr(
            "Sign test: χ² = {statistic}, p {p}.",
            statistic=f"{test.statistic or 0:.2f}",
            p=_probability(test.p),
        ),
    }
    ends = (
        tr("So large a difference is hardly chance.")
        if test.p < _SURE
        else tr("A difference like this may well be chance.")
    )
    return f"{told} {names[test.by, test.kind]} {ends}"


def _probability(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"= {p:.4f}"
