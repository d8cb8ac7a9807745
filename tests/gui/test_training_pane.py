"""The Training pane: what it shows of a run, and what its tools do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.gui.panes.training import TrainingPane
from studio.gui.panes.training_probes import _MARKS, changed_marks
from studio.gui.session import Session
from studio.runs import events as ev
from tests.gui.conftest import MakeSession


@pytest.fixture
def finished(qtbot: Any, session: Session) -> TrainingPane:
    pane = TrainingPane(session)
    qtbot.addWidget(pane)
    pane.resize(1000, 760)
    pane.show()
    session.start()
    qtbot.waitUntil(lambda: not session.running, timeout=15_000)
    qtbot.wait(200)
    return pane


def test_before_a_run_it_says_what_to_do(qtbot: Any, session: Session) -> None:
    pane = TrainingPane(session)
    qtbot.addWidget(pane)
    pane.resize(700, 500)
    pane.show()
    assert pane._empty.isVisible() and "Start" in pane._empty.text.text()
    session.set_value("training.max_steps", 0)
    assert not pane.header.start.isEnabled()
    assert pane.header._why.isVisible() and "Steps" in pane.header._why.text()


def test_curves_figures_probes_checkpoints(finished: TrainingPane) -> None:
    loss = finished.plots.loss._series
    assert len(loss[0].item.getData()[0]) == 30 and len(loss[1].item.getData()[0]) == 3
    assert [len(series.source) for series in finished.plots.accuracy._series] == [3, 3]
    figures = {name: figure._figure.text() for name, figure in finished.header._figures.items()}
    assert figures["step"].startswith("30 / ") and figures["characters"] == "80.0%"
    top = finished.probes.tree.topLevelItem(0)
    assert top is not None and top.text(1) == "今天天气很好"
    assert top.data(1, _MARKS) == [False, False, False, True, False, False]
    assert [top.child(row).text(1) for row in range(top.childCount())] == [
        "今天天气很好",
        "今天天汽很好",
        "金天天汽很号",
    ]
    assert finished.checkpoints.table.rowCount() == 3
    wanted: list[str] = []
    finished.export_wanted.connect(wanted.append)
    assert not finished.checkpoints.export.isEnabled()
    finished.checkpoints.table.selectRow(0)
    finished.checkpoints.export.click()
    assert wanted and wanted[0].endswith("step-000030")


def test_zoom_leaves_following_and_fit_takes_it_up(qtbot: Any, finished: TrainingPane) -> None:
    plots = finished.plots
    low, high = plots.loss.view.viewRange()[0]
    assert low < 2 and high >= 30, "the whole run, although validation begins later"
    plots.loss.view.setXRange(5, 8)
    plots.loss.view.sigRangeChangedManually.emit([True, True])
    assert not plots._follow.isChecked()
    plots.redraw()
    assert plots.loss.view.viewRange()[0][1] < 10, "new points do not take the view away"
    plots._fit.click()
    assert plots._follow.isChecked() and plots.loss.view.viewRange()[0][1] >= 30


def test_log_scale_smoothing_and_crosshair(finished: TrainingPane) -> None:
    plots = finished.plots
    plots._log.click()
    assert plots.loss.log
    plots._slider.setValue(95)
    smooth = plots.loss._series[0].smoothed
    assert smooth is not None and smooth.weight == 0.95
    plots.loss.hovered.emit(12.0)
    assert all(plot._line.isVisible() for plot in plots.plots), "one crosshair for all plots"
    assert "@ 12" in plots.loss._words.text()
    plots.loss.hovered.emit(None)
    assert not plots.loss._line.isVisible()


def test_a_diverged_loss_is_a_gap(qtbot: Any, session: Session) -> None:
    pane = TrainingPane(session)
    qtbot.addWidget(pane)
    pane.show()
    pane._stack.setCurrentIndex(1)
    steps = [(1, 2.0), (2, None), (3, 1.0)]
    events = [
        ev.Step(
            step=step,
            epoch=0,
            loss=loss,
            learning_rate=1e-3,
            gradient_norm=None,
            positions_per_second=1,
            seconds=1,
        )
        for step, loss in steps
    ]
    session.record.apply(events)
    pane.plots.show_record(session.record)
    pane.plots._log.click()
    pane.plots.redraw()
    assert pane.header is not None


def test_changed_marks() -> None:
    assert changed_marks("金天", "今天") == [True, False]
    assert changed_marks("", "今天") == [True, True]
    assert changed_marks("今天天气", "今天的天气") == [False, False, True, False, False]


def test_a_foreign_run_is_read_only_and_says_so(qtbot: Any, make_session: MakeSession) -> None:
    writer = make_session("--steps", "100000")
    writer.start()
    qtbot.waitUntil(lambda: writer.record.step > 5, timeout=15_000)
    reader = make_session()
    pane = TrainingPane(reader)
    qtbot.addWidget(pane)
    pane.show()
    assert writer.folder is not None
    reader.open_run(writer.folder.path)
    qtbot.waitUntil(lambda: "read-only" in pane.header._detail.text(), timeout=5000)
    assert not pane.header.stop.isVisible()
    writer.cancel()
    qtbot.waitUntil(lambda: not writer.running, timeout=8000)


def test_a_long_curve_is_drawn_as_soon_as_it_is_smoothed(qtbot: Any, finished: TrainingPane) -> None:
    plot = finished.plots.loss
    source = plot._series[0].source
    first = float(source.x[-1]) + 1
    source.extend(np.arange(first, first + 200_000), np.ones(200_000))
    plot.set_smoothing(0.9)
    assert plot._rest.isActive(), "the window gets its turn in between"
    qtbot.waitUntil(lambda: not plot._rest.isActive(), timeout=5000)
    drawn, _ = plot._series[0].item.getData()
    assert drawn[-1] == first + 199_999
