"""The queue in the window: filled, put in order, trained by a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.gui.panes.runs import RunsPane
from studio.gui.session import Session
from studio.runs.queue import RunQueue
from tests import tiny


@pytest.fixture
def pane(qtbot: Any, session: Session) -> RunsPane:
    pane = RunsPane(session)
    qtbot.addWidget(pane, before_close_func=RunsPane.shutdown)
    pane.show()
    return pane


def rows(pane: RunsPane) -> list[tuple[str, str]]:
    table = pane.queue.table
    found = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in found if item is not None]


def choose(pane: RunsPane, row: int) -> None:
    pane.queue.table.setCurrentItem(pane.queue.table.topLevelItem(row))


def read(qtbot: Any, pane: RunsPane) -> None:
    qtbot.waitUntil(lambda: pane._lister is None, timeout=5000)


def test_filled_and_put_in_order(qtbot: Any, pane: RunsPane, session: Session) -> None:
    assert not pane.queue.isVisible(), "nothing is queued"
    said: list[tuple[str, str]] = []
    session.message.connect(lambda level, text: said.append((level, text)))
    for name in ("one", "two", "three"):
        assert session.series.add(tiny.recipe(f"name={name}"))
    assert said[0] == ("ok", "one is queued.")
    assert pane.queue.isVisible() and pane.queue.start.isEnabled() and not pane.queue.stop.isVisible()
    assert rows(pane) == [("one", "Waiting"), ("two", "Waiting"), ("three", "Waiting")]
    assert not pane.queue.up.isEnabled() and not pane.queue.remove.isEnabled(), "nothing is chosen"
    choose(pane, 2)
    assert not pane.queue.down.isEnabled() and not pane.queue.open.isEnabled()
    pane.queue.up.click()
    assert [name for name, _ in rows(pane)] == ["one", "three", "two"]
    assert pane.queue.table.currentItem().text(0) == "three", "stays chosen"
    pane.queue.down.click()
    pane.queue.remove.click()
    assert [item.name for item in RunQueue().items()] == ["one", "two"]
    RunQueue().add(tiny.recipe("name=from a terminal"))
    qtbot.waitUntil(lambda: len(rows(pane)) == 3, timeout=5000)
    read(qtbot, pane)


def test_a_damaged_queue_is_said(qtbot: Any, pane: RunsPane, session: Session) -> None:
    queue = RunQueue()
    queue.folder.mkdir(parents=True)
    queue.file.write_text("{")
    pane.queue.reread()
    assert pane.queue.isVisible() and "damaged" in pane.queue._note.text()
    assert not pane.queue.start.isEnabled()
    said: list[str] = []
    session.message.connect(lambda _, text: said.append(text))
    assert not session.series.add(tiny.recipe())
    assert "damaged" in said[0]
    read(qtbot, pane)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_trained_by_a_process_of_its_own(
    qtbot: Any, pane: RunsPane, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paused, resumed, to its end; and the window may close meanwhile."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    frequent = ("training.evaluate_every=20", "training.checkpoint_every=20")
    session.series.add(tiny.recipe("name=long", "training.max_steps=1000000", *frequent))
    session.series.add(tiny.recipe("name=short", "training.max_steps=1"))
    pane.queue.start.click()
    assert pane.queue.stop.isVisible() and not pane.queue.start.isVisible()
    qtbot.waitUntil(lambda: rows(pane)[0][1] == "Running", timeout=60_000)
    queue = RunQueue()
    run = Path(queue.item("1").run)
    qtbot.waitUntil((run / "checkpoints.json").exists, timeout=60_000)
    pane.queue.stop.click()
    qtbot.waitUntil(lambda: not session.series.processes(), timeout=60_000)
    assert rows(pane)[0][1] == "Interrupted" and pane.queue.start.isVisible()
    queue.remove("1")
    session.series.start_queue()
    (process,) = session.series.processes()
    session.series.start_queue()
    assert session.series.processes() == [process], "not a second one"
    qtbot.waitUntil(lambda: rows(pane) == [("short", "Finished")], timeout=60_000)
    qtbot.waitUntil(lambda: not session.series.processes(), timeout=20_000)
    choose(pane, 0)
    with qtbot.waitSignal(pane.opened):
        pane.queue.open.click()
    assert session.folder is not None and str(session.folder.path) == queue.item("2").run
    session.close_run()
    session.series.add(tiny.recipe("name=last", "training.max_steps=1000000", *frequent))
    session.series.start_queue()
    (process,) = session.series.processes()
    qtbot.waitUntil(lambda: queue.runner() is not None, timeout=60_000)
    session.series.close()
    assert process.wait(60), "it ends when the window goes"
    assert queue.runner() is None
    read(qtbot, pane)


def test_a_process_that_cannot_go_on_says_why(qtbot: Any, session: Session) -> None:
    said: list[tuple[str, str]] = []
    session.message.connect(lambda level, text: said.append((level, text)))
    queue = RunQueue()
    queue.folder.mkdir(parents=True)
    queue.file.write_text("{")
    session.series.start_queue()
    qtbot.waitUntil(lambda: bool(said), timeout=30_000)
    assert said[0][0] == "error" and "damaged" in said[0][1]
    assert not session.series.processes()
