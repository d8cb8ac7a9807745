"""The timeline of the pinned sentences."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.gui.engine_view.history_grid import KNOWN, Timeline, placed
from studio.gui.engine_view.timeline import FILE, TimelineView
from studio.gui.engine_view.timeline_grid import LABEL
from studio.gui.i18n import language
from studio.gui.panes.training import TrainingPane
from studio.gui.record import RunRecord
from studio.gui.session import Session
from studio.recipe.training import Training
from studio.runs import events as ev
from studio.runs.folder import RunFolder

JIN = "jin tian tian qi hen hao"


def sample(step: int, text: str, name: str = JIN) -> ev.Sample:
    return ev.Sample(step=step, input=name, candidates=(ev.Candidate(text=text, score=0.5),))


def record(*samples: ev.Sample) -> RunRecord:
    made = RunRecord()
    made.apply(samples)
    return made


def test_places_of_a_sentence_of_another_length() -> None:
    assert placed("西安市", "西安是") == ["西", "安", "是"]
    assert placed("西安市", "现实") == ["现", "实", ""]
    assert placed("我们去西安", "我们去先") == ["我", "们", "去", "先", ""]
    assert placed("今天", "") == ["", ""]


@given(st.text("今天气很好", max_size=7), st.text("今天气很好", max_size=7))
def test_every_character_has_a_place(wanted: str, found: str) -> None:
    there = placed(wanted, found)
    assert len(there) == len(wanted)
    assert set("".join(there)) <= set(found)
    assert placed(wanted, wanted) == list(wanted)


def test_the_story_of_each_character() -> None:
    timeline = Timeline(
        record(sample(1, "今天天起恨好"), sample(2, "今天天气恨号"), sample(3, "今添天气恨好"))
    )
    grid = timeline.grids[JIN]
    assert grid.wanted == "今天天气很好"
    assert [grid.story(row) for row in range(6)] == [
        ("since", 1), ("lost", 3), ("since", 1), ("since", 2), ("never", -1), ("since", 3),
    ]  # fmt: skip
    assert grid.cells[4] == ["恨", "恨", "恨"]


def test_unknown_sentences_are_compared_with_the_newest_one() -> None:
    made = record(sample(1, "王", "wang"), sample(2, "网", "wang"))
    timeline = Timeline(made)
    assert timeline.is_guessed("wang") and timeline.grids["wang"].story(0) == ("since", 2)
    made.apply([sample(3, "王", "wang")])
    assert timeline.take() and timeline.grids["wang"].wanted == "王"
    assert not timeline.take()
    given_one = Timeline(made, {"wang": "网"})
    assert given_one.grids["wang"].story(0) == ("lost", 3)


def test_a_run_that_goes_back_is_read_anew() -> None:
    made = record(*(sample(step, "今天天气很好") for step in (1, 2, 3)))
    timeline = Timeline(made)
    made._go_back_to(1)
    assert timeline.take() and timeline.steps == [1]
    made.apply([sample(2, "今天天气很号"), sample(3, "今天天气很好")])
    assert timeline.take() and timeline.steps == [1, 2, 3]
    assert timeline.grids[JIN].sentences[1] == "今天天气很号"
    # As many as before, but others.
    made._go_back_to(1)
    made.apply([sample(5, "今天天气很好"), sample(6, "今天天气很好")])
    timeline.take()
    assert timeline.steps == [1, 5, 6]


def test_the_sentences_of_all_preset_probes_are_known() -> None:
    probes = set(Training().probes)
    assert probes <= KNOWN.keys()
    assert all(len(text) == len(name.split()) for name, text in KNOWN.items())


pytestmark = pytest.mark.gui


@pytest.fixture
def view(qtbot: Any) -> TimelineView:
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.show()
    return view


def test_a_click_shows_the_sentence_of_a_step(qtbot: Any, view: TimelineView, tmp_path: Path) -> None:
    made = record(sample(100, "今天天起很好"), sample(200, "今天天气很好"), sample(100, "王", "wang"))
    view.show_record(made, RunFolder(tmp_path))
    grid = view.grid
    at = QPoint(round(LABEL + grid.column / 2), 60)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert (grid.probe, grid.step) == (JIN, 100)
    assert "100" in view.detail.text() and "起" in view.detail.text()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.step == 200
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert (grid.probe, grid.step) == ("wang", 200) and "王" in view.detail.text()
    made.apply([sample(300, "今天天气很好")])
    view.refresh()
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.step == 300
    for code in ("zh_CN", "en"):
        language.set(code)
        view.retranslate()
        assert not view.grab().isNull()


def test_another_right_sentence_is_kept_in_the_run(view: TimelineView, tmp_path: Path) -> None:
    made = record(sample(1, "王", "wang"), sample(2, "网", "wang"))
    view.show_record(made, RunFolder(tmp_path))
    assert view.wanted.text() == "网"
    view.wanted.setText("王")
    view.wanted.editingFinished.emit()
    assert view.grid.timeline.grids["wang"].story(0) == ("lost", 2)
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8")) == {"wang": "王"}
    other = TimelineView()
    other.show_record(made, RunFolder(tmp_path))
    assert other.grid.timeline.grids["wang"].wanted == "王"
    other.wanted.setText("")
    other.wanted.editingFinished.emit()
    assert other.grid.timeline.grids["wang"].wanted == "网"
    other.deleteLater()


def test_no_evaluation_says_so(view: TimelineView) -> None:
    view.show_record(RunRecord(), None)
    assert view._empty.isVisible() and not view.grid.isVisible()


def test_thousands_of_evaluations_stay_quick(view: TimelineView) -> None:
    texts = ("今天天气很好", "今天天起很好")
    made = record(*(sample(10 * n, texts[n % 7 == 0], name) for n in range(5000) for name in KNOWN))
    view.show_record(made, None)
    assert len(view.grid.timeline.steps) == 5000
    view.grab()
    made.apply([sample(60_000, texts[0], name) for name in KNOWN])
    before = time.process_time()
    view.refresh()
    view.grid.viewport().repaint()
    assert time.process_time() - before < 0.25, "one more evaluation is taken in and drawn"
    view.fit.setChecked(False)
    bar = view.grid.horizontalScrollBar()
    assert bar.maximum() > 100_000
    view.grid.pick(JIN, 100)
    assert bar.value() < 1000, "the chosen step comes into view"
    assert not view.grab().isNull()


def test_the_training_pane_shows_it_live(qtbot: Any, session: Session) -> None:
    pane = TrainingPane(session)
    qtbot.addWidget(pane)
    pane.resize(700, 500)
    pane.show()
    pane.tabs.setCurrentWidget(pane.timeline)
    session.record.apply([sample(100, "今天天起很好")])
    session.events.emit([])
    assert pane.timeline.grid.isVisible() and pane.timeline.grid.timeline.steps == [100]
    session.record.apply([sample(200, "今天天气很好")])
    session.events.emit([])
    assert pane.timeline.grid.timeline.grids[JIN].story(3) == ("since", 200)
    assert [pane.tabs.tabText(at) for at in range(4)] == ["Probes", "Timeline", "Checkpoints", "Messages"]
