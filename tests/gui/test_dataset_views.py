"""The Dataset pane's views of prepared data: what they ask, what they show, and how data come to be prepared."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from studio.gui.dataset.batch_grid import CELL
from studio.gui.dataset.charts import RankChart
from studio.gui.dataset.switch import VIEWS
from studio.gui.i18n import language
from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.runs import batch_requests as br
from studio.runs import count_requests as cr
from studio.runs import requests as rq
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_data_and_model_panes import previewed, show

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]
ROWS = 300


def row(number: int) -> br.BatchRow:
    return br.BatchRow(
        example=number, source=0, word=False, weight=1.0, text="你好吗", tokens=("ni", "hao", "ma"),
        ids=(5, 6, 7, 0), targets=("你", "好", ""), target_ids=(50, 60, -1, -1),
    )  # fmt: skip


def batch(request: br.ShowBatch) -> br.BatchShown:
    end = min(request.first_row + request.rows, ROWS)
    return br.BatchShown(
        id=request.id, epoch=request.epoch, batch=min(request.batch, 9), batches=10, examples=3000,
        row_count=ROWS, columns=4, filled=3 * ROWS, asked=2 * ROWS, words=12, first_row=request.first_row,
        rows=tuple(row(100 * request.batch + n) for n in range(request.first_row, end)),
        tensors=(br.TensorShape(name="symbols", dtype="int64", shape=(ROWS, 4)),
                 br.TensorShape(name="smoothing", dtype="float", value="0.1")),
        sources=("peoples_daily",),
    )  # fmt: skip


def counted(request: cr.CountData) -> cr.DataCounted:
    groups = tuple(
        cr.GroupCounts(name=name, examples=n, characters=9 * n, distinct=90, once=4, syllables=50, unknown=2)
        for name, n in (("train", 1000), ("validation", 100), ("test", 50), ("lexicon", 400))
    )
    items = tuple((text, (50, 5, 2, 9)) for text in ("我们", "今天", "北京"))
    return cr.DataCounted(
        id=request.id, groups=groups, words_from=20_000,
        lengths=cr.Histogram(edges=(0, 5, 10, 15), counts=((0, 900, 100), (0, 90, 10), (0, 45, 5), (400, 0, 0))),
        rankings=(cr.Ranking(name="words", total=66, distinct=3, items=items),),
    )  # fmt: skip


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.answers |= {rq.PreviewData: previewed, br.ShowBatch: batch, cr.CountData: counted}
    session.lab = lab  # type: ignore[assignment]
    return lab


def asked(lab: FakeLab, kind: type) -> list[Any]:
    return [item for item in lab.asked if isinstance(item, kind)]


def test_batches_one_after_another(qtbot: Any, session: Session, lab: FakeLab, run_async: Run) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        assert not asked(lab, br.ShowBatch)
        QTest.mouseClick(pane.switch._buttons["batches"], Qt.MouseButton.LeftButton)
        view = pane.view("batches")
        await until(lambda: view.shown is not None)
        assert asked(lab, br.ShowBatch)[0].recipe.keys() == {"version", "name", "task", "data", "training"}
        assert view.grid.batch.index(0, 1).data(CELL) == ("hao", 6, "好", 60)
        assert view.grid.batch.index(0, 2).data() == "ma → nothing asked"
        assert view.grid.batch.index(0, 3).data() == "padding"
        assert view.bar.accessibleDescription() == "targets 50.0%, masked 25.0%, padding 25.0%"
        assert "symbols int64 [300, 4]" in view._shape.text() and "smoothing 0.1" in view._shape.text()
        view.after.click()
        await until(lambda: view.shown.batch == 1)
        assert view.grid.batch.headerData(0, Qt.Orientation.Vertical) == "100"
        view.before.click()
        await until(lambda: view.shown.batch == 0)
        view.before.click()
        await until(lambda: not view.question.going_on)
        assert view.shown.batch == 0
        view.number.setValue(10)
        await until(lambda: view.shown.batch == 9)
        view.after.click()
        await until(lambda: view.shown.epoch == 1)
        assert (view.shown.batch, view.epoch.value(), view.number.value()) == (0, 2, 1)
        assert view.grid.batch.rowCount() == 200
        view.grid.scrollToBottom()
        await until(lambda: view.grid.batch.rowCount() == ROWS)
        assert asked(lab, br.ShowBatch)[-1].first_row == 200
        pane.shutdown()

    run_async(scenario())


def test_a_row_leads_to_its_line(qtbot: Any, session: Session, lab: FakeLab, run_async: Run) -> None:
    def found(request: br.FindExample) -> br.ExampleFound | rq.Refused:
        if request.source:
            return rq.Refused(id=request.id, kind="data", message="gone", remedy="look again")
        return br.ExampleFound(
            id=request.id, source="a.txt", path="/d/a.txt", line=7, document=3, text="说：<你好吗。", start=3, end=6
        )  # fmt: skip

    async def scenario() -> None:
        lab.answers[br.FindExample] = found
        pane = show(qtbot, DatasetPane(session))
        pane.show_view("batches")
        view = pane.view("batches")
        await until(lambda: view.shown is not None)
        view.grid.setCurrentIndex(view.grid.batch.index(4, 0))
        QTest.keyClick(view.grid, Qt.Key.Key_Return)
        await until(lambda: view.line._found is not None)
        assert view.line.isVisible() and view.line.where.text() == "a.txt, line 7"
        assert "&lt;" in view.line.text.text() and ">你好吗</b>" in view.line.text.text()
        wanted: list[Any] = []
        pane_rows = view.rows_wanted.connect(lambda *what: wanted.append(what))
        view.line.rows.click()
        assert wanted == [(0, "你好吗")] and pane_rows
        view.line.look(view._asked, br.BatchRow(**{**row(1).__dict__, "source": 1}))
        await until(lambda: view.line._refused is not None)
        assert view.line.text.text() == "Gone. Look again." and not view.line.rows.isVisible()
        pane.shutdown()

    run_async(scenario())


def test_data_are_prepared_when_that_is_wanted(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    ready = False

    def batch_if_ready(request: br.ShowBatch) -> br.BatchShown | rq.Refused:
        return batch(request) if ready else rq.Refused(id=request.id, kind="unprepared", message="not yet")

    def prepared(request: br.PrepareData) -> br.DataPrepared:
        nonlocal ready
        ready = True
        return br.DataPrepared(id=request.id, examples=10, positions=100)

    async def scenario() -> None:
        lab.answers |= {br.ShowBatch: batch_if_ready, br.PrepareData: prepared}
        pane = show(qtbot, DatasetPane(session))
        pane.show_view("batches")
        view = pane.view("batches")
        await until(lambda: view.empty.title.text() == "The data are not prepared yet")
        lab.hold = True
        view.empty.button.click()
        await until(lambda: asked(lab, br.PrepareData))
        number = asked(lab, br.PrepareData)[0].id
        lab.progressed.emit(br.PreparationProgress(id="other", phase="reading", done=1, total=4))
        assert view.empty.text.text() == "Starting"
        lab.progressed.emit(br.PreparationProgress(id=number, phase="labelling", done=1, total=4))
        assert view.empty.text.text() == "Labelling with pinyin: 1 of 4"
        view.empty.button.click()
        await until(lambda: [type(item) for item in lab.cancelled] == [br.PrepareData])
        assert view.empty.title.text() == "The data are not prepared yet"
        view.empty.button.click()
        await until(lambda: len(asked(lab, br.PrepareData)) == 2)
        lab.release()
        await until(lambda: view.shown is not None)
        assert view._stack.currentWidget() is view.content
        pane.shutdown()

    run_async(scenario())


def test_what_is_in_the_way_of_prepared_data(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        session.set_value("training.token_budget", 0)
        pane.show_view("batches")
        view = pane.view("batches")
        assert (
            view.empty.text.text() == "Mend the settings marked in red first." and not view.question.going_on
        )
        session.undo()
        await until(lambda: view.shown is not None)
        lab.answers[br.ShowBatch] = lambda request: rq.Refused(
            id=request.id, kind="data", message="there is no file /a.txt", remedy="choose a text file"
        )
        session.set_value("data.sources", [{"kind": "file", "path": "/a.txt"}])
        await until(lambda: view._stack.currentWidget() is view.empty)
        assert view.empty.text.text() == "There is no file /a.txt. Choose a text file."
        before = len(asked(lab, br.ShowBatch))
        pane.show_view("sources")
        session.set_value("data.splits.seed", 5)
        await until(lambda: len(asked(lab, rq.PreviewData)) > 2)
        assert len(asked(lab, br.ShowBatch)) == before, "a hidden view asks nothing"
        lab.answers[br.ShowBatch] = batch
        pane.show_view("batches")
        await until(lambda: view._stack.currentWidget() is view.content)
        pane.shutdown()

    run_async(scenario())


def test_statistics_of_splits_and_sources(qtbot: Any, session: Session, lab: FakeLab, run_async: Run) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session), width=900)
        pane.show_view("statistics")
        view = pane.view("statistics")
        await until(lambda: view.cards)
        assert asked(lab, cr.CountData)[-1].source == -1
        heads = [view.table.horizontalHeaderItem(n).text() for n in range(5)]
        assert heads == ["", "training", "validation", "test", "word list"]
        assert [view.table.item(0, n).text() for n in range(3)] == ["Examples", "1 k", "100"]
        lengths, words = view._charts
        assert lengths.groups == ("training", "validation", "test") and lengths.labels == (
            "0–4",
            "5–9",
            "10–14",
        )
        assert lengths.share(1, 1) == pytest.approx(0.9)
        assert "Counted in".lower() in words.note.lower() and words.labels[0] == "我们"
        chart = view.cards[1].findChild(RankChart)
        place = chart.place_at(QPointF(5, chart.height() - 8))
        assert place is not None and chart.chart.told(place).startswith(words.labels[place])
        view.scope.setCurrentIndex(2)
        view.scope.activated.emit(2)
        await until(lambda: asked(lab, cr.CountData)[-1].source == 1)
        pane.shutdown()

    run_async(scenario())


def test_views_can_be_painted_in_both_languages_and_any_width(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        try:
            for view in VIEWS:
                pane.show_view(view)
                await until(lambda: pane.preview.model.rowCount() == 5)
                for mode in ("dark", "light"):
                    theme.set_mode(mode)
                    for code in ("zh_CN", "en"):
                        language.set(code)
                        pane.retranslate()
                        for width in (320, 1000):
                            pane.resize(width, 600)
                            assert not pane.grab().isNull() and pane.width() == width
                            buttons = pane.switch._buttons.values()
                            assert all(b.width() >= b.sizeHint().width() - 2 for b in buttons)
        finally:
            language.set("en")
            theme.set_mode("light")
            pane.shutdown()

    run_async(scenario())


def test_left_and_right_go_through_the_views(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        pane.activateWindow()
        await until(pane.isActiveWindow)
        pane.switch._buttons["sources"].setFocus()
        for view in VIEWS[1:]:
            QTest.keyClick(pane.focusWidget(), Qt.Key.Key_Right)
            assert pane.switch.value() == view and pane.focusWidget() is pane.switch._buttons[view]
        pane.reveal("data.splits.test")
        assert pane.switch.value() == "sources"
        pane.shutdown()

    run_async(scenario())
