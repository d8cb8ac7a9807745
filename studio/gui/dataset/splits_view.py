"""How documents are divided and mixed: the settings on one side, what comes of them on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from studio.gui.dataset.asking import recipe_part
from studio.gui.dataset.figure_table import CardColumns, FigureTable
from studio.gui.dataset.finding_card import FindingCard
from studio.gui.dataset.preparation import Preparation
from studio.gui.dataset.prepared_view import PreparedView
from studio.gui.dataset.splits_of import of_balance, of_splits
from studio.gui.forms.body import FormBody
from studio.gui.forms.words import place_text
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import mark
from studio.runs.doctor_requests import Finding
from studio.runs.split_requests import ShowSplits, SplitsShown

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

SIDE_BY_SIDE = 820
# What says how documents are seen, not how they are divided.
_MIXING = ("balance", "augmentation", "lexicon_share")
_WEIGHED = ("class_weights", "label_weights", "focal_gamma")
_WEIGHTS = tuple(f"task.{name}" for name in _WEIGHED)


class SplitResults(PreparedView):
    """A table of the splits, what stands in two of them, and how an epoch is balanced."""

    def __init__(self, session: Session, preparation: Preparation, parent: QWidget | None = None) -> None:
        super().__init__(session, preparation, "dataset", parent)
        self._answer: SplitsShown | None = None
        self.table, self.balance = FigureTable(), FigureTable()
        self.findings: list[FindingCard] = []
        self.leaks = QLabel(wordWrap=True)
        self._heads = [QLabel(), QLabel()]
        self._balance_notes, self._notes = QLabel(wordWrap=True), QLabel(wordWrap=True)
        for head in self._heads:
            head.setProperty("role", "heading")
        for label in (self._balance_notes, self._notes):
            label.setProperty("role", "caption")
        self._balance_card = QFrame()
        self._balance_card.setProperty("role", "card")
        inside = QVBoxLayout(self._balance_card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(4)
        for widget in (self._heads[1], self._balance_notes, self.balance):
            inside.addWidget(widget)
        self.columns = CardColumns()
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(12, 8, 12, 12)
        self._column.setSpacing(10)
        for part in (self.table, self._heads[0], self.leaks, self._balance_card, self.columns, self._notes):
            self._column.addWidget(part)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)
        self.retranslate()

    # --- what is asked -------------------------------------------------------------------------------

    def part(self) -> dict[str, Any]:
        values = recipe_part(self.session.values, *self.sections)
        if isinstance(values.get("data"), dict):
            data = {key: value for key, value in values["data"].items() if key not in _MIXING}
            values = {**values, "data": data}
        if isinstance(values.get("task"), dict):
            task = {key: value for key, value in values["task"].items() if key not in _WEIGHED}
            values = {**values, "task": task}
        return values

    def request(self, id: str, recipe: dict[str, Any]) -> Request:
        return ShowSplits(id=id, recipe=recipe)

    def show_answer(self, response: Response) -> bool:
        if not isinstance(response, SplitsShown):
            return False
        self._answer = response
        self._show()
        return True

    def refresh(self) -> None:
        super().refresh()
        self._show_balance()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.setAccessibleName(tr("Splits"))
        self.balance.setAccessibleName(tr("Balance"))
        self._heads[0].setText(tr("What stands in two splits"))
        self._heads[1].setText(tr("Balance"))
        self._show()

    # --- inside --------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._answer is None:
            return
        shown = of_splits(self._answer)
        self.table.show_figures(shown)
        self.columns.show_charts(shown.charts)
        self._notes.setText("\n".join(shown.notes))
        self._notes.setVisible(bool(shown.notes))
        self._show_findings(self._answer.findings)
        self._show_balance()

    def _show_findings(self, findings: tuple[Finding, ...]) -> None:
        for card in self.findings:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.findings = []
        place = self._column.indexOf(self.leaks) + 1
        for number, finding in enumerate(findings):
            card = FindingCard(finding, self._fix_text(finding))
            card.fix_wanted.connect(self._fix)
            self._column.insertWidget(place + number, card)
            self.findings.append(card)
        mark(self.leaks, "role", "ok")
        self.leaks.setText(tr("No document of one split stands, or nearly stands, in another."))
        self.leaks.setVisible(not findings)

    def _fix_text(self, finding: Finding) -> str:
        if finding.fix is None:
            return ""
        if finding.fix.step is not None:
            return tr("Fix: {step}", step=tr("Drop near repetitions"))
        places = ", ".join(place_text(path) or path for path in finding.fix.fields)
        return tr("Fix: {step}", step=places)

    def _fix(self, finding: Finding) -> None:
        """Change the draft as the finding says; the splits are then looked at again."""
        if finding.fix is None:
            return
        for path, value in finding.fix.fields.items():
            self.session.set_value(path, value)
        if finding.fix.step is not None:
            steps = (self.session.values.get("data") or {}).get("steps") or []
            self.session.set_value("data.steps", [*steps, dict(finding.fix.step)])

    def _show_balance(self) -> None:
        shown = of_balance(self._answer, self.session.values) if self._answer is not None else None
        self._balance_card.setVisible(shown is not None)
        if shown is not None:
            self.balance.show_figures(shown)
            self._balance_notes.setText("\n".join(shown.notes))
            self._balance_notes.setVisible(bool(shown.notes))


class SplitsView(QWidget):
    """The settings stay where a result cannot be had, so that they can be mended."""

    def __init__(self, session: Session, preparation: Preparation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.form = FormBody(("data.splits", "data.balance"), parent=self)
        self.form.edited.connect(session.set_value)
        self.weights = FormBody(_WEIGHTS, parent=self)
        self.weights.edited.connect(session.set_value)
        self.weights.setContentsMargins(8, 0, 0, 0)  # as far in as the fields of the sections above
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(14, 6, 12, 12)
        column.addWidget(self.form)
        column.addWidget(self.weights, 1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setMinimumHeight(100)
        self.area.setWidget(inner)
        self.results = SplitResults(session, preparation)
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.addWidget(self.area)
        self._splitter.addWidget(self.results)
        self._splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def refresh(self) -> None:
        """Show the draft as it is now, and divide its documents again if they or the splits changed."""
        self.form.set_values(self._session.values)
        self.form.set_problems(self._session.problems)
        # What labels count in a classification shows its effect here, too.
        task = self._session.values.get("task") or {}
        self.weights.setVisible(task.get("name") == "text_classification")
        self.weights.set_values(self._session.values)
        self.weights.set_problems(self._session.problems)
        self.results.refresh()

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self.results.shutdown()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.form.retranslate()
        self.weights.retranslate()
        self.results.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._splitter.orientation() != wanted or not event.oldSize().isValid():
            self._splitter.setOrientation(wanted)
            total = self.width() if wide else self.height()
            first = 380 if wide else total * 2 // 5
            self._splitter.setSizes([first, total - first])

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 320)
