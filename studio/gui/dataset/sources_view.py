"""Sources, cleaning and splits on one side, what comes of them on the other."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from studio.gui.forms.body import FormBody
from studio.gui.forms.values import MISSING, lookup
from studio.gui.panes.preview import Preview
from studio.gui.panes.sources import SourceList
from studio.gui.session import Session
from studio.gui.widgets.refusals import refusal_text
from studio.runs.requests import DataPreviewed, PreviewData, Refused

DEBOUNCE = 350
SIDE_BY_SIDE = 760
_DOCUMENTS = 20


class SourcesView(QWidget):
    """Where texts come from and what is made of them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: object = None
        self._good: set[str] = set()
        self._task: asyncio.Task[Any] | None = None
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE)
        self._timer.timeout.connect(self._ask)
        self.sources = SourceList(self)
        self.form = FormBody(
            ("data.cleaning", "data.splits", "data.balance", "data.lexicon_share"), parent=self
        )
        self.preview = Preview(self)
        self.sources.edited.connect(session.set_value)
        self.sources.said.connect(session.message)
        self.form.edited.connect(session.set_value)
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(14, 10, 12, 16)
        column.setSpacing(10)
        column.addWidget(self.sources)
        column.addWidget(self.form)
        column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(inner)
        self.area.setMinimumHeight(120)
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.addWidget(self.area)
        self._splitter.addWidget(self.preview)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([1000, 1000])
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self.setFocusProxy(next(iter(self.sources.builtin.values())).tick)
        session.lab_changed.connect(self._lab_changed)

    # --- the draft -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the draft as it is now, and look at its data again if they changed."""
        values, problems = self._session.values, self._session.problems
        sources = lookup(values, "data.sources")
        self.sources.set_sources([] if sources is MISSING else sources)
        self.sources.set_problems(problems)
        self.form.set_values(values)
        self.form.set_problems(problems)
        data = values.get("data")
        if not sources or sources is MISSING:
            self._stop("no_sources", data)
        elif any(problem.path.split(".")[0] == "data" for problem in problems):
            self._stop("problems", data)
        elif data != self._asked:
            self._asked = copy.deepcopy(data)
            self.preview.set_busy()
            self._timer.start()

    def reveal(self, path: str) -> None:
        """Bring the setting or source that a problem is about into view."""
        found = self.form.reveal(path) or self.sources
        self.area.ensureWidgetVisible(found)

    def shutdown(self) -> None:
        """The window closes: ask nothing more."""
        self._timer.stop()
        self._drop_task()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.sources.retranslate()
        self.form.retranslate()
        self.preview.retranslate()

    # --- the preview ---------------------------------------------------------------------------------

    def _stop(self, why: str, data: object) -> None:
        self._timer.stop()
        self._drop_task()
        self._asked = None
        self.preview.set_stopped(why)

    def _drop_task(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _ask(self) -> None:
        self._drop_task()
        self._task = self._session.spawn(self._look(copy.deepcopy(self._session.values)))
        if self._task is None:
            self._asked = None

    async def _look(self, values: dict[str, Any]) -> None:
        """Ask for a preview; a file that cannot be used is named at its place, and the rest is shown."""
        refused = await self._try_files(values)
        recipe: dict[str, Any] = {
            key: values[key] for key in ("version", "name", "task", "data") if key in values
        }
        good = [item for item in recipe["data"]["sources"] if item.get("path") not in refused]
        recipe = {**recipe, "data": {**recipe["data"], "sources": good}}
        while True:
            request = PreviewData(id=self._session.lab.new_id(), recipe=recipe, documents=_DOCUMENTS)
            response = await self._session.lab.ask(request)
            if isinstance(response, DataPreviewed):
                self.sources.set_refused(refused)
                self.sources.set_summaries(response.sources)
                self.preview.set_shown(response)
                return
            if not isinstance(response, Refused) or response.kind == "cancelled":
                return
            culprit = _culprit(response, recipe["data"]["sources"])
            if culprit is None or culprit in refused:
                self.sources.set_refused(refused)
                if response.kind.startswith("lab"):
                    self._asked = None
                # With nothing but bad files left there is no preview, but each file says why.
                only_lexicons = response.kind == "recipe" and refused
                self.preview.set_stopped("problems" if only_lexicons else "refused", refusal_text(response))
                return
            refused[culprit] = refusal_text(response)
            self.sources.set_refused(refused)
            rest = [
                item
                for item in recipe["data"]["sources"]
                if culprit not in (item.get("path"), item.get("name"))
            ]
            recipe = {**recipe, "data": {**recipe["data"], "sources": rest}}

    async def _try_files(self, values: dict[str, Any]) -> dict[str, str]:
        """Look at each new file by itself: what is wrong with one is known before the long texts are read."""
        refused: dict[str, str] = {}
        for source in values["data"]["sources"]:
            known = repr(sorted(source.items()))
            if source.get("kind") not in ("file", "table") or known in self._good:
                continue
            recipe = {**values, "data": {"sources": [source]}}
            recipe = {key: recipe[key] for key in ("version", "name", "task", "data") if key in recipe}
            request = PreviewData(id=self._session.lab.new_id(), recipe=recipe, documents=1)
            response = await self._session.lab.ask(request)
            if isinstance(response, DataPreviewed):
                self._good.add(known)
            elif isinstance(response, Refused) and response.kind in ("data", "disk"):
                refused[source["path"]] = refusal_text(response)
                self.sources.set_refused(refused)
        return refused

    def _lab_changed(self, state: str) -> None:
        if state == "ready" and self._asked is None:
            self.refresh()

    # --- looks ---------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._splitter.orientation() != wanted:
            self._splitter.setOrientation(wanted)
            total = self.width() if wide else self.height()
            self._splitter.setSizes([420, total - 420] if wide else [total // 2, total // 2])

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 320)


def _culprit(refused: Refused, sources: list[dict[str, Any]]) -> str | None:
    """Which source a refusal is about: the one whose path or name it mentions."""
    if refused.kind not in ("data", "disk"):
        return None
    for source in sorted(sources, key=lambda item: -len(str(item.get("path", "")))):
        path = source.get("path")
        if path and str(path) in refused.message:
            return str(path)
    return None
