"""Which page of the Playground a model belongs to; pages are made when they are first needed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from studio.gui.playgrounds.page import TextPage
from studio.gui.session import Session
from studio.runs.model_task import task_at


class Pages(QObject):
    """Pages for the tasks that read text as it stands, in a stack whose other widgets belong to its owner.

    `told` says that status or problem of the shown page have changed.
    """

    told = Signal()

    def __init__(self, session: Session, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._session, self._stack = session, stack
        self._made: dict[str, TextPage] = {}
        self.shown: TextPage | None = None
        self.status = self.problem = ""

    def show(self, model: str | None) -> bool:
        """Show the page of a model's task, if it has one here; False if the owner's own widgets are for it."""
        page = self._page(task_at(Path(model))) if model else None
        if page is not self.shown or page is None or page.model != model:
            self.status = self.problem = ""
        for other in self._made.values():
            if other is not page:
                other.stop()
                other.set_model(None)
        self.shown = page
        if page is None:
            return False
        self._stack.setCurrentWidget(page)
        page.set_model(model)
        return True

    def again(self, model: str = "") -> None:
        """The weights have changed, those of one model or of all."""
        if self.shown is not None and (not model or self.shown.model == model):
            self.shown.again()

    def stop(self) -> None:
        """Ask nothing more."""
        for page in self._made.values():
            page.stop()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        for page in self._made.values():
            page.retranslate()

    def _page(self, task: str) -> TextPage | None:
        if task not in self._made:
            page = _new(task, self._session, self._stack)
            if page is None:
                return None
            page.status.connect(self._take_status)
            page.problem.connect(self._take_problem)
            self._made[task] = page
            self._stack.addWidget(page)
        return self._made[task]

    def _take_status(self, text: str) -> None:
        self.status = text
        self.told.emit()

    def _take_problem(self, text: str) -> None:
        self.problem = text
        self.told.emit()


def _new(task: str, session: Session, stack: QStackedWidget) -> TextPage | None:
    """A page for a task; None for the one that types pinyin."""
    if task == "text_classification":
        from studio.gui.playgrounds.classification import ClassificationPage

        return ClassificationPage(session, stack)
    if task == "language_model":
        from studio.gui.playgrounds.writing import WritingPage

        return WritingPage(session, stack)
    if task == "hanzi_to_pinyin":
        from studio.gui.playgrounds.reading import ReadingPage

        return ReadingPage(session, stack)
    if task == "sequence_labelling":
        from studio.gui.playgrounds.labelling import LabellingPage

        return LabellingPage(session, stack)
    if task == "masked_language_model":
        from studio.gui.playgrounds.blanks import BlanksPage

        return BlanksPage(session, stack)
    if task == "correction":
        from studio.gui.playgrounds.correction import CorrectionPage

        return CorrectionPage(session, stack)
    if task == "sequence_to_sequence":
        from studio.gui.playgrounds.translation import TranslationPage

        return TranslationPage(session, stack)
    return None
