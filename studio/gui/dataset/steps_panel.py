"""What is done to the texts, in order, and what that makes of some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QWidget

from studio.gui.dataset.section_panel import SectionPanel
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.figures import count
from studio.recipe.steps import AnyStep
from studio.runs.doctor_requests import PreviewSteps, StepsPreviewed, StepTally

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

PATH = "data.steps"


class StepsPanel(SectionPanel):
    """The preparation steps; each says how many documents it changed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, PATH, AnyStep, "Add a step", parent)
        self._tallies: tuple[StepTally, ...] = ()
        self.alone = QCheckBox()
        self.alone.toggled.connect(lambda _: self.refresh())
        self.options.addWidget(self.alone)
        self.retranslate()

    def words(self) -> tuple[str, str]:
        hint = tr("Done to whole documents, in this order, before they are cleaned and split.")
        return tr("Preparation steps"), hint

    def option(self) -> int:
        return self.list.list.currentRow() if self.alone.isChecked() else -1

    def request(self, name: str, recipe: dict[str, Any], option: int, own: str) -> Request:
        return PreviewSteps(id=name, recipe=recipe, texts=(own,) if own else (), step=option)

    def show_answer(self, response: Response) -> None:
        if isinstance(response, StepsPreviewed):
            self.texts.show_rows(tuple((row.source, row.before, row.after) for row in response.rows))
            if not self.of_own:
                self._tallies = response.tallies
                self.list.set_notes([_tally(one) for one in self._tallies])

    def refresh(self) -> None:
        super().refresh()
        self.alone.setVisible(self.list.list.currentRow() >= 0)

    def retranslate(self) -> None:
        super().retranslate()
        self.alone.setText(tr("What the chosen step alone does"))
        if self._asked is not None:
            self.list.set_notes([_tally(one) for one in self._tallies])


def _tally(tally: StepTally) -> str:
    """What a step did to the documents it was shown, in a few words."""
    parts = []
    if tally.changed:
        parts.append(tr("{count} changed", count=count(tally.changed)))
    if tally.dropped:
        parts.append(tr("{count} dropped", count=count(tally.dropped)))
    if tally.lines:
        parts.append(tr("{count} lines dropped", count=count(tally.lines)))
    return ", ".join(parts) or tr("nothing to do in {count}", count=count(tally.seen))
