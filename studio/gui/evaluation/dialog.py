"""The evaluation of a model: judged item by item in a child of the lab, kept in its run folder, looked through here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.gui.engine_view.model_picker import ModelPicker, models
from studio.gui.evaluation.asking import Asking
from studio.gui.evaluation.calibration_page import CalibrationPage
from studio.gui.evaluation.compare_page import ComparePage
from studio.gui.evaluation.confusion_page import ConfusionPage
from studio.gui.evaluation.figures_page import FiguresPage
from studio.gui.evaluation.items_page import ItemsPage
from studio.gui.evaluation.sources_page import SourcesPage
from studio.gui.evaluation.words import split_text
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import language, tr
from studio.gui.session import Session
from studio.gui.widgets.figures import count, moment
from studio.runs import appraisals
from studio.runs.appraisal_requests import AppraiseModel, ModelAppraised
from studio.runs.appraisals import Appraisal
from studio.runs.evaluations import EvaluationProgress
from studio.runs.judged_splits import SPLITS, SplitName
from studio.runs.model_task import USUAL, task_at


class EvaluationDialog(QDialog):
    """Does not stand in the way of the window; an evaluation goes on while the dialog is closed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking = Asking(session, self)
        self.shown: Appraisal | None = None
        self.picker = ModelPicker()
        self.split = QComboBox()
        for name in reversed(SPLITS):
            self.split.addItem("", name)
        self.limit = QSpinBox(minimum=0, maximum=10_000_000, singleStep=1000)
        self.limit.setMinimumWidth(96)
        self.limit.lineEdit().setTextMargins(6, 0, 0, 0)
        guard = WheelGuard(self)
        for box in (self.split, self.limit):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(guard)
        self._labels = [QLabel() for _ in range(2)]
        self.button, self.progress, self.note = self._asking.button, self._asking.progress, self._asking.note
        self.figures, self.confusion = FiguresPage(), ConfusionPage()
        self.calibration, self.items = CalibrationPage(), ItemsPage(session)
        self.compare, self.sources = ComparePage(session), SourcesPage(session)
        self.pages = (
            self.figures,
            self.confusion,
            self.calibration,
            self.items,
            self.compare,
            self.sources,
        )
        self.tabs = QTabWidget(documentMode=True)
        for page in self.pages:
            self.tabs.addTab(page, "")
        asked = QHBoxLayout()
        asked.setSpacing(8)
        editors: tuple[QWidget, ...] = (self.split, self.limit)
        for label, editor in zip(self._labels, editors, strict=True):
            label.setBuddy(editor)
            asked.addWidget(label)
            asked.addWidget(editor)
        asked.addStretch(1)
        asked.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.picker)
        column.addLayout(asked)
        column.addWidget(self.progress)
        column.addWidget(self.note)
        column.addWidget(self.tabs, 1)
        self.setMinimumSize(560, 640)
        self.resize(860, 760)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.picker.chosen.connect(self._model_changed)
        self.split.activated.connect(self._asked_otherwise)
        self.limit.valueChanged.connect(self._limit_changed)
        self._asking.begin.connect(self.start)
        self._asking.told.connect(self._progressed)
        self._asking.answered.connect(self._answered)
        self._asking.changed.connect(self._say_button)
        self.figures.class_chosen.connect(self._open_class)
        self.confusion.pair_chosen.connect(self._open_pair)
        language.changed.connect(self.retranslate)
        self.retranslate()
        first = session.model_path() or next((path for _, path in models()), "")
        if first:
            self.picker.choose(first)
        else:
            self.picker.reload()
            self._show(None)

    @property
    def going_on(self) -> bool:
        return self._asking.going_on

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("Evaluate model"))
        self.picker.setAccessibleName(tr("Model"))
        self.picker.reload()
        for place in range(self.split.count()):
            self.split.setItemText(place, split_text(self.split.itemData(place)))
        for label, text in zip(self._labels, (tr("Split"), tr("Examples")), strict=True):
            label.setText(text)
        self.limit.setSpecialValueText(tr("all"))
        self.limit.setToolTip(tr("So many examples are judged, spread evenly over the split."))
        titles = (
            tr("Results"),
            tr("Confusions"),
            tr("Calibration"),
            tr("Items"),
            tr("Compare"),
            tr("Sources of knowledge"),
        )
        for place, title in enumerate(titles):
            self.tabs.setTabText(place, title)
        for page in self.pages:
            page.retranslate()
        self._say_button()
        self._say_shown()

    def start(self) -> None:
        """Ask the lab to evaluate the chosen model."""
        if not self.picker.path or self.going_on:
            return
        split, limit = self._split(), self.limit.value()
        self._asking.ask(
            lambda name: AppraiseModel(id=name, model=self.picker.path, split=split, limit=limit),
            tr("Loading the model and its texts…"),
        )

    def stop(self) -> None:
        """Call the evaluation off."""
        self._asking.stop()

    # --- inside --------------------------------------------------------------------------------------

    def _answered(self, response: object) -> None:
        if isinstance(response, ModelAppraised):
            self._show(response.appraisal)
            if not response.kept:
                self._asking.say("warning", tr("The run folder cannot be written: the figures are not kept."))

    def _progressed(self, told: EvaluationProgress) -> None:
        self._asking.say(
            "caption", tr("{done} of {total} examples judged", done=count(told.done), total=count(told.total))
        )

    def _split(self) -> SplitName:
        return "validation" if self.split.currentData() == "validation" else "test"

    def _model_changed(self, path: str) -> None:
        if self.going_on:
            self.stop()
        pinyin = bool(path) and task_at(Path(path)) == USUAL
        self.tabs.setTabVisible(self.tabs.indexOf(self.sources), pinyin)
        self.sources.look_at(path if pinyin else "")
        self._asked_otherwise()

    def _asked_otherwise(self, *_: object) -> None:
        path = self.picker.path
        self._show(kept_for(path, self._split()) if path else None)
        self.compare.look_at(path, self._split(), self.limit.value())
        self._say_button()

    def _limit_changed(self, _value: int) -> None:
        self.compare.look_at(self.picker.path, self._split(), self.limit.value())

    def _open_class(self, name: str) -> None:
        self.items.show_classes(name, None)
        self.tabs.setCurrentWidget(self.items)

    def _open_pair(self, wanted: str, given: str) -> None:
        self.items.show_classes(wanted, given)
        self.tabs.setCurrentWidget(self.items)

    def _say_button(self) -> None:
        self._asking.name_button(tr("Evaluate"), ready=bool(self.picker.path))
        for box in (self.split, self.limit):
            box.setEnabled(not self.going_on)

    def _show(self, shown: Appraisal | None) -> None:
        self.shown = shown
        self.figures.show_appraisal(shown)
        self.confusion.show_appraisal(shown)
        self.calibration.show_appraisal(shown)
        self.items.show_items(str(run_of(self.picker.path)) if shown is not None else "", shown)
        self._say_shown()

    def _say_shown(self) -> None:
        if self.going_on:
            self._asking.say("caption", tr("Loading the model and its texts…"))
            return
        shown = self.shown
        if shown is None:
            self._asking.say(
                "caption",
                tr("Not evaluated yet. Every example of the split is judged, and what came of it is kept."),
            )
            return
        by = (
            tr("{count} documents drawn anew", count=count(shown.documents))
            if shown.documents
            else tr("items drawn anew")
        )
        text = tr(
            "{when} · step {step} · {items} items · split: {split} · intervals: {by}",
            when=moment(shown.at),
            step=count(shown.step),
            items=count(shown.items),
            split=split_text(shown.split),
            by=by,
        )
        if shown.data_changed:
            changed = tr("The run's texts have changed since it began: some of these may be known to it.")
            self._asking.say("warning", f"{text}\n{changed}")
        else:
            self._asking.say("caption", text)


def run_of(path: str) -> Path:
    """The folder that keeps the evaluations of a model: its run's, or its own where it stands alone."""
    folder = Path(path)
    return next(
        (one for one in (folder, *list(folder.parents)[:2]) if (one / "recipe.toml").is_file()), folder
    )


def kept_for(path: str, split: str) -> Appraisal | None:
    """The newest evaluation that is kept of a model and a split; of a checkpoint that of its own step."""
    folder = Path(path)
    found = [one for one in appraisals.read(run_of(path)) if one.split == split]
    step = folder.name.removeprefix("step-")
    if folder.name.startswith("step-") and step.isdecimal():
        found = [one for one in found if one.step == int(step)]
    return next(iter(found), None)
