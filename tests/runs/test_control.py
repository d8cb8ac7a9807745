"""Ending a run that another process trains: at any phase, and when that process does not listen."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from studio.runs import atomic, commands, events
from studio.runs.commands import CommandQueue
from studio.runs.control import Patience, ask, last_step, obeying, request_file, stop
from studio.runs.folder import Outcome, RunError, RunFolder
from tests import tiny
from tests.worker.processes import trainer

ENDLESS = ("training.max_steps=1000000", "training.evaluate_every=500", "training.checkpoint_every=500")


def phase(name: str, line: bytes) -> bool:
    event = events.decode(line)
    return isinstance(event, events.Step if name == "training" else events.Phase) and (
        name == "training" or getattr(event, "name", "") == name
    )


@pytest.mark.parametrize(
    ("at", "cancel"),
    [("starting", True), ("preparing_data", False), ("training", False), ("training", True)],
)
def test_a_stop_is_heeded_at_any_phase(at: str, cancel: bool, tmp_path: Path) -> None:
    _, run = tiny.new_run(tmp_path, *ENDLESS)
    with trainer(run.path) as worker:
        worker.until(lambda line: phase(at, line))
        # Time enough on any machine: what happens when it runs out has tests of its own.
        outcome = stop(run, cancel=cancel, patience=Patience(stop=100, cancel=100, terminate=100))
        assert worker.close() == 0, worker.errors.decode()
    assert outcome == run.outcome()
    assert outcome.state == run.state() == ("cancelled" if cancel else "stopped")
    assert run.read_index().last == (-1 if cancel or not outcome.step else outcome.step)
    assert (outcome.step > 0) == (at == "training")
    assert not list(run.path.glob("request-*"))


@pytest.mark.slow
@pytest.mark.parametrize("at", ["evaluating", "saving"])
def test_a_stop_while_it_is_busy(at: str, tmp_path: Path) -> None:
    frequent = ("training.evaluate_every=1", "training.checkpoint_every=1")
    _, run = tiny.new_run(tmp_path, "training.max_steps=1000000", *frequent)
    with trainer(run.path) as worker:
        worker.until(lambda line: phase(at, line))
        outcome = stop(run)
        assert worker.close() == 0
    assert (outcome.state, run.read_index().last) == ("stopped", outcome.step)


@pytest.mark.slow
@pytest.mark.parametrize("cancel", [False, True])
def test_whoever_does_not_listen_is_killed(cancel: bool, tmp_path: Path) -> None:
    """With its children, and the run says what is true."""
    _, run = tiny.new_run(tmp_path, *ENDLESS, "training.checkpoint_every=1")
    with trainer(run.path) as worker:
        worker.until(lambda line: isinstance(events.decode(line), events.CheckpointSaved))
        os.kill(worker.process.pid, signal.SIGSTOP)  # takes no request and no SIGTERM
        began = time.monotonic()
        outcome = stop(run, cancel=cancel, patience=Patience(stop=0.3, cancel=0.3, terminate=0.3))
        assert time.monotonic() - began < 10
        assert worker.close() == -signal.SIGKILL
    assert run.state() == outcome.state == ("cancelled" if cancel else "failed")
    assert outcome.step >= 1
    assert outcome.kind == ("" if cancel else "stop_timed_out")
    assert run.read_index().last >= 1
    assert not list(run.path.glob("request-*"))


def test_children_of_a_deaf_process_go_with_it(tmp_path: Path) -> None:
    _, run = tiny.new_run(tmp_path)
    code = f"""
import signal, subprocess, sys, time
from pathlib import Path
from studio.runs.folder import RunFolder
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with RunFolder(Path({str(run.path)!r})).locked():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(child.pid, flush=True)
    time.sleep(60)
"""
    process = psutil.Popen([sys.executable, "-c", code], stdout=-1)
    child = psutil.Process(int(process.stdout.readline()))
    outcome = stop(run, cancel=True, patience=Patience(cancel=0.2, terminate=0.2))
    assert outcome == Outcome("cancelled", 0)
    process.wait(5)
    process.stdout.close()
    psutil.wait_procs([child], 5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_what_does_not_run_is_refused(tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    before = sorted(path.name for path in run.path.iterdir())
    with pytest.raises(RunError, match="not running: it is finished"):
        stop(run)
    assert sorted(path.name for path in run.path.iterdir()) == before


def test_requests_are_for_one_process_only(tmp_path: Path) -> None:
    """What was meant for an earlier process is forgotten; what is no command is left out."""
    _, run = tiny.new_run(tmp_path)
    queue = CommandQueue()
    old = request_file(run, 1)
    atomic.write_text(old, commands.encode(commands.Cancel()))
    with run.locked(), obeying(run, queue, os.getpid()):
        assert not old.exists()
        request_file(run, os.getpid()).write_text("dance")
        seen: list[commands.Command] = []
        wait_until(lambda: not request_file(run, os.getpid()).exists())
        assert ask(run, commands.SaveNow()) == os.getpid()
        wait_until(lambda: bool(seen.extend(queue.poll()) or seen))
    assert seen == [commands.SaveNow()]


def wait_until(true: object, patience: float = 10) -> None:
    assert callable(true)
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_last_step(tmp_path: Path) -> None:
    _, run = tiny.new_run(tmp_path)
    assert last_step(run) == 0
    with run.metrics.open("w") as file:
        for step in (1, 700):
            event = events.Evaluation(step=step, split="validation", metrics={}, examples=1, seconds=1)
            file.write(events.encode(event) + "\n")
        file.write('{"type": "step", "st')
    assert last_step(run) == 700
    assert last_step(tiny.finished_run()) == 6
    assert last_step(RunFolder(tmp_path / "none")) == 0


def test_a_request_that_comes_before_it_is_looked_for(tmp_path: Path) -> None:
    """Between taking the lock and looking for requests a trainer loads its libraries."""
    _, run = tiny.new_run(tmp_path)
    queue = CommandQueue()
    with run.locked():
        ask(run, commands.StopAndSave())
        with obeying(run, queue, os.getpid()):
            wait_until(lambda: not request_file(run, os.getpid()).exists())
    assert queue.poll() == [commands.StopAndSave()]
