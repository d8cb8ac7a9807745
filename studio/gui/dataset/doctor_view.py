"""What is wrong with the data, and what is done about it: findings on one side, preparation steps on the other."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dataset.asking import Question, recipe_part
from studio.gui.dataset.augmentation_panel import AugmentationPanel
from studio.gui.dataset.finding_card import FindingCard
from studio.gui.dataset.steps_panel import PATH, StepsPanel
from studio.gui.forms.words import place_text
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title
from studio.gui.session import Session
from studio.gui.theme import mark
from studio.gui.widgets.figures import count, rough_duration, short_count
from studio.gui.widgets.refusals import refusal_text
from studio.runs.doctor_requests import DataExamined, DoctorReport, ExaminationProgress, ExamineData, Finding
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

SIDE_BY_SIDE = 760


class DoctorView(QWidget):
    """An examination is made when it is asked for, and again after a fix."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._question = Question(session, self._answered, self)
        self._id = ""
        self._examined: Any = None
        self._report: DoctorReport | None = None
        self._refused: Refused | None = None
        self.cards: list[FindingCard] = []
        self.button = QPushButton()
        self.button.clicked.connect(self._start_or_stop)
        self._told = QLabel(wordWrap=True)
        self._told.setProperty("role", "caption")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setFixedHeight(3)
        self._bar.hide()
        self.panel, self.augmentation = StepsPanel(session), AugmentationPanel(session)
        changes = QWidget()
        lists = QVBoxLayout(changes)
        lists.setContentsMargins(0, 0, 0, 0)
        lists.setSpacing(18)
        for panel in (self.panel, self.augmentation):
            panel.edited.connect(session.set_value)
            lists.addWidget(panel)
        lists.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.button)
        head.addWidget(self._told, 1)
        findings = QWidget()
        self._cards = QVBoxLayout(findings)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(8)
        self._cards.addLayout(head)
        self._cards.addWidget(self._bar)
        self._cards.addStretch(1)
        self._sides = (_Scrolling(), _Scrolling())
        self._pair = QWidget()
        pair = QHBoxLayout(self._pair)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(0)
        self._narrow = _Scrolling()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pair, 1)
        whole.addWidget(self._narrow, 1)
        for side in self._sides:
            pair.addWidget(side, 1)
        self._parts = (findings, changes)
        self._wide: bool | None = None
        session.lab.progressed.connect(self._progressed)
        self._arrange()
        self.retranslate()

    # --- for the pane --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the draft's steps; what was found of another draft is said to be old."""
        self.panel.refresh()
        self.augmentation.refresh()
        self._say()

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self._question.stop()
        self.panel.shutdown()
        self.augmentation.shutdown()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.panel.retranslate()
        self.augmentation.retranslate()
        self._fill()
        self._say()

    def examine(self) -> None:
        """Look for faults in the draft's data, after its steps."""
        recipe = self._examined = copy.deepcopy(recipe_part(self._session.values, "data"))

        def made(name: str) -> Request:
            self._id = name
            return ExamineData(id=name, recipe=recipe)

        self._refused = None
        self._id = "soon"
        self._question.ask(made)
        self._bar.show()
        self._say(tr("Reading the texts…"))

    # --- inside --------------------------------------------------------------------------------------

    def _start_or_stop(self) -> None:
        if self._id:
            self._question.stop()
            self._ended()
            self._examined = None
            self._say()
        else:
            self.examine()

    def _progressed(self, told: Any) -> None:
        if isinstance(told, ExaminationProgress) and told.id == self._id:
            self._say(
                tr(
                    "{source}: {count} documents",
                    source=source_title(told.source),
                    count=count(told.documents),
                )
            )

    def _answered(self, response: Response) -> None:
        self._ended()
        if isinstance(response, DataExamined):
            self._report = response.report
            self._fill()
        elif isinstance(response, Refused):
            self._refused = response
        self._say()

    def _ended(self) -> None:
        self._id = ""
        self._bar.hide()

    def _fill(self) -> None:
        for card in self.cards:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        for finding in self._report.findings if self._report else ():
            card = FindingCard(finding, self._fix_text(finding))
            card.fix_wanted.connect(self._fix)
            self._cards.insertWidget(self._cards.count() - 1, card)
            self.cards.append(card)

    def _fix_text(self, finding: Finding) -> str:
        """What the button of a finding says it does; empty if there is nothing for it to do."""
        fix = finding.fix
        if fix is None:
            return ""
        if fix.step is not None:
            return tr("Fix: {step}", step=self.panel.list.title_of(str(fix.step.get("kind"))))
        places = ", ".join(place_text(path) or path for path in fix.fields)
        return tr("Fix: {step}", step=places) if places else ""

    def _fix(self, finding: Finding) -> None:
        """Change the draft as the finding says, and look again."""
        if finding.fix is None:
            return
        for path, value in finding.fix.fields.items():
            self._session.set_value(path, value)
        if finding.fix.step is not None:
            steps = (self._session.values.get("data") or {}).get("steps") or []
            self._session.set_value(PATH, [*steps, dict(finding.fix.step)])
        if not any(problem.path.startswith("data") for problem in self._session.problems):
            self.examine()

    def _say(self, progress: str = "") -> None:
        values = self._session.values
        sources = (values.get("data") or {}).get("sources")
        broken = any(problem.path.startswith("data") for problem in self._session.problems)
        stale = self._report is not None and recipe_part(values, "data") != self._examined
        self.button.setText(
            tr("Cancel") if self._id else tr("Examine again") if self._report else tr("Examine the data")
        )
        self.button.setEnabled(bool(self._id) or (bool(sources) and not broken))
        mark(self.button, "primary", "true" if not self._id and (stale or not self._report) else "false")
        role = "caption"
        if progress or self._id:
            text = progress or self._told.text()
        elif self._refused is not None:
            text, role = refusal_text(self._refused), "error"
        elif not sources:
            text = tr("Choose some under Sources first.")
        elif broken:
            text = tr("Mend the settings marked in red first.")
        elif self._report is None:
            text = tr("Looks through all texts for damage, markup, copies, personal data and more.")
        elif stale:
            text, role = tr("The recipe has changed since this was found."), "warning"
        else:
            text = _summary(self._report)
        mark(self._told, "role", role)
        self._told.setText(text)

    # --- looks ---------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Side by side where there is room, else one below the other in one scroll area."""
        wide = self.width() >= SIDE_BY_SIDE
        if wide == self._wide:
            return
        self._wide = wide
        for part, side in zip(self._parts, self._sides, strict=True):
            (side if wide else self._narrow).column.addWidget(part)
        self._pair.setVisible(wide)
        self._narrow.setVisible(not wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class _Scrolling(QScrollArea):
    """Scrolls up and down only; what is in `column` has a margin around it."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(12, 8, 12, 12)
        self.column.setSpacing(14)
        self.setWidget(inner)


def _summary(report: DoctorReport) -> str:
    documents = sum(source.documents for source in report.sources)
    characters = sum(source.characters for source in report.sources)
    text = tr(
        "{documents} documents, {characters} characters, looked through in {seconds}",
        documents=count(documents),
        characters=short_count(characters),
        seconds=rough_duration(report.seconds),
    )
    kinds = tr("{count} kinds of faults", count=len(report.findings))
    return tr(
        "{read}. {found}.", read=text, found=kinds if report.findings else tr("Nothing is wrong with them")
    )
