"""What the data section makes of its sources, as the lab shows it: documents, and states in between."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.panes.preview_items import PreviewDelegate, PreviewModel, source_title, split_text
from studio.gui.theme import theme
from studio.gui.widgets.empty import EmptyState
from studio.gui.widgets.refusals import said
from studio.runs.requests import DataPreviewed, PreviewRow


class Preview(QWidget):
    """The documents of a preview; dimmed while a newer one is on its way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[PreviewRow, ...] = ()
        self._notes: tuple[str, ...] = ()
        self._state: tuple[str, str] = ("", "")
        self._title = QLabel(self)
        self._title.setProperty("role", "heading")
        self.source = QComboBox(self)
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.source.setMinimumContentsLength(8)
        self.source.activated.connect(self._filter)
        self.source.hide()
        self._busy = QProgressBar(self)
        self._busy.setRange(0, 0)
        self._busy.setFixedHeight(3)
        policy = self._busy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._busy.setSizePolicy(policy)
        self._busy.hide()
        self._splits = QLabel(self)
        self._splits.setProperty("role", "caption")
        self._splits.setWordWrap(True)
        self.model = PreviewModel(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self._delegate = PreviewDelegate(self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.verticalScrollBar().setSingleStep(24)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.empty = EmptyState("dataset", self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.list)
        head = QHBoxLayout()
        head.setContentsMargins(14, 6, 12, 0)
        head.addWidget(self._title, 1)
        head.addWidget(self.source)
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        self._splits.setContentsMargins(14, 0, 12, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._splits)
        column.addWidget(self._busy)
        column.addWidget(rule)
        column.addWidget(self._stack, 1)
        theme.changed.connect(self._relayout)
        self.retranslate()

    # --- states --------------------------------------------------------------------------------------

    def set_busy(self) -> None:
        """A preview is being made; what is shown stays until it is there."""
        self._busy.show()
        if not self._rows:
            self._say("busy")

    def set_shown(self, previewed: DataPreviewed) -> None:
        """Show a preview."""
        self._busy.hide()
        self._rows, self._notes = previewed.rows, previewed.notes
        chosen = self.source.currentData() or ""
        names = list(dict.fromkeys(row.source for row in self._rows))
        self.source.clear()
        self.source.addItem(tr("All sources"), "")
        for name in names:
            self.source.addItem(source_title(name), name)
        self.source.setCurrentIndex(max(self.source.findData(chosen), 0))
        self._filter()
        if not self._rows:
            self._say("nothing")

    def set_stopped(self, why: str, details: str = "") -> None:
        """No preview can be made: `why` is no_sources, problems or refused."""
        self._busy.hide()
        self._rows, self._notes = (), ()
        self._filter()
        self._say(why, details)

    def _say(self, state: str, details: str = "") -> None:
        self._state = (state, details)
        title, text = {
            "busy": (tr("Reading the sources"), tr("The first look at a source takes a few seconds.")),
            "no_sources": (tr("No sources yet"), tr("Tick a source, or drop a text file here.")),
            "problems": (tr("Nothing to preview yet"), tr("Mend the settings marked in red first.")),
            "nothing": (tr("No documents"), tr("The sources hold no text that the cleaning leaves over.")),
            "refused": (tr("The preview could not be made"), details),
        }.get(state, ("", ""))
        self.empty.say(title, text)
        self._stack.setCurrentWidget(self.empty if not self._rows else self.list)

    # --- looks ---------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self._title.setText(tr("Preview"))
        self.source.setAccessibleName(tr("Source shown in the preview"))
        self.list.setAccessibleName(tr("Preview"))
        for index in range(self.source.count()):
            name = self.source.itemData(index)
            self.source.setItemText(index, source_title(name) if name else tr("All sources"))
        self._say(*self._state)
        self._count()
        self._relayout()

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 140)

    def _filter(self) -> None:
        self.source.setVisible(len({row.source for row in self._rows}) > 1)
        self.model.set_rows(self._rows, self.source.currentData() or "")
        self._relayout()
        self._count()
        self._stack.setCurrentWidget(self.list if self._rows else self.empty)

    def _count(self) -> None:
        counts: dict[str, int] = {}
        for row in self._rows:
            if row.split != "lexicon":
                counts[row.split] = counts.get(row.split, 0) + 1
        parts = [f"{split_text(split)} {number}" for split, number in counts.items()]
        text = tr("First documents: {counts}.", counts=", ".join(parts)) if parts else ""
        notes = [said(note) for note in self._notes]
        lines = [text, *notes[:3]] if text else notes[:3]
        self._splits.setText("\n".join(lines))
        self._splits.setToolTip("\n".join(notes))
        self._splits.setVisible(bool(lines))

    def _relayout(self) -> None:
        self._delegate.forget()
        self.list.scheduleDelayedItemsLayout()

    def _current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        for index in (now, before):
            if index.isValid():
                self._delegate.sizeHintChanged.emit(index)
