"""The rows of a source: paged from the lab, ten million as easily as ten, searched, and shown in whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtTest import QTest

from studio.gui.dataset.paged_model import PAGE
from studio.gui.dataset.rows_model import KEPT
from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from studio.runs import requests as rq
from studio.runs.dataset_requests import PageRows, RowsPaged
from studio.runs.datasets import Row
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_data_and_model_panes import previewed, show

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]
TOTAL = 10_000_000
SOURCES = [{"kind": "builtin", "name": "reviews"}, {"kind": "table", "path": "/d/rows.csv"}]


def paged(request: PageRows) -> RowsPaged:
    """Ten million rows, or three that hold what is searched for."""
    total = 3 if request.search else TOTAL
    numbers = range(request.offset, min(request.offset + request.count, total))
    rows = tuple(Row(n, (f"<{n}>", f"第{n}行{request.search}\n下一行")) for n in numbers)
    known = -1 if request.offset == 0 and not request.search else total
    return RowsPaged(id=request.id, columns=("名", "文"), rows=rows, offset=request.offset, total=known)


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.answers |= {rq.PreviewData: previewed, PageRows: paged}
    session.lab = lab  # type: ignore[assignment]
    session.set_value("data.sources", SOURCES)
    return lab


def asked(lab: FakeLab) -> list[PageRows]:
    return [item for item in lab.asked if isinstance(item, PageRows)]


def test_ten_million_rows_scroll_and_only_what_is_in_view_is_asked_for(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session), width=700)
        pane.show_view("rows")
        view = pane.view("rows")
        assert view.index() == 1, "the first source that has rows"
        await until(lambda: view.rows.total == TOTAL)
        assert view._found.text() == "10,000,000 rows" and view.rows.rowCount() == TOTAL
        assert [item.offset for item in asked(lab)] == [0, PAGE]
        assert view.table.model().index(7, 1).data() == "第7行 下一行"
        bar = view.table.verticalScrollBar()
        bar.setValue(bar.maximum())
        await until(lambda: view.rows.at(TOTAL - 1) is not None)
        assert view.table.model().index(TOTAL - 1, 0).data() == f"<{TOTAL - 1}>"
        began = time.perf_counter()
        for place in range(200):
            bar.setValue(bar.maximum() * place // 200)
            view.table.viewport().repaint()
        assert time.perf_counter() - began < 10
        before = len(asked(lab))
        await until(lambda: not view.rows.going_on)
        assert len(asked(lab)) - before <= 3, "places that were only passed are not asked for"
        for place in range(KEPT + 10):
            bar.setValue(place * PAGE * 28)
            await until(lambda: not view.rows.going_on)
        assert len(view.rows._pages) <= KEPT
        pane.shutdown()

    run_async(scenario())


def test_rows_are_searched_and_shown_in_whole(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session), width=420)
        pane.show_view("rows")
        view = pane.view("rows")
        await until(lambda: view.rows.total == TOTAL)
        assert view.chooser.isVisible() and not view.list.isVisible()
        view.search.setFocus()
        QTest.keyClicks(view.search, "hua")
        await until(lambda: view.rows.total == 3)
        assert asked(lab)[-1].search == "hua" and view.rows.rowCount() == 3
        view.table.setCurrentIndex(view.rows.index(1, 0))
        assert view.whole.isVisible() and view.whole.toPlainText() == "名 <1>\n文 第1行hua\n下一行"
        asked_so_far = len(asked(lab))
        pane.show_view("sources")
        pane.show_view("rows")
        assert len(asked(lab)) == asked_so_far, "what is shown is not asked for again"
        view.choose(0)
        await until(lambda: asked(lab)[-1].source["kind"] == "builtin" and view.rows.total == 3)
        assert view.search.isEnabled() and view.search.text() == "hua", "as other sources are searched"
        pane._show_rows(1, "好")
        await until(lambda: asked(lab)[-1].search == "好" and view.rows.total == 3)
        assert view.search.text() == "好"
        pane.shutdown()

    run_async(scenario())


def test_a_source_that_cannot_be_read(qtbot: Any, session: Session, lab: FakeLab, run_async: Run) -> None:
    async def scenario() -> None:
        lab.answers[PageRows] = lambda request: rq.Refused(
            id=request.id, kind="data", message="/d/rows.csv is empty", remedy="choose a file that holds text"
        )
        pane = show(qtbot, DatasetPane(session))
        pane.show_view("rows")
        view = pane.view("rows")
        await until(lambda: view.rows.refused is not None)
        assert view.empty.text.text() == "/d/rows.csv is empty. Choose a file that holds text."
        lab.answers[PageRows] = paged
        session.set_value("data.sources", [SOURCES[1]])
        await until(lambda: view.rows.total == TOTAL)
        session.set_value("data.sources", [])
        assert view.empty.title.text() == "No sources yet"
        pane.shutdown()

    run_async(scenario())
