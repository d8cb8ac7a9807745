"""The session: the draft and its way back, obstacles, opening what others wrote, weights for the Playground."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from studio import paths
from studio.gui.panes.training_checkpoints import CheckpointTable
from studio.gui.panes.training_header import TrainingHeader
from studio.gui.session import Session
from studio.runs import events as ev
from studio.runs.folder import RunFolder
from tests.gui.conftest import FAKE, MakeSession


def test_the_draft(qtbot: Any, session: Session, fresh_home: Path) -> None:
    assert session.recipe is not None and not session.modified and session.origin == "pinyin-quick"
    with qtbot.waitSignal(session.draft_changed):
        session.set_value("training.max_steps", 0)
    assert session.recipe is None and session.modified
    assert [problem.path for problem in session.problems] == ["training.max_steps"]
    assert session.start_obstacle()
    assert not session.start() and not session.running
    session.undo()
    assert session.recipe is not None and session.start_obstacle() == ""
    session.redo()
    assert session.recipe is None
    session.set_value("training.max_steps", 7)
    assert session.save_file(fresh_home / "my.toml") and not session.modified
    session.load_preset("pinyin-quick")
    assert session.values["training"]["max_steps"] != 7
    session.undo()
    assert session.values["training"]["max_steps"] == 7, "what a preset replaced can be had back"
    assert session.load_file(fresh_home / "my.toml") and session.recipe is not None


def test_quick_changes_of_one_field_are_one_step_back(session: Session) -> None:
    before = session.values["training"]["max_steps"]
    for value in (1, 12, 123):
        session.set_value("training.max_steps", value)
    session.undo()
    assert session.values["training"]["max_steps"] == before


def test_bad_files_leave_the_draft_alone(qtbot: Any, session: Session, tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    session.message.connect(lambda level, text: said.append((level, text)))
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    (tmp_path / "broken.toml").write_text("name = ")
    for path in (tmp_path / "missing.toml", tmp_path / "binary.toml", tmp_path / "broken.toml", tmp_path):
        assert not session.load_file(path)
    assert not session.load_preset("no-such-preset")
    assert not session.save_file("/proc/nowhere/x.toml")
    assert [level for level, _ in said] == ["error"] * 6
    assert session.origin == "pinyin-quick" and session.recipe is not None


def test_an_unsaved_draft_comes_back(qtbot: Any, make_session: MakeSession) -> None:
    first = make_session()
    first.set_value("name", "我的模型")
    first.keep_draft()
    second = Session()
    assert second.restore_draft()
    assert second.values["name"] == "我的模型" and second.modified
    second.load_preset("pinyin-quick")
    second.keep_draft()
    assert not Session().restore_draft()


def test_opening_runs(qtbot: Any, make_session: MakeSession, tmp_path: Path) -> None:
    session = make_session()
    session.start()
    qtbot.waitUntil(lambda: not session.running, timeout=15_000)
    folder = session.folder
    assert folder is not None
    with folder.metrics.open("ab") as file:
        file.write(b'{"type":"step","from":"the future"}\n{"type":"st')
    other = make_session()
    assert other.model_path() == str(folder.path), "the newest run with weights"
    with qtbot.waitSignal(other.events):
        assert other.open_run(folder.path)
    qtbot.waitUntil(lambda: other._watcher is None or not other._watcher._timer.isActive())
    assert other.record.step == 30 and isinstance(other.record.end, ev.Finished)
    assert other.record.probes["jin tian tian qi hen hao"].best() == "今天天气很好"
    assert other.foreign_writer is None and not other.running
    said: list[str] = []
    other.message.connect(lambda _, text: said.append(text))
    newer = RunFolder.create(tmp_path, "newer")
    newer.recipe.write_text("version = 1\n")
    newer.environment.write_text('{"format": 99}')
    assert not other.open_run(newer.path) and "99" in said[-1]
    assert not other.open_run(tmp_path / "nothing") and "nothing" in said[-1]
    assert other.folder is not None and other.folder.path == folder.path


def test_a_second_window_watches(qtbot: Any, make_session: MakeSession) -> None:
    writer = make_session("--steps", "100000")
    writer.start()
    qtbot.waitUntil(lambda: writer.record.step > 20, timeout=15_000)
    reader = make_session()
    assert writer.folder is not None and reader.open_run(writer.folder.path)
    qtbot.waitUntil(lambda: reader.record.step > 20, timeout=5000)
    assert reader.foreign_writer is not None and not reader.running and reader.phase == ""
    seen = reader.record.step
    qtbot.waitUntil(lambda: reader.record.step > seen, timeout=5000)
    reader.cancel()  # not its own: nothing happens
    writer.stop_and_save()
    qtbot.waitUntil(lambda: not writer.running, timeout=8000)
    qtbot.waitUntil(lambda: reader.foreign_writer is None, timeout=5000)
    assert isinstance(reader.record.end, ev.Finished)


def test_the_own_run_goes_on_while_another_is_shown(qtbot: Any, make_session: MakeSession) -> None:
    first = make_session()
    first.start()
    qtbot.waitUntil(lambda: not first.running, timeout=15_000)
    session = make_session("--steps", "100000")
    session.start()
    qtbot.waitUntil(lambda: session.record.step > 3, timeout=15_000)
    assert first.folder is not None and session.open_run(first.folder.path)
    qtbot.waitUntil(lambda: session.record.step == 30, timeout=5000)
    assert session.running and session.own_record.step != 30
    assert session.own_folder is not None and session.open_run(session.own_folder.path)
    assert session.shows_own and session.record.step > 3
    session.cancel()
    qtbot.waitUntil(lambda: not session.running, timeout=8000)


def test_no_room_for_a_run(qtbot: Any, session: Session, fresh_home: Path) -> None:
    paths.runs_home().parent.mkdir(parents=True, exist_ok=True)
    paths.runs_home().write_text("a file where the folder should be")
    said: list[str] = []
    session.message.connect(lambda _, text: said.append(text))
    assert not session.start()
    assert len(said) == 1 and "runs" in said[0]


def test_the_worker_ends_when_the_window_dies(fresh_home: Path, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "orphan")
    folder.recipe.write_text("")
    from studio.runs.processes import worker_environment

    child = subprocess.Popen(
        [*FAKE, "train", "--folder", str(folder.path), "--steps", "100000"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=worker_environment(),
    )
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(timeout=15) == 0, sys.executable


def test_a_paused_run_goes_on_where_it_was(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "60", "--every", "10", "--pause", "0.02")
    assert session.resume_obstacle(), "there is no run yet"
    session.start()
    qtbot.waitUntil(lambda: session.record.step >= 12, timeout=15_000)
    assert session.resume_obstacle(), "a run that goes on is not resumed"
    session.pause()
    assert session.stopping == "pause"
    qtbot.waitUntil(lambda: not session.running, timeout=15_000)
    folder = session.folder
    assert folder is not None and folder.state() == "paused" and isinstance(session.record.end, ev.Paused)
    paused_at = session.record.step
    assert session.resume_obstacle() == "" and session.resume() and session.running
    qtbot.waitUntil(lambda: not session.running, timeout=15_000)
    steps = list(session.record.curves["loss"].x)
    assert steps == list(range(1, 61)), "every step once"
    assert session.record.from_step == paused_at and session.folder is folder
    assert folder.state() == "finished"
    assert session.resume_obstacle() and not session.resume(), "nothing is left to do"


def test_what_is_done_again_after_a_kill_replaces_what_was_there(
    qtbot: Any, make_session: MakeSession
) -> None:
    session = make_session("--steps", "40", "--every", "10", "--die-at", "25")
    session.start()
    qtbot.waitUntil(lambda: not session.running, timeout=15_000)
    folder = session.folder
    assert folder is not None and isinstance(session.record.end, ev.Failed)
    other = make_session("--steps", "40", "--every", "10")
    other.open_run(folder.path)
    qtbot.waitUntil(lambda: other.record.end is not None, timeout=5000)
    assert other.record.step == 25 and other.resume_obstacle() == ""
    assert other.resume()
    qtbot.waitUntil(lambda: not other.running, timeout=15_000)
    assert list(other.record.curves["loss"].x) == list(range(1, 41))
    assert [sample.step for sample in other.record.probes["jin tian tian qi hen hao"].history] == [
        10,
        20,
        30,
        40,
    ]


def test_a_run_that_is_not_whole_says_why_it_cannot_go_on(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "40", "--every", "10", "--die-at", "25")
    session.start()
    qtbot.waitUntil(lambda: not session.running, timeout=15_000)
    assert session.folder is not None
    header = TrainingHeader(session)
    qtbot.addWidget(header)
    assert header.resume.isEnabled() and "last checkpoint" in header.resume.toolTip()
    older, last = (session.folder.checkpoint(step) for step in (10, 20))

    def tooltip(enabled: bool) -> str:
        header.refresh()
        assert header.resume.isEnabled() is enabled
        return header.resume.toolTip()

    state = last / "training_state.safetensors"
    whole = state.read_bytes()
    state.write_bytes(whole[:-1])
    assert "state of step 20 is damaged" in tooltip(False) and "go on from step 10" in tooltip(False)
    state.unlink()
    assert "holds weights but no training state" in tooltip(False) == session.resume_obstacle()
    assert not session.resume() and not session.running
    state.write_bytes(whole)
    (last / "model.safetensors").write_bytes(b"")
    assert "step 20 is damaged: Resume goes on from step 10" in tooltip(True)
    (older / "config.json").unlink()
    assert "No checkpoint is whole: model.safetensors of step 20" in tooltip(False)


def test_a_damaged_checkpoint_is_shown_as_such(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "20")
    session.start()
    qtbot.waitUntil(lambda: not session.running, timeout=15_000)
    assert session.folder is not None
    (session.folder.checkpoint(20) / "model.safetensors").write_bytes(b"")
    table = CheckpointTable()
    qtbot.addWidget(table)
    table.show_folder(session.folder)
    rows = [
        [table.table.item(row, column).text() for column in (0, 4)] for row in range(table.table.rowCount())
    ]
    assert rows == [["10", "best · last"], ["20", "model.safetensors is damaged"]]
    table.table.selectRow(1)
    assert not table.export.isEnabled(), "what is damaged is not exported"


def test_a_source_that_is_not_there_keeps_a_run_from_starting(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    builtin = {"kind": "builtin", "name": "peoples_daily"}
    session.set_value("data.sources", [builtin, {"kind": "file", "path": str(file)}])
    assert str(file) in session.start_obstacle() and not session.start()
    file.touch()
    assert "empty" in session.start_obstacle()
    file.write_text("今天天气很好。", encoding="utf-8")
    assert session.start_obstacle() == ""
