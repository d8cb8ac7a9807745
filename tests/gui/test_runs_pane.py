"""The Runs pane lists whatever lies in the folder of runs, and says of each what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio import paths
from studio.gui.panes.runs import RunsPane
from studio.gui.session import Session
from studio.recipe import dump
from studio.runs.folder import Outcome, RunFolder
from tests.gui.conftest import MakeSession


def make_run(session: Session, name: str) -> RunFolder:
    folder = RunFolder.create(paths.runs_home(), name)
    assert session.recipe is not None
    folder.recipe.write_text(dump(session.recipe.model_copy(update={"name": name})), encoding="utf-8")
    return folder


@pytest.fixture
def pane(qtbot: Any, session: Session) -> RunsPane:
    pane = RunsPane(session)
    qtbot.addWidget(pane, before_close_func=RunsPane.shutdown)
    return pane


def shown(qtbot: Any, pane: RunsPane, count: int) -> dict[str, tuple[str, str]]:
    pane.show()
    pane.reread()
    qtbot.waitUntil(lambda: pane._lister is None and pane.table.topLevelItemCount() == count, timeout=5000)
    rows = [pane.table.topLevelItem(row) for row in range(count)]
    return {row.text(0): (row.text(1), row.toolTip(0)) for row in rows if row is not None}


def choose(pane: RunsPane, name: str) -> None:
    for row in range(pane.table.topLevelItemCount()):
        item = pane.table.topLevelItem(row)
        if item is not None and item.text(0) == name:
            pane.table.setCurrentItem(item)


def test_no_runs_say_what_a_run_is(qtbot: Any, pane: RunsPane) -> None:
    pane.show()
    qtbot.waitUntil(lambda: pane._lister is None, timeout=5000)
    assert pane._empty.isVisible() and pane._empty.title.text()


def test_every_state_and_every_damage(qtbot: Any, pane: RunsPane, session: Session) -> None:
    make_run(session, "broken-off")
    failed = make_run(session, "failed")
    failed.write_outcome(Outcome("failed", 7, kind="disk", cause="the disk is full", fix="make room"))
    make_run(session, "done").write_outcome(Outcome("finished", 400))
    newer = make_run(session, "newer")
    newer.environment.write_text('{"format": 99}')
    garbled = make_run(session, "garbled")
    garbled.recipe.write_bytes(b"\xff\xfe\x00 no toml")
    index = make_run(session, "index")
    index.index.write_text('{"entries": [{"step": "x"}, 5]}')
    (paths.runs_home() / "no run").mkdir()
    rows = shown(qtbot, pane, 6)
    by_start = {
        name.split("-", 3)[3].rsplit("-", 1)[0] if name[:2] == "20" else name: row
        for name, row in rows.items()
    }
    assert by_start["broken-off"][0] == "Interrupted"
    assert by_start["failed"][0] == "Failed" and "make room" in by_start["failed"][1]
    assert by_start["done"][0] == "Finished"
    assert by_start["newer"][0] == "Unreadable" and "99" in by_start["newer"][1]
    assert by_start["garbled"][0] == "Unreadable" and by_start["garbled"][1]
    assert "index" in by_start
    for row in range(6):
        pane.table.setCurrentItem(pane.table.topLevelItem(row))
        pane.open_chosen()
        pane.reuse_recipe()


def test_open_and_use_again(qtbot: Any, pane: RunsPane, session: Session) -> None:
    run = make_run(session, "done")
    run.write_outcome(Outcome("finished", 400))
    shown(qtbot, pane, 1)
    assert not pane.open.isEnabled()
    choose(pane, "done")
    with qtbot.waitSignal(pane.opened):
        pane.open.click()
    assert session.folder is not None and session.folder.path == run.path
    pane.reuse.click()
    assert session.values["name"] == "done"


@pytest.mark.parametrize("answer", ["forever", "keep"])
def test_delete_asks(qtbot: Any, pane: RunsPane, session: Session, answer: str) -> None:
    run = make_run(session, "done")
    run.write_outcome(Outcome("finished", 400))
    shown(qtbot, pane, 1)
    choose(pane, "done")
    session.open_run(run.path)
    pane.delete.click()
    assert pane.question is not None and run.path.exists()
    buttons = {button.objectName(): button for button in pane.question.buttons()}
    (buttons.get(answer) or pane.question.escapeButton()).click()
    assert run.path.exists() == (answer == "keep")
    assert (session.folder is None) == (answer == "forever")
    qtbot.waitUntil(lambda: pane._lister is None, timeout=5000)


def test_a_running_run_cannot_be_deleted(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "100000")
    session.start()
    qtbot.waitUntil(lambda: session.record.step > 3, timeout=15_000)
    pane = RunsPane(session)
    qtbot.addWidget(pane, before_close_func=RunsPane.shutdown)
    rows = shown(qtbot, pane, 1)
    assert rows["pinyin-quick"][0] == "Running"
    choose(pane, "pinyin-quick")
    assert not pane.delete.isEnabled()
    pane.ask_delete()
    assert pane.question is None
    session.cancel()
    qtbot.waitUntil(lambda: not session.running, timeout=8000)
    pane.shutdown()


def test_trash(qtbot: Any, pane: RunsPane, session: Session, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    run = make_run(session, "done")
    said: list[str] = []
    session.message.connect(lambda _, text: said.append(text))
    pane.remove(run.path, forever=False)
    assert not run.path.exists() or said, "in the trash, or said why not"


def test_a_run_with_weights_can_be_evaluated(qtbot: Any, pane: RunsPane, session: Session) -> None:
    make_run(session, "bare").write_outcome(Outcome("finished", 0))
    trained = make_run(session, "trained")
    trained.write_outcome(Outcome("finished", 400))
    (trained.live / "step-000400").mkdir(parents=True)
    (trained.live / "step-000400" / "model.safetensors").write_bytes(b"x")
    shown(qtbot, pane, 2)
    choose(pane, "bare")
    assert not pane.evaluate.isEnabled()
    choose(pane, "trained")
    with qtbot.waitSignal(pane.evaluation_wanted) as wanted:
        pane.evaluate.click()
    assert wanted.args == [str(trained.path)]
