"""The lattice under the Playground's candidates: folded away until somebody wants to see how it works."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.gui.engine_view.lattice_paint import said
from studio.gui.engine_view.lattice_view import LatticeView
from studio.gui.engine_view.weighed_table import WeighedTable
from studio.gui.forms.disclosure import Disclosure
from studio.gui.i18n import tr
from studio.gui.panes.compose_edit import ComposeEdit
from studio.gui.panes.predictions import Predictions
from studio.gui.session import Session
from studio.runs.explanations import Explained
from studio.runs.requests import Explain

_CHANNEL = "lattice"
_PAUSE_MS = 120  # candidates come first: it takes about as long as they do
_SIDE_BY_SIDE = 560


class LatticePanel(QWidget):
    """A heading and, unfolded, the lattice of the editor's composition with the characters of a chosen syllable."""

    unfolded = Signal(bool)

    def __init__(
        self, session: Session, editor: ComposeEdit, predictions: Predictions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._editor, self._predictions = session, editor, predictions
        self._task: asyncio.Task[Any] | None = None
        self.heading = Disclosure(False, self)
        self.note = QLabel(self)
        self.note.setProperty("role", "caption")
        self.view = LatticeView(self)
        self.weighed = WeighedTable(self)
        self.weighed.hide()
        self._body = QWidget(self)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._body)
        self._halves.setContentsMargins(0, 0, 0, 0)
        self._halves.setSpacing(8)
        self._halves.addWidget(self.view, 1)
        self._halves.addWidget(self.weighed)
        self._body.hide()
        top = QHBoxLayout()
        top.addWidget(self.heading)
        top.addStretch(1)
        top.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._body)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._soon.timeout.connect(self.ask)
        self.heading.toggled_open.connect(self._fold)
        self.view.rewritten.connect(self._rewrite)
        self.view.chosen.connect(self._look_closer)
        self.view.left.connect(editor.setFocus)
        editor.composed.connect(self._composed)
        predictions.arrived.connect(self._arrived)
        self.retranslate()

    @property
    def is_open(self) -> bool:
        return self.heading.is_open

    def stop(self) -> None:
        """Ask nothing more."""
        self._soon.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.heading.setText(tr("How it is decoded"))
        self.heading.setToolTip(
            tr("Show the syllables that the letters may be, and the best paths through them")
        )
        self.view.retranslate()
        self._say()

    def ask(self) -> None:
        """Let the lab explain the letters that are being composed."""
        text, model = self._editor.composer.letters, self._predictions.model
        if not self.is_open or not text or model is None:
            return
        if self._task is not None:
            self._task.cancel()
        request = Explain(
            id=self._session.lab.new_id(),
            model=model,
            text=text,
            left=self._editor.left_text(),
            judge=self._predictions.judge,
            channel=_CHANNEL,
            fuzzy=self._predictions.fuzzy,
            slips=self._predictions.slips,
        )
        self._task = self._session.spawn(self._answer(request))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        wide = self.width() >= _SIDE_BY_SIDE
        self._halves.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    # --- inside --------------------------------------------------------------------------------------

    async def _answer(self, request: Explain) -> None:
        response = await self._session.lab.ask(request)
        if isinstance(response, Explained) and response.text == self._editor.composer.letters:
            self.view.show_lattice(response)
            self._say()

    def _fold(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self._say()
        self.unfolded.emit(is_open)
        if is_open:
            self.ask()
        else:
            self.stop()

    def _composed(self) -> None:
        letters = self._editor.composer.letters
        if not letters:
            self.stop()
            if self.view.picture.found.paths:
                self.view.show_lattice(None)
                self._say()
        else:
            self.view.set_dimmed(letters != self.view.picture.found.text)

    def _arrived(self) -> None:
        if self.is_open and self._editor.composer.fresh:
            self._soon.start()

    def _rewrite(self, letters: str) -> None:
        """Compose other letters in the place of those that are there; the keyboard stays where it is."""
        composer = self._editor.composer
        composer.clear_letters()
        self._editor.take(composer.paste(letters))

    def _look_closer(self, edge: int) -> None:
        found = self.view.picture.found
        self.weighed.setVisible(edge >= 0 and bool(found.edges[edge].weighed))
        if edge >= 0:
            self.weighed.show_weighed(said(found.text, found.edges[edge]), found.edges[edge].weighed)

    def _say(self) -> None:
        """In the heading's line: how long it took, or what to do."""
        found = self.view.picture.found
        if not self.is_open:
            self.note.clear()
        elif found.paths:
            self.note.setText(
                tr("{paths} paths · {time} ms", paths=len(found.paths), time=f"{found.milliseconds:.0f}")
            )
            self.note.setToolTip(
                tr("Numbers are log-scores: the higher, the likelier. The counts also judge the end.")
            )
        else:
            self.note.setText(tr("Type pinyin to see it."))
