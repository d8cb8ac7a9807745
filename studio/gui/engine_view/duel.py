"""The duel: up to four models behind one keyboard."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.gui.engine_view.contestant import Contestant
from studio.gui.engine_view.model_picker import models
from studio.gui.i18n import language, tr
from studio.gui.ime_text import MAX_LETTERS
from studio.gui.session import Session

CONTESTANTS = 4
_TWO_COLUMNS = 760


class DuelDialog(QDialog):
    """Does not stand in the way of the window. With each key every model is asked; only the newest key counts."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.line = QLineEdit()
        self.line.setMaxLength(MAX_LETTERS)
        self.line.setClearButtonEnabled(True)
        self.line.setStyleSheet("QLineEdit { font-size: 20px; }")
        self._note = QLabel(wordWrap=True)
        self._note.setProperty("role", "caption")
        self.contestants = [Contestant(session, number + 1) for number in range(CONTESTANTS)]
        inside = QWidget()
        self._cards = QGridLayout(inside)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(10)
        self._columns = 0
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.line)
        column.addWidget(self._note)
        column.addWidget(area, 1)
        self.setMinimumSize(440, 420)
        self.resize(860, 520)
        self._arrange(2)
        self.line.textChanged.connect(self._typed)
        for one in self.contestants:
            one.changed.connect(self._compare)
        session.lab_changed.connect(self._lab_changed)
        language.changed.connect(self.retranslate)
        self.retranslate()
        self._propose()
        self.line.setFocus()

    def majority(self) -> str:
        """The sentence that most models have; where none has a majority, the first model's."""
        said = [one.best for one in self.contestants if one.best]
        if not said:
            return ""
        ranked = Counter(said).most_common(2)
        alone = ranked[0][1] > 1 and (len(ranked) == 1 or ranked[0][1] > ranked[1][1])
        return ranked[0][0] if alone else said[0]

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("Duel"))
        self.line.setPlaceholderText(tr("Type pinyin here, without tones: jintiantianqihenhao"))
        self.line.setAccessibleName(tr("Typing area"))
        for one in self.contestants:
            one.retranslate()
        self._compare()

    def stop(self) -> None:
        """Ask nothing more."""
        for one in self.contestants:
            one.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop()
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for one in self.contestants:
            one.picker.reload()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= _TWO_COLUMNS else 1)

    # --- inside --------------------------------------------------------------------------------------

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, one in enumerate(self.contestants):
            self._cards.addWidget(one, number // columns, number % columns)
        for number in range(2):
            self._cards.setColumnStretch(number, 1 if number < columns else 0)
        self._cards.setRowStretch(CONTESTANTS, 1)

    def _propose(self) -> None:
        """Begin with the newest model as a whole and with its parts, which differ most."""
        first = self._session.model_path() or next((path for _, path in models()), "")
        if first:
            for one, judge in zip(self.contestants, ("both", "network", "ngrams"), strict=False):
                one.judge.set_value(judge)
                one.picker.choose(first)

    def _typed(self, text: str) -> None:
        for one in self.contestants:
            one.type(text.strip())

    def _lab_changed(self, state: str) -> None:
        if state == "ready" and self.isVisible() and any(one.problem for one in self.contestants):
            self._typed(self.line.text())

    def _compare(self) -> None:
        against = self.majority()
        for one in self.contestants:
            one.compare(against)
        said = [one.best for one in self.contestants if one.best]
        if len(said) < 2:
            self._note.setText(
                tr("Choose models and type: each shows its best sentence; where they differ is marked.")
            )
        elif len(set(said)) == 1:
            self._note.setText(tr("All agree."))
        else:
            self._note.setText(
                tr("Characters that differ from the majority, or from the first model, are marked.")
            )
