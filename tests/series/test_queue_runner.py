"""The queue trained by real processes: failures, being killed, being stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from studio.recipe import Recipe, load
from studio.runs import control, events
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from studio.runs.queue import RunQueue
from tests import tiny

PATIENCE = 90.0
LONG = ("training.max_steps=1000000", "training.evaluate_every=20", "training.checkpoint_every=20")


@pytest.fixture
def queue(fresh_home: Path) -> RunQueue:
    return RunQueue()


@contextmanager
def runner(*options: str, **popen: object) -> Iterator[subprocess.Popen[str]]:
    """`studio queue run` as a process; whatever it leaves behind is the test's failure."""
    process = subprocess.Popen(
        [sys.executable, "-m", "studio", "queue", "run", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        **popen,  # type: ignore[call-overload]
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def states(queue: RunQueue) -> list[str]:
    return [queue.state(item) for item in queue.items()]


def run_of(queue: RunQueue, id: str) -> RunFolder:
    return RunFolder(Path(queue.item(id).run))


def saved(queue: RunQueue, id: str) -> int:
    return run_of(queue, id).read_index().last if queue.item(id).run else -1


def shorter(queue: RunQueue, id: str, recipe: Recipe) -> None:
    """Let a run that has been left end soon: its recipe is read again when it is gone on with."""
    from studio.recipe import dump

    run_of(queue, id).recipe.write_text(dump(recipe), encoding="utf-8")


@pytest.mark.slow
def test_one_after_another_and_a_failed_one_stops_nobody(queue: RunQueue) -> None:
    queue.add(tiny.recipe("name=good", "training.max_steps=2"))
    queue.add(tiny.recipe("name=bad", "data.sources.0.path=/nowhere/gone.txt"))
    broken = queue.add(tiny.recipe("name=broken"))
    queue.recipe_file(broken.id).write_text("training = 3")
    queue.add(tiny.recipe("name=last", "training.max_steps=2"))
    with runner("--json") as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err
    assert states(queue) == ["finished", "failed", "failed", "finished"]
    lines = [json.loads(line) for line in out.splitlines()]
    told = [(line["name"], line["state"]) for line in lines]
    assert told == [
        ("good", "running"), ("good", "finished"), ("bad", "running"), ("bad", "failed"),
        ("broken", "failed"), ("last", "running"), ("last", "finished"),
    ]  # fmt: skip
    assert "gone.txt" in lines[3]["reason"]
    folders = [item.run for item in queue.items() if item.run]
    assert len(set(folders)) == 3
    assert load(run_of(queue, "4").recipe) == tiny.recipe("name=last", "training.max_steps=2")
    with runner() as process:
        out, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, ""), "what has ended is not trained again"


def test_kill_9_of_the_runner_loses_nothing(queue: RunQueue) -> None:
    """No worker is left; the next runner goes on from the checkpoint, then with the rest."""
    first = queue.add(tiny.recipe("name=first", *LONG))
    queue.add(tiny.recipe("name=second", "training.max_steps=2"))
    with runner() as process:
        wait_until(lambda: saved(queue, first.id) >= 20)
        worker = psutil.Process(run_of(queue, first.id).owner())
        with runner() as other:
            _, err = other.communicate(timeout=PATIENCE)
        assert (other.returncode, f"process {process.pid} runs the queue already" in err) == (2, True)
        process.kill()
        process.wait()
        worker.wait(30)
    assert states(queue) == ["interrupted", "waiting"]
    steps = saved(queue, first.id)
    shorter(queue, first.id, tiny.recipe("name=first", *LONG, f"training.max_steps={steps + 2}"))
    with runner() as process:
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert states(queue) == ["finished", "finished"]
    journal = list(read_events(run_of(queue, first.id).metrics))
    starts = [event.from_step for event in journal if isinstance(event, events.RunStarted)]
    assert starts == [0, steps]


@pytest.mark.parametrize(
    "way", ["file", *(pytest.param(way, marks=pytest.mark.slow) for way in ("signal", "hang up"))]
)
def test_a_stopped_queue_pauses_its_run(way: str, queue: RunQueue) -> None:
    item = queue.add(tiny.recipe(*LONG))
    options = ("--attached",) if way == "hang up" else ()
    with runner(*options, stdin=subprocess.PIPE) as process:
        wait_until(lambda: item and saved(queue, item.id) >= 20)
        if way == "signal":
            process.send_signal(signal.SIGINT)
        elif way == "file":
            assert queue.ask_to_stop() == process.pid
        else:
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    run = run_of(queue, item.id)
    assert (states(queue), run.state()) == (["interrupted"], "paused")


def test_a_run_that_is_stopped_from_outside_makes_room_for_the_next(queue: RunQueue) -> None:
    first = queue.add(tiny.recipe(*LONG))
    with runner() as process:
        wait_until(lambda: saved(queue, first.id) >= 20)
        assert control.stop(run_of(queue, first.id)).state == "stopped"
        queue.add(tiny.recipe("training.max_steps=1"))
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert states(queue)[0] == "stopped"


def test_what_ended_while_nobody_noted_it(queue: RunQueue, tmp_path: Path) -> None:
    """The runner was killed between the end of the run and its note; or someone removed the run since."""
    ended, gone = queue.add(tiny.recipe()), queue.add(tiny.recipe())
    queue.begin(ended.id, tiny.copied(tmp_path).path)
    queue.begin(gone.id, tmp_path / "removed")
    before = run_of(queue, ended.id).metrics.read_bytes()
    with runner() as process:
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert states(queue) == ["finished", "cancelled"]
    assert run_of(queue, ended.id).metrics.read_bytes() == before
