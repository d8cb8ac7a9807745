"""The second page of a search: its trials as they come, and what can be done with them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.forms.values import number_text
from studio.gui.forms.words import choice_text, place_text
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import mark, theme
from studio.gui.widgets.figures import NONE, count, decimal, percent
from studio.gui.widgets.icons import icon
from studio.gui.widgets.refusals import said
from studio.gui.widgets.words import metric_text, state_color, state_text
from studio.recipe import RecipeError, load
from studio.runs.folder import RunError
from studio.runs.sweeps import SweepFolder, SweepSpec, Trial

_LOOK_MS = 700
_TRIAL = Qt.ItemDataRole.UserRole
_ENDED = ("finished", "pruned", "failed")


class SearchTrials(QWidget):
    """A table of trials. `opened` says that one's run is shown now."""

    opened = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._series = session, session.series
        self._folder: SweepFolder | None = None
        self._spec: SweepSpec | None = None
        self._trials: tuple[Trial, ...] = ()
        self._note = QLabel(wordWrap=True)
        self._reason = QLabel(wordWrap=True)
        self._reason.setProperty("role", "caption")
        self._reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar(textVisible=False)
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.itemActivated.connect(self.open_chosen)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.open, self.reuse, self.pause, self.resume = (QPushButton() for _ in range(4))
        row = QHBoxLayout()
        row.setSpacing(4)
        for button, action in (
            (self.open, self.open_chosen),
            (self.reuse, self.reuse_recipe),
            (self.pause, self.stop),
            (self.resume, self.go_on),
        ):
            button.clicked.connect(action)
            if button is self.pause:
                row.addStretch(1)
            row.addWidget(button)
        self.open.setProperty("quiet", True)
        self.reuse.setProperty("quiet", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._note)
        column.addWidget(self._bar)
        column.addWidget(self.table, 1)
        column.addWidget(self._reason)
        column.addLayout(row)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.reread)
        self._series.changed.connect(self.reread)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()

    def show_search(self, name: str) -> None:
        """Show the trials of a search."""
        self._folder, self._spec, self._trials = SweepFolder(name), None, ()
        try:
            self._spec = self._folder.spec()
        except (RunError, OSError) as error:
            self._session.message.emit("error", str(error))
        self.reread()
        self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self.reread()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def reread(self) -> None:
        """Read the list of trials again: one small file."""
        if self._folder is None:
            return
        trials = self._folder.trials()
        if trials != self._trials:
            self._trials = trials
            self._fill()
        else:
            self._enable()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.table.setAccessibleName(tr("Trials"))
        for button, text in (
            (self.open, tr("Open")),
            (self.reuse, tr("Use its recipe")),
            (self.pause, tr("Pause the search")),
            (self.resume, tr("Go on with the search")),
        ):
            button.setText(text)
        self._fill()

    def _fill(self) -> None:
        chosen = self._chosen()
        paths = list(self._trials[0].params) if self._trials else []
        metric = metric_text(self._spec.metric) if self._spec else ""
        titles = [place_text(path).rpartition(" › ")[2] for path in paths]
        self.table.clear()
        self.table.setHeaderLabels([tr("Trial"), tr("State"), metric, *titles, tr("Steps")])
        for trial in self._trials:
            values = [_value_text(trial.params.get(path)) for path in paths]
            step = count(trial.step) if trial.step >= 0 else NONE
            cells = [str(trial.number), state_text(trial.state), self._figure(trial), *values, step]
            item = QTreeWidgetItem(cells)
            item.setData(0, _TRIAL, trial.number)
            item.setForeground(1, theme.color(state_color(trial.state)))
            item.setToolTip(0, trial.run)
            for column in range(2, len(cells)):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if trial.best:
                font = item.font(0)
                font.setBold(True)
                for column in range(len(cells)):
                    item.setFont(column, font)
                item.setIcon(0, icon("check", "jade"))
            self.table.addTopLevelItem(item)
            if chosen is not None and chosen.number == trial.number:
                self.table.setCurrentItem(item)
        self._enable()

    def _figure(self, trial: Trial) -> str:
        loss = self._spec is not None and self._spec.minimised
        return decimal(trial.value, 4) if loss else percent(trial.value, 2)

    def _enable(self) -> None:
        spec, folder = self._spec, self._folder
        done = sum(trial.state in _ENDED for trial in self._trials)
        wanted = spec.trials if spec else 0
        goes_on = folder is not None and self._series.searching(folder)
        best = next((trial for trial in self._trials if trial.best), None)
        words = [tr("{done} of {wanted} trials", done=done, wanted=wanted)]
        if best is not None:
            words.append(
                tr("best so far: {figure} (trial {number})", figure=self._figure(best), number=best.number)
            )
        if not goes_on and spec is not None:
            words.append(tr("ended") if done >= wanted else tr("paused"))
        self._note.setText(" · ".join(words))
        self._bar.setRange(0, max(wanted, 1))
        self._bar.setValue(done)
        mark(self._bar, "done", not goes_on)
        self.pause.setVisible(goes_on)
        self.resume.setVisible(not goes_on and spec is not None and done < wanted)
        chosen = self._chosen()
        self.open.setEnabled(chosen is not None)
        self.reuse.setEnabled(chosen is not None)
        self._reason.setText(said(chosen.reason) if chosen and chosen.reason else "")
        self._reason.setVisible(bool(self._reason.text()))

    # --- what can be done ------------------------------------------------------------------------------

    def _chosen(self) -> Trial | None:
        items = self.table.selectedItems()
        number = items[0].data(0, _TRIAL) if items else None
        return next((trial for trial in self._trials if trial.number == number), None)

    def open_chosen(self, *_: object) -> None:
        """Show the run of the chosen trial."""
        chosen = self._chosen()
        if chosen is not None and self._session.open_run(chosen.run):
            self.opened.emit()

    def reuse_recipe(self) -> None:
        """Make the chosen trial's recipe the draft."""
        chosen = self._chosen()
        if chosen is None:
            return
        try:
            recipe = load(Path(chosen.run) / "recipe.toml")
        except RecipeError as error:
            self._session.message.emit("error", str(error))
        else:
            self._session.new_from(recipe)
            text = tr("The recipe of {name} is in the Model pane now.", name=recipe.name)
            self._session.message.emit("ok", text)

    def stop(self) -> None:
        """Pause the trial that goes on, and the search with it."""
        if self._folder is not None:
            self._series.stop_search(self._folder)

    def go_on(self) -> None:
        """Start where it was paused."""
        if self._folder is not None:
            self._series.start_search(self._folder)

    def _tint(self) -> None:
        self.open.setIcon(icon("open"))
        self.reuse.setIcon(icon("model"))
        self.pause.setIcon(icon("pause"))
        self.resume.setIcon(icon("play"))
        self._fill()


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if isinstance(value, float):
        return number_text(float(f"{value:.3g}"))
    return number_text(value) if isinstance(value, int) else choice_text(str(value))
