"""The views of splits and of the vocabulary: what they ask, what they show, what they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QTableWidgetItem

from studio.gui.i18n import language
from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from studio.recipe import parse
from studio.runs import count_requests as cr
from studio.runs import doctor_requests as dr
from studio.runs import requests as rq
from studio.runs import split_requests as sr
from studio.runs import vocabulary_requests as vr
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_data_and_model_panes import previewed, show

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]
ROWS = 1200


def splits(request: sr.ShowSplits) -> sr.SplitsShown:
    evidence = dr.Evidence(
        source="a.txt", document=3, line=1, excerpt="今天天气很好", note="test; like a.txt"
    )
    leak = dr.Finding(
        id="leaks", severity="error", count=2, documents=2, examples=(evidence,),
        fix=dr.Fix(step={"kind": "drop_near_repeats", "threshold": 0.8, "ngram": 3}),
    )  # fmt: skip
    cleaned = (request.recipe["data"].get("steps") or ()) != ()
    counts = (("train", 900, "2023-01-01", "2023-10-01"), ("validation", 30, "2023-10-02", "2023-11-01"),
              ("test", 70, "2023-11-02", "2024-01-01"))  # fmt: skip
    return sr.SplitsShown(
        id=request.id,
        splits=tuple(
            sr.SplitCounts(name=name, documents=n, characters=50 * n, groups=n // 3, first=first, last=last)
            for name, n, first, last in counts
        ),
        labels=cr.Ranking(
            name="labels", total=1000, distinct=2,
            items=(("positive", (800, 25, 60)), ("negative", (100, 5, 10))),
        ),
        sources=cr.Ranking(name="sources", total=1000, distinct=1, items=(("reviews", (900, 30, 70)),)),
        findings=() if cleaned else (leak,),
        label_examples=(780, 100),
        source_examples=(880,),
        notes=("reviews: 5 documents set aside because an earlier one has the same hanzi",),
    )  # fmt: skip


def symbols(request: vr.InspectVocabulary) -> vr.VocabularyInspected:
    rows = [
        vr.SymbolRow(
            number=n + 3 if request.known else -1,
            text=chr(0x4E00 + n),
            counts=(5000 - n, 40, 7),
            example="" if request.known else "这里有一个龘字。",
        )
        for n in range(ROWS if request.known else 3)
    ]
    if request.search:
        rows = [row for row in rows if request.search in row.text]
    return vr.VocabularyInspected(
        id=request.id, unit="subword", size=ROWS + 3, unused=4, longest=6, mean=1.62,
        coverage=(vr.Coverage(name="train", symbols=90_000, unknown=0, kinds=0),
                  vr.Coverage(name="validation", symbols=3000, unknown=12, kinds=3),
                  vr.Coverage(name="test", symbols=7000, unknown=30, kinds=3)),
        total=len(rows), offset=request.offset,
        rows=tuple(rows[request.offset : request.offset + request.count]),
    )  # fmt: skip


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.answers |= {rq.PreviewData: previewed, sr.ShowSplits: splits, vr.InspectVocabulary: symbols}
    session.lab = lab  # type: ignore[assignment]
    return lab


def asked(lab: FakeLab, kind: type) -> list[Any]:
    return [item for item in lab.asked if isinstance(item, kind)]


def classify(session: Session) -> None:
    values: dict[str, Any] = {"task": {"name": "text_classification"}, "model": {"family": "text_cnn"}}
    values["data"] = {"sources": [{"kind": "builtin", "name": "reviews"}]}

    session.new_from(parse(values))


def cells(table: Any) -> list[list[str]]:
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_splits_side_by_side_and_balance(qtbot: Any, session: Session, lab: FakeLab, run_async: Run) -> None:
    async def scenario() -> None:
        pane = DatasetPane(session)
        show(qtbot, pane, 900)
        classify(session)
        pane.show_view("splits")
        view = pane.view("splits")
        await until(view.results.table.rowCount)
        table = cells(view.results.table)
        assert table[0] == ["Documents", "900", "30", "70"]
        assert ["Newest", "2023-10-01", "2023-11-01", "2024-01-01"] in table
        assert [card.finding.id for card in view.results.findings] == ["leaks"]
        assert cells(view.results.balance)[0][:2] == ["positive", "780"]
        # How an epoch is balanced is worked out here, without asking.
        before = len(asked(lab, sr.ShowSplits))
        session.set_value("data.balance.method", "over")
        session.set_value("task.class_weights", "balanced")
        await until(lambda: view.results.balance.columnCount() == 7)
        assert cells(view.results.balance)[1][:4] == ["negative", "100", "11.4%", "778"]
        # Weights by hand come on top; a label that there is not is told, and what focal loss does.
        assert view.weights.isVisible()
        hand = view.weights.row("task.label_weights").editor
        hand.setItem(0, 0, QTableWidgetItem("negative"))
        hand.setItem(0, 1, QTableWidgetItem("3"))
        assert session.values["task"]["label_weights"] == {"negative": 3}
        await until(lambda: cells(view.results.balance)[1][-1] == "75.0%")
        hand.setItem(1, 0, QTableWidgetItem("nowhere"))
        hand.setItem(1, 1, QTableWidgetItem("2"))
        view.weights.row("task.focal_gamma").editor.edited.emit(2.0)
        await until(lambda: "one with 50% 25.0%" in view.results._balance_notes.text())
        assert "label nowhere, which is given a weight" in view.results._balance_notes.text()
        assert "The labels are positive, negative." in view.results._balance_notes.text()
        session.set_value("task.label_weights", {})
        assert hand.value() == {} and hand.rowCount() == 1
        await asyncio.sleep(0.5)
        assert len(asked(lab, sr.ShowSplits)) == before
        assert "balance" not in asked(lab, sr.ShowSplits)[-1].recipe["data"]
        # Another way to divide is asked about.
        view.form.row("data.splits.by").editor.edited.emit("label")
        await until(lambda: len(asked(lab, sr.ShowSplits)) > before)
        assert session.values["data"]["splits"]["by"] == "label"
        # A leak is mended by its button.
        view.results.findings[0].findChild(QPushButton).click()
        await until(lambda: not view.results.findings)
        assert session.values["data"]["steps"] == [
            {"kind": "drop_near_repeats", "threshold": 0.8, "ngram": 3}
        ]
        assert view.results.leaks.isVisible()
        pane.shutdown()

    run_async(scenario())


def test_settings_stay_where_documents_cannot_be_divided(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    def refuse(request: sr.ShowSplits) -> rq.Refused:
        message = "the documents cannot be divided by date: there are 1 different dates"
        return rq.Refused(id=request.id, kind="data", message=message, remedy="name a table's date column, or "
                          "divide by document")  # fmt: skip

    async def scenario() -> None:
        lab.answers[sr.ShowSplits] = refuse
        pane = DatasetPane(session)
        show(qtbot, pane, 320)
        pane.show_view("splits")
        view = pane.view("splits")
        await until(lambda: "divided by date" in view.results.empty.text.text())
        assert view.form.row("data.splits.by").isVisible()
        language.set("zh_CN")
        try:
            pane.retranslate()
            assert "无法按日期划分文档" in view.results.empty.text.text()
        finally:
            language.set("en")
        pane.shutdown()

    run_async(scenario())


def test_a_vocabulary_is_searched_ordered_and_paged(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = DatasetPane(session)
        show(qtbot, pane, 500)
        pane.show_view("vocabulary")
        view = pane.view("vocabulary")
        await until(lambda: view.model.rowCount() == 500)
        assert cells(view.coverage)[1] == ["Known", "100.00%", "99.60%", "99.57%"]
        view.table.verticalScrollBar().setValue(view.table.verticalScrollBar().maximum())
        await until(lambda: view.model.rowCount() == 1000)
        view.search.setText("七")
        view.search.textEdited.emit("七")
        await until(lambda: view.model.rowCount() == 1)
        assert view.model.index(0, 0).data() == "七"
        view.search.setText("")
        view.which.setCurrentIndex(1)
        view.which.activated.emit(1)
        await until(lambda: view.model.rowCount() == 3)
        assert view.model.index(0, 4).data() == "这里有一个龘字。"
        assert asked(lab, vr.InspectVocabulary)[-1].known is False
        view.order.setCurrentIndex(3)
        view.order.activated.emit(3)
        await until(lambda: asked(lab, vr.InspectVocabulary)[-1].order == "length")
        pane.shutdown()

    run_async(scenario())
