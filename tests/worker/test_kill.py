"""kill -9 at any instant: nothing that was saved or told is lost, and the run goes on as if nothing had happened.

The workers are the real ones. Most are forked off a process that has loaded the libraries already; some are started
from the beginning, so that loading is killed, too.
"""

from __future__ import annotations

import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from studio.inference.load import load
from studio.runs import events
from studio.runs.atomic import TEMPORARY
from studio.runs.folder import RunFolder, steps_in
from studio.runs.journal import read_events
from studio.runs.resuming import obstacle
from tests import tiny
from tests.engine.test_resume import assert_same, figures, state

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
LAST = 24
SETTINGS = (
    f"training.max_steps={LAST}",
    "training.token_budget=512",
    "training.evaluate_every=2",
    "training.evaluation_examples=10",
    "training.checkpoint_every=2",
    "training.checkpoints.keep=2",
    "model.dropout=0.3",
)
PATIENCE = 120.0


class Warm:
    """Workers that have nothing to load any more."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
        )

    def start(self, home: Path, run: RunFolder) -> int:
        """The process id of a worker on a run folder."""
        return self._ask(f"{home}\t{run.path}")

    def wait(self) -> int:
        """The exit status of the worker that was started last."""
        return self._ask("")

    def _ask(self, line: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait(PATIENCE)


class Cold:
    """Workers as the window starts them."""

    def start(self, home: Path, run: RunFolder) -> int:
        """The process id of a worker on a run folder."""
        with (run.path / "worker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "studio.worker", "train", "--folder", str(run.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={**os.environ, "STUDIO_HOME": str(home), "OMP_NUM_THREADS": "1"},
            )
        return self._process.pid

    def wait(self) -> int:
        """The exit status of the worker that was started last."""
        status = self._process.wait(PATIENCE)
        assert self._process.stdin is not None
        self._process.stdin.close()
        return status


@contextmanager
def warm() -> Iterator[Warm]:
    made = Warm()
    try:
        yield made
    finally:
        made.close()


def worked(pid: int, most: float = math.inf) -> float:
    """Wait until a process has worked for so many seconds or has ended; the seconds it has worked by then.

    Its own time is counted, not the clock's: other processes may have work to do, too.
    """
    process = psutil.Process(pid)
    while True:
        seconds = sum(process.cpu_times()[:2])
        if seconds >= most or process.status() == psutil.STATUS_ZOMBIE:
            return seconds
        time.sleep(0.002)


@dataclass
class Ordeal:
    """One run after another, each killed until it has ended all the same.

    Attributes:
        whole: the same run that nobody killed.
        kills: how often a worker was killed, by what it was doing.
        torn: journals whose last line was cut off.
        ended: runs that came to their end.
    """

    parent: Path
    whole: RunFolder
    kills: Counter[str] = field(default_factory=Counter)
    torn: int = 0
    ended: int = 0

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A new run, whose data are to be prepared anew."""
        self.home = self.parent / f"home-{self.ended}"
        _, self.run = tiny.new_run(self.parent / "runs", *SETTINGS)

    def kill(self, worker: Warm | Cold, instant: float) -> bool:
        """Kill a worker after so many seconds of its work; false if it had ended before."""
        told = self.run.metrics.read_bytes() if self.run.metrics.exists() else b""
        pid = worker.start(self.home, self.run)
        worked(pid, instant)
        os.kill(pid, signal.SIGKILL)  # a zombie until it is waited for: the id is still its own
        status = worker.wait()
        assert status in (0, -signal.SIGKILL), (self.run.path / "worker.log").read_text()
        self.look(told, killed=status != 0)
        if self.run.state() == "finished":
            self.compare()
            self.begin()
        return status != 0

    def look(self, told: bytes, *, killed: bool) -> None:
        """What anyone sees after a kill is true, and whole as far as it goes."""
        run = self.run
        content = run.metrics.read_bytes() if run.metrics.exists() else b""
        assert content.startswith(told), "what was told is still there"
        *lines, rest = content.split(b"\n")
        self.torn += bool(rest)
        seen = [events.decode(line) for line in lines if line]
        if killed:
            news = [events.decode(line) for line in content[len(told) :].split(b"\n")[:-1] if line]
            doing = [event.name for event in news if isinstance(event, events.Phase)]
            self.kills[doing[-1] if doing else "starting"] += 1
            self.kills["(with something half-written)"] += any(run.path.rglob(f"{TEMPORARY}*"))
        assert run.owner() is None
        ended = bool(seen) and isinstance(seen[-1], events.Finished)
        # Between the last line and the outcome there is an instant, too.
        assert run.state() == "interrupted" or (ended and run.state() == "finished")
        index = run.read_index()
        assert not index.lost
        saved = [event.step for event in seen if isinstance(event, events.CheckpointSaved)]
        if saved:
            assert index.last >= saved[-1], "what was told to be saved is saved"
        if index.last >= 0:
            assert ended or obstacle(run) is None
            assert load(run.path).config.step == (index.best if run.state() != "running" else index.last)
            last = load(run.checkpoint(index.last))
            assert last.config.step == index.last
            assert last.predictor.predict("jintian").candidates

    def compare(self) -> None:
        """The run has come to its end as if nobody had touched it, and left nothing lying about."""
        run = self.run
        assert run.state() == "finished"
        assert_same(state(run, LAST), state(self.whole, LAST))
        assert figures(run) == figures(self.whole)
        assert run.read_index().best == self.whole.read_index().best
        assert [f.name for f in run.checkpoints.iterdir() if f not in steps_in(run.checkpoints)] == []
        assert {f.name for f in run.checkpoints.iterdir()} == {
            f.name for f in self.whole.checkpoints.iterdir()
        }
        assert {f.name for f in run.path.iterdir()} == {f.name for f in self.whole.path.iterdir()}
        assert len(list(run.live.iterdir())) <= 2
        shutil.rmtree(run.path)
        shutil.rmtree(self.home, ignore_errors=True)
        self.ended += 1


def go_through(parent: Path, *, kills: int, cold: int, seed: int) -> Ordeal:
    """Kill so many workers at instants spread over a whole life, `cold` of them of ones that load everything."""
    chance = random.Random(seed)
    with warm() as quick:
        lives: list[tuple[Warm | Cold, int, float]] = []
        whole: RunFolder | None = None
        for worker, count in ((quick, kills - cold), (Cold(), cold)):
            _, run = tiny.new_run(parent, *SETTINGS)
            life = worked(worker.start(parent / f"home of {type(worker).__name__}", run))
            assert worker.wait() == 0, (run.path / "worker.log").read_text()
            lives.append((worker, count, life))
            whole = whole or run
        assert whole is not None
        instants = [
            (worker, life * (number + chance.random()) / count)
            for worker, count, life in lives
            for number in range(count)
        ]
        chance.shuffle(instants)
        ordeal = Ordeal(parent, whole)
        for worker, instant in instants:
            # What has little left to do ends before, and the next run may have a shorter life than the one that
            # was measured: the time that it is given shrinks.
            for attempt in range(6):
                if ordeal.kill(worker, instant * 0.85**attempt):
                    break
        # Whatever the last kill has left is gone on with from the command line.
        if ordeal.run.read_index().last < 0:
            quick.start(ordeal.home, ordeal.run)
            assert quick.wait() == 0
        else:
            done = subprocess.run(
                [sys.executable, "-m", "studio", "resume", str(ordeal.run.path)],
                env={**os.environ, "STUDIO_HOME": str(ordeal.home)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            (ordeal.run.path / "worker.log").touch()
        ordeal.compare()
    return ordeal


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_few_instants(tmp_path: Path) -> None:
    ordeal = go_through(tmp_path, kills=6, cold=1, seed=1)
    assert ordeal.ended >= 1
    assert sum(n for what, n in ordeal.kills.items() if not what.startswith("(")) >= 4


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_instants(tmp_path: Path) -> None:
    ordeal = go_through(tmp_path, kills=50, cold=8, seed=20240229)
    killed = {what: n for what, n in ordeal.kills.items() if not what.startswith("(")}
    print(f"killed while {dict(ordeal.kills)}; {ordeal.torn} torn lines; {ordeal.ended} runs ended")
    assert sum(killed.values()) >= 48
    assert {"starting", "preparing_data", "training"} <= set(killed)
    assert len(killed) >= 4
    assert ordeal.ended >= 2


def test_the_journal_of_a_killed_run_can_be_shown(tmp_path: Path) -> None:
    """A line that was cut off, as by a power failure, is passed over, and the next one begins anew."""
    recipe, run = tiny.new_run(tmp_path)
    for event in tiny.training(recipe, run):
        if isinstance(event, events.Step) and event.step >= 4:
            break
    before = list(read_events(run.metrics))
    with run.metrics.open("ab") as file:
        file.write(b'{"type": "step", "st')
    assert list(read_events(run.metrics)) == before
    for _ in tiny.training(recipe, run):
        pass
    after = list(read_events(run.metrics))
    assert after[: len(before)] == before
    assert isinstance(after[-1], events.Finished)
