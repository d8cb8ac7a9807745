"""kill -9 of the window, or of window and worker: no process is left, and the run is in a state that is true."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from studio.runs import events
from studio.runs.atomic import TEMPORARY
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from studio.runs.resuming import obstacle
from tests import tiny
from tests.engine.test_resume import assert_same, state
from tests.gui.conftest import FAKE

PROBE = Path(__file__).with_name("window_probe.py")
LAST = 40
SETTINGS = (f"training.max_steps={LAST}", "training.evaluate_every=4", "training.checkpoint_every=4")


@contextmanager
def window(run: RunFolder, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A window process that trains a run."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": "1",
    }
    with subprocess.Popen(
        [sys.executable, str(PROBE), str(run.path), *command],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "shown\n"
            yield process
        finally:
            process.kill()


def workers(run: RunFolder) -> list[psutil.Process]:
    """All processes that were started on a run folder, but for its window."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if (
                str(run.path) in words
                and str(PROBE) not in words
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
    return found


def all_gone(run: RunFolder) -> bool:
    """Whether nobody works on the run; a process that is being killed loses its command line before its life."""
    return not workers(run) and run.owner() is None


def until(wanted: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def step_of(run: RunFolder) -> int:
    return max((e.step for e in read_events(run.metrics) if isinstance(e, events.Step)), default=0)


def test_a_killed_window_takes_its_worker_along(tmp_path: Path) -> None:
    _, run = tiny.new_run(tmp_path)
    command = [*FAKE, "train", "--folder", str(run.path), "--steps", "100000"]
    with window(run, *command) as process:
        until(lambda: step_of(run) >= 3)
        assert workers(run)
        process.kill()
        process.wait()
    until(lambda: all_gone(run))
    # The fake worker may meet the closed output before it meets the closed input; the real one does not mind.
    assert run.state() in ("stopped", "interrupted")
    assert run.read_index().lost == ()


def test_both_killed(tmp_path: Path) -> None:
    _, run = tiny.new_run(tmp_path)
    command = [*FAKE, "train", "--folder", str(run.path), "--steps", "100000"]
    with window(run, *command) as process:
        until(lambda: step_of(run) >= 12)
        process.send_signal(signal.SIGSTOP)  # so that it says nothing of its worker's end
        for worker in workers(run):
            worker.kill()
        process.kill()
        process.wait()
    until(lambda: all_gone(run))
    assert run.state() == "interrupted"
    assert run.read_index().last >= 10
    assert step_of(run) >= 12


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("victims", ["window", "both"])
def test_real_workers_at_random_instants(victims: str, tmp_path: Path) -> None:
    """The worker saves and ends within its bound when its window dies; all in all nothing is lost."""
    chance = random.Random(victims)
    recipe, whole = tiny.new_run(tmp_path, *SETTINGS)
    for _ in tiny.training(recipe, whole):
        pass
    recipe, run = tiny.new_run(tmp_path, *SETTINGS)
    began = time.monotonic()
    with window(run) as process:
        assert process.wait(120) == 0
    life = time.monotonic() - began
    assert run.state() == "finished"
    recipe, run = tiny.new_run(tmp_path, *SETTINGS)
    ends = []
    for number in range(6):
        with window(run) as process:
            time.sleep(life * (number + chance.random()) / 6)
            if victims == "both":
                for worker in workers(run):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        worker.kill()
            process.kill()
            process.wait()
        until(lambda: all_gone(run), 40.0)
        assert not run.read_index().lost
        ends.append(run.state())
        if ends[-1] == "stopped" and step_of(run):
            assert (
                run.read_index().last == [e.step for e in read_events(run.metrics) if hasattr(e, "step")][-1]
            )
            assert obstacle(run) is None
        if ends[-1] == "finished":
            break
    assert set(ends) <= {"interrupted", "stopped", "finished", "failed"}
    print(victims, ends)
    for _ in tiny.training(recipe, run):
        pass
    assert run.state() == "finished"
    assert not list(run.path.rglob(f"{TEMPORARY}*"))
    assert_same(state(run, LAST), state(whole, LAST))
