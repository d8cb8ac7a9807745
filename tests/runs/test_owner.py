"""A dead writer is known by its process id, its start time and, on another machine, by its silence."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from studio.runs import control, owner
from studio.runs.control import Patience
from studio.runs.folder import RunError, RunFolder
from studio.runs.owner import SILENCE, is_here, myself, this_machine


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder.create(tmp_path, "run")
    folder.recipe.touch()
    return folder


def write_elsewhere(run: RunFolder, age: float, pid: int = 4711) -> None:
    """As if a process of another machine had written its lock, and given its last sign of life `age` seconds ago."""
    run.lock_file.write_text(json.dumps({"pid": pid, "started": 1.0, "host": "another"}))
    beat = time.time() - age
    os.utime(run.lock_file, (beat, beat))


def test_a_lock_names_process_and_machine_but_not_the_machines_name(run: RunFolder) -> None:
    with run.locked():
        lock = json.loads(run.lock_file.read_text())
        assert lock == myself()
        assert is_here(lock)
        assert run.is_owned_here()
    assert lock["pid"] == os.getpid()
    assert os.uname().nodename not in str(lock)
    assert len(this_machine()) == 16


@pytest.mark.parametrize("age", [0.0, SILENCE / 2, -30.0])
def test_a_process_of_another_machine_lives_while_it_gives_signs_of_life(age: float, run: RunFolder) -> None:
    """Even if this machine has no process of that id; and a clock that is ahead of ours does not matter."""
    write_elsewhere(run, age)
    assert run.owner() == 4711
    assert run.state() == "running"
    assert not run.is_owned_here()
    with pytest.raises(RunError, match="process 4711 on another machine is writing"), run.locked():
        pass


def test_a_silent_process_of_another_machine_is_dead(run: RunFolder) -> None:
    """Even if this machine happens to have a process of that id."""
    write_elsewhere(run, SILENCE + 5, pid=os.getpid())
    assert run.owner() is None
    assert run.state() == "interrupted"
    with run.locked():
        assert run.owner() == os.getpid()
    assert not run.lock_file.exists()


def test_signs_of_life_are_given_and_end_with_the_lock(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "BEAT", 0.02)
    with run.locked():
        for _ in range(2):
            os.utime(run.lock_file, (0, 0))
            deadline = time.monotonic() + 10
            while run.lock_file.stat().st_mtime < 1 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert abs(run.lock_file.stat().st_mtime - time.time()) < 20
    assert not run.lock_file.exists()


def test_a_lock_that_was_taken_over_meanwhile_is_left_alone(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by another machine while this one was asleep."""
    monkeypatch.setattr(owner, "BEAT", 0.02)
    with run.locked():
        write_elsewhere(run, 20.0)
        before = run.lock_file.stat().st_mtime
        time.sleep(0.2)
        assert run.lock_file.stat().st_mtime == before
    assert run.owner() == 4711


def test_a_process_of_another_machine_is_asked_but_never_killed(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id may be that of a process of ours."""
    asked = []
    monkeypatch.setattr(control, "terminate", lambda _: pytest.fail("a stranger was to be ended"))
    monkeypatch.setattr(control, "kill_tree", lambda _: pytest.fail("a stranger was to be killed"))
    monkeypatch.setattr(control, "ask", lambda _, command: asked.append(command) or os.getpid())
    write_elsewhere(run, 0.0, pid=os.getpid())
    with pytest.raises(TimeoutError, match="on another machine"):
        control.stop(run, patience=Patience(stop=0.2))
    assert asked
