"""The line of a source that an example stands in."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from studio.gui.dataset.asking import Question
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon
from studio.gui.widgets.refusals import refusal_text
from studio.runs.batch_requests import BatchRow, ExampleFound, FindExample
from studio.runs.requests import Refused

if TYPE_CHECKING:
    from studio.runs.lab_messages import Response


class SourceLine(QFrame):
    """Hidden until a row was chosen. `rows_wanted` carries a source's number and a text to look for in its rows."""

    rows_wanted = Signal(int, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._found: ExampleFound | None = None
        self._row: BatchRow | None = None
        self._refused: Refused | None = None
        self.question = Question(session, self._answered, self)
        self.setProperty("role", "card")
        self.where = QLabel(self, wordWrap=True)
        self.where.setProperty("role", "caption")
        self.text = QLabel(self, wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.rows = QPushButton(self)
        self.rows.setProperty("quiet", "true")
        self.rows.clicked.connect(self._rows_wanted)
        self._close = QToolButton(self)
        self._close.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(self.where, 1)
        head.addWidget(self.rows)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 6, 10)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.text)
        theme.changed.connect(self._themed)
        self._themed()
        self.retranslate()
        self.hide()

    def look(self, recipe: dict[str, Any], row: BatchRow) -> None:
        """Look for an example."""
        self._found, self._row, self._refused = None, row, None
        self._show()
        self.show()
        self.question.ask(lambda name: FindExample(id=name, recipe=recipe, source=row.source, text=row.text))

    def retranslate(self) -> None:
        self.rows.setText(tr("Show in rows"))
        self._close.setToolTip(tr("Close"))
        self._close.setAccessibleName(tr("Close"))
        self._show()

    def _answered(self, response: Response) -> None:
        if isinstance(response, ExampleFound):
            self._found = response
        elif isinstance(response, Refused):
            self._refused = response
        self._show()

    def _show(self) -> None:
        found = self._found
        self.rows.setVisible(found is not None and not (self._row is not None and self._row.word))
        if found is None:
            self.where.setText(tr("Looking for it in its source…") if self._refused is None else "")
            self.where.setVisible(self._refused is None)
            self.text.setText(html.escape(refusal_text(self._refused)) if self._refused else "")
            self.text.setVisible(self._refused is not None)
            return
        if found.line:
            where = tr("{source}, line {line}", source=found.source, line=f"{found.line:,}")
        else:
            where = tr("{source}, document {number}", source=found.source, number=f"{found.document + 1:,}")
        self.where.setText(where)
        self.where.setToolTip(found.path)
        self.where.show()
        parts = found.text[: found.start], found.text[found.start : found.end], found.text[found.end :]
        before, here, after = map(html.escape, parts)
        color = theme.color("accent_ink").name()
        self.text.setText(f"{before}<b style='color:{color}'>{here}</b>{after}")
        self.text.show()

    def _rows_wanted(self) -> None:
        if self._row is not None:
            self.rows_wanted.emit(self._row.source, self._row.text)

    def _themed(self) -> None:
        self._close.setIcon(icon("close", "muted"))
        self._show()
