"""What a run would take, in a line beside Start; a click or a key shows the parts."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from studio.gui.estimator import Estimator
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.gui.widgets.estimate_words import line_text, table_html, verdict_html, verdict_text
from studio.gui.widgets.refusals import refusal_text


class RunEstimate(QFrame):
    """One line: parameters, memory, time, disk, and a word on whether it fits."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._estimator = Estimator.of(session)
        self.text = QLabel(self, wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setProperty("role", "caption")
        line = QVBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.text)
        self.parts: QFrame | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._estimator.changed.connect(self.refresh)
        session.run_changed.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self._estimator.refresh()
        self.refresh()

    def refresh(self) -> None:
        """Show the newest estimate; nothing while a run goes on or the draft has problems."""
        estimate, refused = self._estimator.estimate, self._estimator.refused
        words = verdict = ""
        if estimate is not None:
            words, verdict = line_text(estimate, trying=self._estimator.trying), verdict_text(estimate)
            self.text.setText(f"{escape(words)} ·&nbsp;{verdict_html(estimate)}")
        else:
            if refused is not None:
                words = refusal_text(refused)
            elif self._estimator.trying:
                words = tr("Estimating what the run will take…")
            self.text.setText(escape(words))
        self.setToolTip("" if estimate is None else table_html(estimate))
        self.setVisible(bool(words) and not self._session.running)
        self.setAccessibleName(" · ".join(part for part in (words, verdict) if part))
        self.setAccessibleDescription(tr("What the run will take. Press Enter for the parts."))

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.show_parts()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.show_parts()
        else:
            super().keyPressEvent(event)

    def show_parts(self) -> None:
        """Open a table of the parts below the line; it closes on a click beside it or on Escape."""
        estimate = self._estimator.estimate
        if estimate is None:
            return
        popup = self.parts = QFrame(self, Qt.WindowType.Popup)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.destroyed.connect(self._forget_parts)
        popup.setProperty("role", "card")
        table = QLabel(table_html(estimate), popup)
        table.setTextFormat(Qt.TextFormat.RichText)
        column = QVBoxLayout(popup)
        column.setContentsMargins(14, 10, 14, 10)
        column.addWidget(table)
        popup.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        popup.show()

    def _forget_parts(self) -> None:
        self.parts = None
