"""The Model pane: a preset, how large the model is, every setting, and why Start would not work."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.gui.forms.form import Form
from studio.gui.forms.words import sentence
from studio.gui.i18n import tr
from studio.gui.panes.model_outline import ModelOutline
from studio.gui.panes.preset_bar import PresetBar
from studio.gui.panes.run_summary import RunSummary
from studio.gui.session import Session

PATHS = ("name", "description", "task", "model", "training", "compute", "privacy")


class ModelPane(QWidget):
    """Settings of the draft recipe, data left out."""

    data_problem_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.presets = PresetBar(session, self)
        self.summary = RunSummary(session)
        self.outline = ModelOutline(session)
        above = QWidget()
        cards = QVBoxLayout(above)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(8)
        cards.addWidget(self.summary)
        cards.addWidget(self.outline)
        self.form = Form(PATHS, above=above, parent=self)
        self.form.edited.connect(session.set_value)
        self._obstacle = QLabel(self)
        self._obstacle.setWordWrap(True)
        self._obstacle.setProperty("role", "warning")
        self._show_me = QPushButton(self)
        self._show_me.setProperty("quiet", "true")
        self._show_me.clicked.connect(self.reveal_problem)
        self._strip = QFrame(self)
        line = QHBoxLayout(self._strip)
        line.setContentsMargins(14, 6, 8, 6)
        line.addWidget(self._obstacle, 1)
        line.addWidget(self._show_me)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.presets)
        layout.addWidget(self.form, 1)
        layout.addWidget(self._strip)
        self.setFocusProxy(self.form.search)
        session.draft_changed.connect(self.refresh)
        session.run_changed.connect(self._show_obstacle)
        self._show_me.setText(tr("Show"))
        self.refresh()

    def refresh(self) -> None:
        """Show the draft as it is now."""
        self.presets.refresh()
        self.form.set_values(self._session.values)
        self.form.set_problems(self._session.problems)
        self.summary.refresh()
        self._show_obstacle()

    def reveal_problem(self) -> None:
        """Go to the first problem; if it is not in this pane, say so to whoever has it."""
        for problem in self._session.problems:
            if self.form.reveal(problem.path):
                return
        if self._session.problems:
            self.data_problem_wanted.emit(self._session.problems[0].path)

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._show_me.setText(tr("Show"))
        self.presets.retranslate()
        self.summary.retranslate()
        self.outline.retranslate()
        self.form.retranslate()
        self._show_obstacle()

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self.summary.shutdown()

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 320)

    def _show_obstacle(self) -> None:
        problems = self._session.problems
        text = self._session.start_obstacle()
        if problems and not self._session.running:
            text = sentence(problems[0])
            if len(problems) > 1:
                text += " " + tr("(and {count} more)", count=len(problems) - 1)
            text = tr("Cannot start yet. {reason}", reason=text)
        self._obstacle.setText(text)
        self._strip.setVisible(bool(text))
        self._show_me.setVisible(bool(problems))
