"""The Playground: type pinyin and see what a model makes of it, also while it is still being trained.

Models of other tasks have pages of their own, in `studio.gui.playgrounds`.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.engine_view.lattice_panel import LatticePanel
from studio.gui.forms.segmented import Segmented
from studio.gui.i18n import tr
from studio.gui.ime import PAGE, TAKEN
from studio.gui.language_models.missing import MissingNote
from studio.gui.panes.compose_edit import ComposeEdit
from studio.gui.panes.model_chooser import ModelChooser
from studio.gui.panes.predictions import Predictions
from studio.gui.panes.typing_options import TypingOptions
from studio.gui.personal.learning import Learning
from studio.gui.playgrounds.pages import Pages
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.candidate_list import CandidateList
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.icons import icon
from studio.gui.widgets.refusals import refusal_text
from studio.gui.widgets.samples import Samples
from studio.gui.widgets.syllable_strip import SyllableStrip
from studio.runs.bundled import default_model
from studio.runs.events import CheckpointSaved, WeightsPublished
from studio.runs.requests import JUDGES, Judge, Refused

SIDE_BY_SIDE = 760
_ROOM_FOR_JUDGE = 620  # in a narrower pane the model's name needs the place


class PlaygroundPane(QWidget):
    """An editor with an input method whose candidates come from the model.

    `predictions.latency` is the median time from a key to its candidates on the screen.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._error = ""
        self._live_step = -1
        self._wide = (
            True  # until it is known: a narrow pane's lowest height would push others together for good
        )
        self.chooser = ModelChooser(self)
        self._status = QLabel(self)
        self._status.setProperty("role", "caption")
        self._status.setMinimumWidth(40)
        self._problem = QLabel(self)
        self._problem.setProperty("role", "error")
        self._problem.setWordWrap(True)
        self._problem.setContentsMargins(14, 0, 12, 6)
        self._problem.hide()
        self._missing = MissingNote(self)
        self.editor = ComposeEdit(self)
        self.candidates = CandidateList(self)
        self.strip = SyllableStrip()
        self._strip_area = QScrollArea(self)
        self._strip_area.setWidgetResizable(True)
        self._strip_area.setFrameShape(QFrame.Shape.NoFrame)
        self._strip_area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._strip_area.setWidget(self.strip)
        self._strip_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._strip_area.setMinimumHeight(self.strip.minimumHeight() + 12)
        self.samples = Samples(self)
        self.empty = EmptyState("playground", self)
        self.judge = Segmented(list(JUDGES), self)
        self.judge.set_value("both")
        self.predictions = Predictions(session, self.editor, self)
        self.lattice = LatticePanel(session, self.editor, self.predictions, self)
        self.options = TypingOptions(self)
        self.learning = Learning(session, self.editor, self.predictions, self.options.menu(), self)
        self.mode = QToolButton(self)
        self._copy, self._clear = QToolButton(self), QToolButton(self)
        self._lay_out()
        self._pages = Pages(session, self._stack)
        self._pages.told.connect(self._show_status)
        self.samples.chosen.connect(self.type_sample)
        self.chooser.chosen.connect(self.refresh_model)
        self.editor.composed.connect(self._show)
        self.candidates.chosen.connect(self._commit)
        self.candidates.turned.connect(self._turn)
        self.candidates.painted.connect(self._painted)
        self.strip.picked.connect(self._pick)
        self.predictions.arrived.connect(self._arrived)
        self.predictions.refused.connect(self._refused)
        self._copy.clicked.connect(self.copy_text)
        self._clear.clicked.connect(self.clear)
        self.judge.chosen.connect(self._judge_chosen)
        self.options.chosen.connect(self._options_chosen)
        self.mode.clicked.connect(self._change_mode)
        self.lattice.unfolded.connect(self._make_room)
        session.run_changed.connect(self.refresh_model)
        session.events.connect(self._take_events)
        session.lab_changed.connect(self._lab_changed)
        theme.changed.connect(self._themed)
        self.setFocusProxy(self.editor)
        self._themed()
        self.retranslate()
        self._options_chosen()
        self.refresh_model()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 8, 6)
        top.setSpacing(6)
        top.addWidget(self.chooser, 1)
        top.addWidget(self._status)
        top.addStretch()
        top.addWidget(self.judge)
        top.addWidget(self.mode)
        top.addWidget(self.options)
        for button in (self._copy, self._clear):
            button.setIconSize(QSize(16, 16))
            top.addWidget(button)
        composing = QWidget(self)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, composing)
        self._halves.setContentsMargins(0, 0, 0, 0)
        self._halves.setSpacing(6)
        self._halves.addWidget(self.candidates, 1, Qt.AlignmentFlag.AlignTop)
        self._halves.addWidget(self._strip_area, 1)
        self._lower = QStackedWidget(self)
        self._lower.addWidget(self.samples)
        self._lower.addWidget(composing)
        typing = QWidget(self)
        column = QVBoxLayout(typing)
        column.setContentsMargins(12, 0, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.editor, 1)
        column.addWidget(self._lower)
        column.addWidget(self.lattice)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(typing)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._problem)
        layout.addWidget(self._missing)
        layout.addWidget(self._stack, 1)

    # --- actions -------------------------------------------------------------------------------------

    def type_sample(self, letters: str) -> None:
        """Compose some letters as if they had been typed."""
        self.editor.composer.clear_letters()
        self.editor.setFocus()
        self.editor.take(self.editor.composer.paste(letters))

    def copy_text(self) -> None:
        """Put the text onto the clipboard."""
        QGuiApplication.clipboard().setText(self.editor.toPlainText())
        self._session.message.emit("ok", tr("Text copied"))

    def clear(self) -> None:
        """Start with an empty page; undo brings the text back."""
        self.editor.composer.clear()
        self.editor.take(TAKEN)
        cursor = self.editor.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.removeSelectedText()
        self.editor.setFocus()

    def refresh_model(self) -> None:
        """Find out what to type with; without a model the pane says how to come by one."""
        model = self.chooser.path or self._session.model_path() or _standing_in()
        self._error = ""
        self._live_step = -1
        if not self._session.running:
            # What the run published is now what it saved, perhaps the weights of a better step.
            self.predictions.last = None
            self.predictions.again()
        elsewhere = self._pages.show(model)
        if not elsewhere:
            self._stack.setCurrentIndex(1 if model else 0)
        for button in (self.mode, self.options, self._copy, self._clear):
            button.setVisible(bool(model) and not elsewhere)
        self._show_judge()
        self.predictions.set_model(None if elsewhere else model)
        self._missing.show_for(None if elsewhere else model)
        self._show()

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self.predictions.stop()
        self.lattice.stop()
        self._pages.stop()

    # --- what comes in -------------------------------------------------------------------------------

    def _take_events(self, events: list[object]) -> None:
        published = [item for item in events if isinstance(item, WeightsPublished)]
        if published and self._session.folder is not None:
            self._pages.again(str(self._session.folder.path))
        if self.predictions.model in (None, _standing_in()) and any(
            isinstance(item, WeightsPublished | CheckpointSaved) for item in events
        ):
            self.refresh_model()
        if published and self._types_with_shown_run():
            self._live_step = published[-1].step
            self.predictions.again()
            self._show_status()

    def _types_with_shown_run(self) -> bool:
        folder = self._session.folder
        return folder is not None and self.predictions.model == str(folder.path)

    def _lab_changed(self, state: str) -> None:
        if state == "ready":
            self._error = ""
            self.predictions.again()
            self._pages.again()
        self._show_status()

    def _arrived(self) -> None:
        last = self.predictions.last
        if last is not None:
            self._error = ""
        self._show()

    def _refused(self, response: Refused) -> None:
        self._error = refusal_text(response)
        self._show_status()

    def _painted(self) -> None:
        self.predictions.painted()
        self._show_status()

    # --- the composition -----------------------------------------------------------------------------

    def _commit(self, row: int) -> None:
        self.editor.setFocus()
        composer = self.editor.composer
        self.editor.take(composer.commit(composer.page * PAGE + row))

    def _turn(self, pages: int) -> None:
        self.editor.setFocus()
        self.editor.take(self.editor.composer.key("=" if pages > 0 else "-"))

    def _judge_chosen(self, judge: str) -> None:
        self.predictions.set_judge(cast(Judge, judge))
        self.editor.setFocus()

    def _options_chosen(self) -> None:
        self.predictions.set_typist(self.options.fuzzy, self.options.slips)

    def _change_mode(self) -> None:
        self.editor.setFocus()
        self.editor.take(self.editor.composer.toggle_english())

    def _pick(self, index: int, character: str) -> None:
        self.editor.setFocus()
        self.editor.composer.pick(index, character)
        self.editor.take(TAKEN)

    def _show(self) -> None:
        composer = self.editor.composer
        prediction = composer.prediction
        fresh = composer.fresh
        self.candidates.show_candidates(
            composer.on_page(),
            fresh=fresh,
            picked=composer.picked,
            page=composer.page,
            pages=composer.pages,
            more=prediction is not None and prediction.more,
        )
        self.mode.setText(tr("EN") if composer.english else tr("中"))
        if prediction is not None:
            best = composer.candidates()[0].text if composer.candidates() else ""
            dimmed = self.candidates.dimmed
            self.strip.show_syllables(prediction.text, prediction.syllables, best, composer.picking, dimmed)
            if composer.picking is not None:
                left, right = self.strip.span_of(composer.picking)
                self._strip_area.ensureVisible((left + right) // 2, 0, (right - left), 0)
        elif not composer.letters:
            self.strip.show_syllables("", (), "", None, False)
        self._lower.setCurrentIndex(1 if composer.letters else 0)
        self._show_status()

    def _show_status(self) -> None:
        page = self._pages.shown
        self._status.setText(self._pages.status if page else self._step_text())
        problem = self._pages.problem if page else self._error
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _step_text(self) -> str:
        last, parts = self.predictions.last, []
        if not self.chooser.path and self.predictions.model == _standing_in():
            parts.append(tr("the model that comes with the studio"))
        step = max(last.step if last else -1, self._live_step)
        if step >= 0:
            live = self._live_step >= 0 or (last is not None and last.live)
            shown = tr("step {step} · live", step=step) if live else tr("step {step}", step=step)
            parts.append(shown)
        elif self._session.lab.state == "starting":
            parts.append(tr("The lab is starting"))
        latency = self.predictions.latency
        if latency is not None:
            parts.append(tr("{count} ms", count=f"{latency:.0f}"))
        return " · ".join(parts)

    # --- looks ---------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.editor.set_placeholder(tr("Type pinyin here, without tones: jintiantianqihenhao"))
        self.editor.setAccessibleName(tr("Typing area"))
        for button, text in ((self._copy, tr("Copy the text")), (self._clear, tr("Clear the text"))):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self.empty.say(
            tr("No model to type with yet"),
            tr("Press Start; after the first evaluation you can type here. Or choose a trained model above."),
        )
        self.judge.retranslate()
        self.judge.setToolTip(
            tr("Who decides between sentences: the network, counts of the same texts, or both")
        )
        self.judge.setAccessibleName(tr("Decided by"))
        self.mode.setToolTip(tr("Chinese or English (Shift)"))
        self.mode.setAccessibleName(tr("Chinese or English (Shift)"))
        self.options.retranslate()
        self.learning.retranslate()
        self.samples.retranslate()
        self.lattice.retranslate()
        self._pages.retranslate()
        self.chooser.reload()
        self._missing.retranslate()
        self.candidates.update()
        self._show()

    def _show_judge(self) -> None:
        self.judge.setVisible(self._stack.currentIndex() == 1 and self.width() >= _ROOM_FOR_JUDGE)

    def minimumSizeHint(self) -> QSize:
        strip = 0 if self._wide or not self.lattice.is_open else self._strip_area.minimumHeight() + 6
        return QSize(300, (356 if self._wide else 472) - strip + self.lattice.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_judge()
        wide = self.width() >= SIDE_BY_SIDE
        if wide != self._wide:
            self._wide = wide
            direction = QBoxLayout.Direction
            self._halves.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
            self._halves.setStretch(0, 1 if wide else 0)
            self._make_room()

    def _make_room(self, *_: object) -> None:
        """In a narrow pane the unfolded lattice stands in the place of the syllables, which it shows, too."""
        self._strip_area.setVisible(self._wide or not self.lattice.is_open)
        self.updateGeometry()

    def _themed(self) -> None:
        self._copy.setIcon(icon("copy"))
        self._clear.setIcon(icon("trash"))


def _standing_in() -> str | None:
    """What is typed with while no run has weights."""
    model = default_model()
    return str(model) if model else None
