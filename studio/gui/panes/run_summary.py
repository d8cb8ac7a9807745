"""How large the model of the draft would be, what a run of it would take, and whether it fits."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from studio.gui.estimator import Estimator
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import mark, theme
from studio.gui.widgets.estimate_words import notes, table_html, verdict_role
from studio.gui.widgets.figures import NONE, rough_duration, short_count, size
from studio.gui.widgets.refusals import refusal_text
from studio.runs.estimates import RunEstimated


class RunSummary(QFrame):
    """A card with parameters, memory, time and disk, and a sentence on whether there is room."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._estimator = Estimator.of(session)
        self.setProperty("role", "card")
        self._names = [QLabel(self) for _ in range(4)]
        self._figures = [QLabel(NONE, self) for _ in range(4)]
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._notes = QLabel(self, wordWrap=True)
        self._notes.setProperty("role", "caption")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        for column, (name, figure) in enumerate(zip(self._names, self._figures, strict=True)):
            name.setProperty("role", "caption")
            figure.setProperty("role", "heading")
            grid.addWidget(name, 0, column)
            grid.addWidget(figure, 1, column)
        grid.addWidget(self._words, 2, 0, 1, 4)
        grid.addWidget(self._notes, 3, 0, 1, 4)
        grid.setColumnStretch(3, 1)
        self._estimator.changed.connect(self._show)
        theme.changed.connect(self._show)
        self.retranslate()

    @property
    def estimate(self) -> RunEstimated | None:
        """The newest answer; None while the draft has problems or nothing was answered yet."""
        return self._estimator.estimate

    def refresh(self) -> None:
        """The draft changed: estimate again soon, unless nothing that matters is different."""
        self._estimator.refresh()

    def shutdown(self) -> None:
        """Ask nothing more."""
        self._estimator.shutdown()

    def retranslate(self) -> None:
        names = (tr("Parameters"), tr("Memory"), tr("Time"), tr("Disk"))
        for label, text in zip(self._names, names, strict=True):
            label.setText(text)
        self._show()

    def _show(self) -> None:
        estimate, refused = self._estimator.estimate, self._estimator.refused
        figures = [NONE] * 4
        words, role = refusal_text(refused) if refused is not None else "", "warning"
        if estimate is not None:
            about = "" if estimate.exact else "≈ "
            seconds = estimate.seconds_total
            time = "…" if self._estimator.trying else NONE
            figures = [
                about + short_count(estimate.parameters),
                about + size(estimate.memory_total),
                time if seconds is None else tr("~{time}", time=rough_duration(seconds)),
                size(estimate.disk_total),
            ]
            words, role = _sentences(estimate), verdict_role(estimate)
        for label, text in zip(self._figures, figures, strict=True):
            label.setText(text)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        mark(self._words, "role", role)
        remarks = [] if estimate is None else [_where(estimate), *notes(estimate)]
        self._notes.setText("\n".join(remarks))
        self._notes.setVisible(bool(remarks))
        self.setAccessibleName(
            ", ".join(f"{n.text()}: {f}" for n, f in zip(self._names, figures, strict=True))
        )
        self.setToolTip("" if estimate is None else table_html(estimate))


def _sentences(estimate: RunEstimated) -> str:
    free, disk = size(estimate.memory_free), size(estimate.disk_free)
    found = {
        "too_large": tr("Too large for the {memory} of memory that are free.", memory=free),
        "tight": tr("Takes much of the {memory} of memory that are free.", memory=free),
        "fits": "",
    }[estimate.memory_verdict]
    on_disk = {
        "too_large": tr("Too large for the {room} that are free on the disk.", room=disk),
        "tight": tr("Takes much of the {room} that are free on the disk.", room=disk),
        "fits": "",
    }[estimate.disk_verdict]
    problems = [text for text in (found, on_disk) if text]
    return "\n".join(problems) or tr("Fits into the {memory} that are free.", memory=free)


def _where(estimate: RunEstimated) -> str:
    return ", ".join(part for part in (estimate.device, estimate.precision) if part)
