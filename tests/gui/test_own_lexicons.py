"""Word lists of the user's in the Dataset pane: added, dropped, weighed and removed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtWidgets import QToolButton

from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from studio.runs import requests as rq
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_data_and_model_panes import previewed, show

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def lists(session: Session) -> list[dict[str, Any]]:
    return [item for item in session.values["data"]["sources"] if item["kind"] == "lexicon"]


def test_lists_are_added_weighed_and_removed(qtbot: Any, session: Session, run_async: Run) -> None:
    def counted(request: rq.PreviewData) -> rq.DataPreviewed:
        shown = previewed(request)
        words = rq.SourceSummary(source="terms.txt", title="terms.txt", licence="", documents=0, characters=9,
                                 entries=3)  # fmt: skip
        return rq.DataPreviewed(
            id=request.id, sources=(*shown.sources, words), rows=shown.rows, notes=shown.notes
        )

    async def scenario() -> None:
        lab = FakeLab()
        lab.answers[rq.PreviewData] = counted
        session.lab = lab  # type: ignore[assignment]
        pane = DatasetPane(session)
        show(qtbot, pane, 420)
        pane.sources.add_lists(["/data/terms.txt"])
        pane.bring(["/data/names.dict.yaml"])  # as dropped files are
        assert [item["path"] for item in lists(session)] == ["/data/terms.txt", "/data/names.dict.yaml"]
        assert pane.importing is None
        row = next(row for row in pane.sources.files if row.path == "/data/terms.txt")
        await until(lambda: "3 words" in row.notes.counts.text())
        weight = next(field for field in row.rows if field.field.name == "weight")
        weight.editor.edited.emit(2.5)
        assert lists(session)[0]["weight"] == 2.5
        assert not session.problems
        pane.sources.files[-1].findChildren(QToolButton)[0].click()
        assert [item["path"] for item in lists(session)] == ["/data/terms.txt"]
        pane.shutdown()

    run_async(scenario())
