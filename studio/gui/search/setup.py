"""The first page of a search: which fields, how many trials, by which figure, under which name."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.gui.forms.editors import WheelGuard
from studio.gui.forms.values import lookup
from studio.gui.forms.words import place_text
from studio.gui.i18n import tr
from studio.gui.search.range_row import RangeRow
from studio.gui.search.words import range_text
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon
from studio.gui.widgets.words import metric_text
from studio.recipe import RecipeError
from studio.recipe.ranges import parse_ranges, searchable
from studio.runs.sweeps import SweepFolder, SweepSpec, free_name, slug

_FIRST = ("training.learning_rate",)  # what is worth searching before anything else
_TRIALS = 12


class SearchSetup(QWidget):
    """`started` carries the name of a search that was begun."""

    started = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows: dict[str, RangeRow] = {}
        self._intro = QLabel(wordWrap=True)
        self._intro.setProperty("role", "caption")
        self.add = QPushButton()
        self._fields = QMenu(self.add)
        self._fields.setToolTipsVisible(True)
        self._fields.aboutToShow.connect(self._list_fields)
        self.add.setMenu(self._fields)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        inside = QWidget()
        whole = QVBoxLayout(inside)
        whole.setContentsMargins(0, 0, 6, 0)
        whole.addLayout(self._column)
        whole.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self.name = QLineEdit()
        self.trials = QSpinBox(minimum=1, maximum=9999, value=_TRIALS)
        self.trials.lineEdit().setTextMargins(6, 0, 0, 0)
        self.decided_by = QComboBox()
        guard = WheelGuard(self)
        for box in (self.trials, self.decided_by):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(guard)
        self._labels = [QLabel() for _ in range(3)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        asked: tuple[QWidget, ...] = (self.name, self.trials, self.decided_by)
        for place, (label, widget) in enumerate(zip(self._labels, asked, strict=True)):
            label.setBuddy(widget)
            grid.addWidget(label, place, 0)
            grid.addWidget(widget, place, 1)
        grid.setColumnStretch(1, 1)
        self._error = QLabel(wordWrap=True)
        self._error.setProperty("role", "error")
        self._error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.start = QPushButton()
        self.start.setProperty("primary", True)
        self.start.clicked.connect(self.begin)
        last = QHBoxLayout()
        last.addWidget(self._error, 1)
        last.addWidget(self.start, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._intro)
        column.addWidget(scroll, 1)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(grid)
        column.addLayout(last)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()

    def prepare(self) -> None:
        """Start from the draft: its name, its figure; fields that its model does not have go."""
        recipe = self._session.recipe
        self._error.setText("")
        self.start.setEnabled(recipe is not None)
        if recipe is None:
            self._error.setText(self._session.start_obstacle())
            return
        self.name.setText(free_name(slug(recipe.name)))
        self.decided_by.clear()
        for metric in recipe.measured:
            self.decided_by.addItem(metric_text(metric), metric)
        self.decided_by.setCurrentIndex(
            max(self.decided_by.findData(recipe.training.checkpoints.best_metric), 0)
        )
        known = searchable(recipe)
        for path in [path for path in self.rows if path not in known]:
            self.drop(path)
        for path in _FIRST if not self.rows else ():
            self.take(path)

    def take(self, path: str) -> None:
        """Search this field too."""
        recipe = self._session.recipe
        if recipe is None or path in self.rows:
            return
        row = RangeRow(searchable(recipe)[path], lookup(self._session.values, path))
        row.removed.connect(self.drop)
        row.edited.connect(self._forget_error)
        self.rows[path] = row
        self._column.addWidget(row)

    def drop(self, path: str) -> None:
        """Search this field no more."""
        row = self.rows.pop(path)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._forget_error()

    def begin(self) -> None:
        """Check everything; start the search, or say all that is wrong."""
        recipe = self._session.recipe
        if recipe is None:
            return
        self._forget_error()
        complaints = []
        try:
            ranges = parse_ranges([row.text() for row in self.rows.values()], recipe)
        except RecipeError as error:
            ranges = ()
            for problem in error.problems:
                row = self.rows.get(problem.path)
                if row is not None:
                    row.set_problem(problem)
                else:
                    complaints.append(range_text(problem))
        name = slug(self.name.text())
        if SweepFolder(name).exists:
            complaints.append(tr("There is a search {name} already: choose another name.", name=name))
        self._error.setText("\n".join(complaints))
        if complaints or not ranges:
            return
        texts = tuple(str(one) for one in ranges)
        spec = SweepSpec(name, texts, self.trials.value(), str(self.decided_by.currentData()))
        if self._session.series.begin_search(spec, recipe) is not None:
            self.started.emit(name)

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._intro.setText(
            tr(
                "Trains the recipe again and again with other settings, one run after another, and breaks off those "
                "that do worse than most. Each is an ordinary run, to be compared in the Runs pane."
            )
        )
        self.add.setText(tr("Add a field"))
        for label, text in zip(self._labels, (tr("Name"), tr("Trials"), tr("Decided by")), strict=True):
            label.setText(text)
        for index in range(self.decided_by.count()):
            self.decided_by.setItemText(index, metric_text(str(self.decided_by.itemData(index))))
        self.start.setText(tr("Start the search"))
        for row in self.rows.values():
            row.retranslate()

    def _list_fields(self) -> None:
        """By section, without those that are searched already."""
        self._fields.clear()
        recipe = self._session.recipe
        sections: dict[str, QMenu] = {}
        for path, field in searchable(recipe).items() if recipe else ():
            if path in self.rows:
                continue
            top = path.partition(".")[0]
            if top not in sections:
                sections[top] = self._fields.addMenu(place_text(top))
                sections[top].setToolTipsVisible(True)
            action = sections[top].addAction(place_text(path).partition(" › ")[2])
            action.setToolTip(tr(field.help))
            action.triggered.connect(partial(self.take, path))

    def _forget_error(self) -> None:
        self._error.setText("")

    def _tint(self) -> None:
        self.add.setIcon(icon("plus"))
        self.start.setIcon(icon("search", "accent_text"))
