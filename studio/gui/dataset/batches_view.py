"""What the model sees: the batches of the draft, one after another, exactly as they are fed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QToolButton, QVBoxLayout, QWidget

from studio.gui.dataset.asking import Question
from studio.gui.dataset.batch_grid import BatchGrid
from studio.gui.dataset.preparation import Preparation
from studio.gui.dataset.prepared_view import PreparedView
from studio.gui.dataset.share_bar import ShareBar
from studio.gui.dataset.source_line import SourceLine
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.figures import count
from studio.gui.widgets.icons import icon
from studio.gui.widgets.samples import Flow
from studio.runs.batch_requests import BatchShown, ShowBatch, TensorShape

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

_ROWS = 200  # asked for at once


class BatchesView(PreparedView):
    """The grid of a batch, with what leads to the next one above it, and where a row came from below."""

    sections = ("data", "training")
    rows_wanted = Signal(int, str)

    def __init__(self, session: Session, preparation: Preparation, parent: QWidget | None = None) -> None:
        super().__init__(session, preparation, "dataset", parent)
        self.shown: BatchShown | None = None
        self._more = Question(session, self._more_answered, self)
        self.epoch = QSpinBox(minimum=1, maximum=100_000)
        self.number = QSpinBox(minimum=1, maximum=1)
        self._labels = (QLabel(), QLabel())
        guard = WheelGuard(self)
        for label, box in zip(self._labels, (self.epoch, self.number), strict=True):
            label.setBuddy(box)
            box.installEventFilter(guard)
            box.setKeyboardTracking(False)
            box.valueChanged.connect(self._chosen)
            box.lineEdit().setTextMargins(6, 0, 0, 0)
            box.setFixedWidth(92)
        self.before, self.after = QToolButton(), QToolButton()
        for button, by in ((self.before, -1), (self.after, 1)):
            button.setIconSize(QSize(16, 16))
            button.clicked.connect(partial(self.step, by))
        self.ids = QPushButton()
        self.ids.setCheckable(True)
        self.ids.setProperty("quiet", "true")
        self.ids.toggled.connect(self._ids_toggled)
        self._of = QLabel()
        self._of.setProperty("role", "caption")
        line = Flow()
        line.addWidget(_together(self._labels[0], self.epoch, self.ids))
        line.addWidget(_together(self._labels[1], self.before, self.number, self.after, self._of))
        self._shape = QLabel(wordWrap=True)
        self._shape.setProperty("role", "caption")
        self.bar = ShareBar()
        self.grid = BatchGrid()
        self.grid.row_chosen.connect(self._row_chosen)
        self.grid.end_reached.connect(self._ask_more)
        self.line = SourceLine(session)
        self.line.rows_wanted.connect(self.rows_wanted)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self._shape)
        column.addWidget(self.bar)
        column.addWidget(self.grid, 1)
        column.addWidget(self.line)
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()

    # --- what is asked -------------------------------------------------------------------------------

    def request(self, id: str, recipe: dict[str, Any]) -> Request:
        return ShowBatch(
            id=id, recipe=recipe, epoch=self.epoch.value() - 1, batch=self.number.value() - 1, rows=_ROWS
        )

    def step(self, by: int) -> None:
        """The next batch, or the one before; past the end of an epoch into the next."""
        if self.shown is None:
            return
        number, epoch = self.number.value() + by, self.epoch.value()
        if number > self.shown.batches:
            number, epoch = 1, epoch + 1
        elif number < 1 and epoch > 1:
            number, epoch = self.shown.batches, epoch - 1
        self._set(epoch, max(number, 1))
        self.ask_again()

    def show_answer(self, response: Response) -> bool:
        if not isinstance(response, BatchShown):
            return False
        self._more.stop()
        self.shown = response
        self._set(response.epoch + 1, response.batch + 1, response.batches)
        self.grid.batch.show_batch(response)
        self.grid.scrollToTop()
        self.line.hide()
        self._show()
        return True

    def shutdown(self) -> None:
        super().shutdown()
        self._more.stop()
        self.line.question.stop()

    def retranslate(self) -> None:
        super().retranslate()
        for label, text in zip(self._labels, (tr("Epoch"), tr("Batch")), strict=True):
            label.setText(text)
        for button, text in ((self.before, tr("Previous batch")), (self.after, tr("Next batch"))):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self.ids.setText(tr("Ids"))
        self.ids.setToolTip(tr("Show the numbers that are fed instead of the words they stand for"))
        self.grid.setAccessibleName(tr("Batch"))
        self.bar.setAccessibleName(tr("Positions of the batch"))
        self.line.retranslate()
        self._show()

    # --- inside --------------------------------------------------------------------------------------

    def _set(self, epoch: int, number: int, batches: int | None = None) -> None:
        for box in (self.epoch, self.number):
            box.blockSignals(True)
        if batches is not None:
            self.number.setMaximum(batches)
        self.epoch.setValue(epoch)
        self.number.setValue(number)
        for box in (self.epoch, self.number):
            box.blockSignals(False)

    def _chosen(self) -> None:
        self.ask_again(150)

    def _show(self) -> None:
        shown = self.shown
        if shown is None:
            return
        self._of.setText(tr("of {batches}", batches=count(shown.batches)))
        parts = [
            tr(
                "{rows} examples of up to {columns} positions",
                rows=count(shown.row_count),
                columns=shown.columns,
            )
        ]
        if shown.words:
            parts.append(tr("{words} of them from word lists", words=count(shown.words)))
        parts.append("  ".join(map(_tensor_text, shown.tensors)))
        self._shape.setText(" · ".join(parts))
        self._shape.setToolTip("\n".join(map(_tensor_text, shown.tensors)))
        places = shown.row_count * shown.columns
        positions = any(row.targets for row in shown.rows)
        bar = [(tr("targets"), float(shown.asked), "jade")] if positions else []
        if not positions:
            bar.append((tr("read"), float(shown.filled), "jade"))
        elif shown.filled > shown.asked:
            bar.append((tr("masked"), float(shown.filled - shown.asked), "amber"))
        self.bar.show_parts([*bar, (tr("padding"), float(places - shown.filled), "hatch")])

    def _row_chosen(self, number: int) -> None:
        self.line.look(self._asked, self.grid.batch.row(number))

    def _ask_more(self) -> None:
        shown, there = self.shown, self.grid.batch.rowCount()
        if shown is None or there >= shown.row_count or self._more.going_on or self.question.going_on:
            return
        recipe = self._asked
        self._more.ask(
            lambda name: ShowBatch(
                id=name, recipe=recipe, epoch=shown.epoch, batch=shown.batch, first_row=there, rows=_ROWS
            )
        )

    def _more_answered(self, response: Response) -> None:
        if isinstance(response, BatchShown) and response.first_row == self.grid.batch.rowCount():
            self.grid.batch.add_rows(response.rows)

    def _ids_toggled(self, on: bool) -> None:
        self.grid.show_ids(on)

    def _themed(self) -> None:
        self.before.setIcon(icon("chevron-left"))
        self.after.setIcon(icon("chevron-right"))


def _together(*widgets: QWidget) -> QWidget:
    """Widgets that stay in one line."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 6, 0)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return box


def _tensor_text(tensor: TensorShape) -> str:
    if tensor.value:
        return f"{tensor.name} {tensor.value}"
    return f"{tensor.name} {tensor.dtype} [{', '.join(map(str, tensor.shape))}]"
