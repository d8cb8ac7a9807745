"""What each source of a model's knowledge gets right alone: word lists, counts, the network, and all together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.engine_view.bars import ShareBars
from studio.gui.evaluation.asking import Asking
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.figures import count, moment, percent
from studio.runs import evaluations
from studio.runs.evaluations import Accuracy, Decoded, EvaluationProgress, ModelEvaluated
from studio.runs.requests import EvaluateModel


class SourcesPage(QWidget):
    """Of models that type pinyin: sentences are typed as letters, and each source decides in turn."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking = Asking(session, self)
        self._shown: Decoded | None = None
        self._path = ""
        self.limit = QSpinBox(minimum=1, maximum=100_000, value=200, singleStep=100)
        self.shortest, self.longest = (
            QSpinBox(minimum=1, maximum=100, value=5),
            QSpinBox(minimum=1, maximum=100, value=30),
        )
        guard = WheelGuard(self)
        for box in (self.limit, self.shortest, self.longest):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(guard)
            box.setMinimumWidth(76)
            box.lineEdit().setTextMargins(6, 0, 0, 0)
        self._labels = [QLabel() for _ in range(3)]
        self.button, self.progress, self.note = self._asking.button, self._asking.progress, self._asking.note
        self.table = QTableWidget(0, 5)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.bars = ShareBars()
        asked = QHBoxLayout()
        asked.setSpacing(8)
        for label, box in zip(self._labels, (self.limit, self.shortest, self.longest), strict=True):
            label.setBuddy(box)
            asked.addWidget(label)
            asked.addWidget(box)
        asked.addStretch(1)
        asked.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(10)
        column.addLayout(asked)
        column.addWidget(self.progress)
        column.addWidget(self.note)
        column.addWidget(self.table)
        column.addWidget(self.bars)
        column.addStretch(1)
        self._asking.begin.connect(self.start)
        self._asking.told.connect(self._progressed)
        self._asking.answered.connect(self._answered)
        self._asking.changed.connect(self._say_button)

    @property
    def going_on(self) -> bool:
        return self._asking.going_on

    def look_at(self, path: str) -> None:
        """Take another model; what is kept of it is shown at once."""
        if self.going_on:
            self.stop()
        self._path = path
        self._show(kept_for(path) if path else None)
        self._say_button()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        for label, text in zip(self._labels, (tr("Sentences"), tr("Characters from"), tr("to")), strict=True):
            label.setText(text)
        heads = (tr("Source"), tr("First"), tr("First five"), tr("First ten"), tr("Characters"))
        align, modes = Qt.AlignmentFlag, QHeaderView.ResizeMode
        for column, text in enumerate(heads):
            head = QTableWidgetItem(text)
            head.setTextAlignment((align.AlignRight if column else align.AlignLeft) | align.AlignVCenter)
            self.table.setHorizontalHeaderItem(column, head)
            mode = modes.ResizeToContents if column else modes.Stretch
            self.table.horizontalHeader().setSectionResizeMode(column, mode)
        self.table.setAccessibleName(tr("What each source gets right"))
        self.bars.setAccessibleName(tr("What each source gets right"))
        self._say_button()
        self._show(self._shown)

    def start(self) -> None:
        """Ask the lab to evaluate the chosen model."""
        if not self._path or self.going_on:
            return
        low, high = sorted((self.shortest.value(), self.longest.value()))
        limit = self.limit.value()
        self._asking.ask(
            lambda name: EvaluateModel(id=name, model=self._path, limit=limit, shortest=low, longest=high),
            tr("Loading the model and its texts…"),
        )

    def stop(self) -> None:
        """Call the evaluation off."""
        self._asking.stop()

    # --- inside --------------------------------------------------------------------------------------

    def _answered(self, response: object) -> None:
        if isinstance(response, ModelEvaluated):
            self._show(response.decoded)
            if not response.kept:
                self._asking.say("warning", tr("The run folder cannot be written: the figures are not kept."))

    def _progressed(self, told: EvaluationProgress) -> None:
        if told.decoded is not None:
            self._fill(told.decoded)
        self._asking.say(
            "caption", tr("{done} of {total} sentences typed", done=count(told.done), total=count(told.total))
        )

    def _say_button(self) -> None:
        self._asking.name_button(tr("Type sentences"), ready=bool(self._path))
        for box in (self.limit, self.shortest, self.longest):
            box.setEnabled(not self.going_on)

    def _show(self, decoded: Decoded | None) -> None:
        self._shown = decoded
        self._fill(decoded)
        if decoded is None:
            self._asking.say(
                "caption",
                tr(
                    "Sentences of the test split are typed as raw pinyin, and each source of knowledge decides in turn."
                ),
            )
            return
        sentences = max((one.sentences for one in decoded.sources.values()), default=0)
        text = tr(
            "{when} · step {step} · {sentences} sentences of {shortest} to {longest} characters",
            when=moment(decoded.at),
            step=count(decoded.step),
            sentences=count(sentences),
            shortest=decoded.shortest,
            longest=decoded.longest,
        )
        self._asking.say("caption", text)

    def _fill(self, decoded: Decoded | None) -> None:
        sources = decoded.sources if decoded is not None else {}
        rows = [(source_text(name), sources[name]) for name in evaluations.SOURCES if name in sources]
        self.table.setVisible(bool(rows))
        self.bars.setVisible(bool(rows))
        self.table.setRowCount(len(rows))
        for row, (name, figures) in enumerate(rows):
            for column, text in enumerate((name, *map(percent, _shares(figures)))):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        height = self.table.horizontalHeader().sizeHint().height() + 2
        self.table.setFixedHeight(height + sum(self.table.rowHeight(row) for row in range(len(rows))))
        names = [tr("First"), tr("First five"), tr("Characters")]
        self.bars.show_shares(names, [(name, [one.top1, one.top5, one.char]) for name, one in rows])


def source_text(name: str) -> str:
    """A source of knowledge in the window's words."""
    return {
        "lexicon": tr("Word lists alone"),
        "ngrams": tr("Counts alone"),
        "network": tr("Network alone"),
        "both": tr("Counts and network"),
    }[name]


def kept_for(path: str) -> Decoded | None:
    """The newest evaluation that is kept for a model: in its run's folder, of its own step if it is a checkpoint."""
    folder = Path(path)
    step = folder.name.removeprefix("step-")
    if folder.name.startswith("step-") and step.isdecimal():
        found = evaluations.read(folder.parent.parent)
        return next((one for one in found if one.step == int(step)), None)
    return next(iter(evaluations.read(folder)), None)


def _shares(figures: Accuracy) -> tuple[float, float, float, float]:
    return figures.top1, figures.top5, figures.top10, figures.char
