"""The thread that owns a run: whatever the worker does, the run ends, is recorded, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import psutil

from studio.gui.session import Session
from studio.runs import events as ev
from tests.gui.conftest import MakeSession


def alive(pid: int) -> bool:
    """An orphan that was killed may stay a zombie until the system's first process looks after it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until_ended(qtbot: Any, session: Session, timeout: int = 15_000) -> None:
    qtbot.waitUntil(lambda: not session.running, timeout=timeout)


def until_step(qtbot: Any, session: Session, step: int = 3) -> int:
    qtbot.waitUntil(lambda: session.record.step >= step, timeout=15_000)
    owner = session.folder.owner() if session.folder else None
    assert owner is not None
    return owner


def test_a_run_goes_to_its_end(qtbot: Any, session: Session) -> None:
    batches: list[list[ev.Event]] = []
    session.events.connect(batches.append)
    assert session.start()
    assert session.phase == "starting"
    until_ended(qtbot, session)
    record = session.record
    assert record.step == 30
    assert isinstance(record.end, ev.Finished) and record.end.reason == "max_steps"
    assert session.folder is not None and session.folder.state() == "finished"
    assert list(record.curves["loss"].x) == list(range(1, 31))
    assert len(record.curves["validation/character_accuracy"]) == 3
    assert sum(map(len, batches)) > len(batches), "events come in batches"
    assert session.model_path() == str(session.folder.path)


def test_stop_saves(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "100000")
    session.start()
    until_step(qtbot, session)
    session.stop_and_save()
    assert session.stopping == "stop"
    until_ended(qtbot, session)
    assert session.folder is not None and session.folder.state() == "stopped"
    assert session.folder.read_index().entries


def test_cancel(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "100000", "--every", "100000")
    session.start()
    until_step(qtbot, session)
    session.cancel()
    until_ended(qtbot, session)
    assert session.folder is not None and session.folder.state() == "cancelled"


def test_a_deaf_worker_is_killed_with_its_children(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "100000", "--deaf", "--grandchild")
    session.start()
    worker = until_step(qtbot, session)
    assert session.folder is not None
    grandchild = int((session.folder.path / "grandchild").read_text())
    began = time.monotonic()
    session.cancel()
    until_ended(qtbot, session)
    assert time.monotonic() - began < 6
    assert not alive(worker) and not alive(grandchild)
    assert session.folder.state() == "cancelled"


def test_a_stop_that_is_not_heard_says_so(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "100000", "--deaf")
    session.start()
    until_step(qtbot, session)
    session.stop_and_save()
    until_ended(qtbot, session)
    outcome = session.folder.outcome() if session.folder else None
    assert outcome is not None and outcome.kind == "stop_timed_out"


def test_a_stop_before_the_first_step_is_quick(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "5", "--pause", "60", "--deaf")
    session.start()
    qtbot.waitUntil(lambda: session.record.model is not None, timeout=15_000)
    began = time.monotonic()
    session.stop_and_save()
    until_ended(qtbot, session)
    assert time.monotonic() - began < 4
    assert session.folder is not None and session.folder.state() == "stopped"


def test_kill_9_is_reported_and_recorded(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "100000")
    failures: list[ev.Failed] = []
    session.failed.connect(failures.append)
    session.start()
    os.kill(until_step(qtbot, session), signal.SIGKILL)
    until_ended(qtbot, session)
    assert len(failures) == 1 and failures[0].kind == "worker_died" and "SIGKILL" in failures[0].cause
    outcome = session.folder.outcome() if session.folder else None
    assert outcome is not None and outcome.state == "failed" and outcome.step >= 3
    assert session.start_obstacle() == "", "another run can be started"


def test_kill_9_with_a_grandchild_that_holds_the_pipe(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "100000", "--grandchild")
    session.start()
    worker = until_step(qtbot, session)
    assert session.folder is not None
    grandchild = int((session.folder.path / "grandchild").read_text())
    os.kill(worker, signal.SIGKILL)
    until_ended(qtbot, session)
    assert session.folder.state() == "failed"
    assert not alive(grandchild), "found by its group, though its parent died first"


def test_a_crash_brings_the_last_words(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--die-at", "5")
    session.start()
    until_ended(qtbot, session)
    end = session.record.end
    assert isinstance(end, ev.Failed) and "exit code 7" in end.cause and "told to die" in end.trace
    assert session.record.step == 5, "what it said before is not lost"


def test_a_failure_of_its_own(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--fail-at", "4")
    session.start()
    until_ended(qtbot, session)
    assert isinstance(session.record.end, ev.Failed) and session.record.end.kind == "not_a_number"


def test_a_worker_that_cannot_be_started(qtbot: Any, fresh_home: Any) -> None:
    session = Session(train_command=["/nowhere/python", "{folder}"])
    session.load_preset("pinyin-quick")
    session.start()
    until_ended(qtbot, session)
    assert isinstance(session.record.end, ev.Failed) and session.record.end.kind == "worker_not_started"
    assert session.folder is not None and session.folder.state() == "failed"


def test_a_flood_stays_bounded_while_the_window_is_busy(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--steps", "30000", "--pause", "0", "--every", "10000")
    sizes: list[int] = []
    session.events.connect(lambda events: sizes.append(len(events)))
    session.start()
    until_step(qtbot, session, 1)
    engine = session._engine
    assert engine is not None
    deadline = time.monotonic() + 25
    while session.folder and session.folder.outcome() is None and time.monotonic() < deadline:
        time.sleep(0.05)  # the window does nothing at all
        assert len(engine._pending) <= 20_001
    until_ended(qtbot, session, 30_000)
    assert session.record.step == 30_000
    assert max(sizes) <= 20_001
    assert len(session.record.curves["validation/validation_loss"]) == 3, "what is rare is never thinned out"
