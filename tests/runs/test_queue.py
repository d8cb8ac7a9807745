"""The queue on disk: order, states, several processes changing it, damage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.recipe import load
from studio.runs.folder import Outcome, RunError
from studio.runs.locks import only_one, runner_of
from studio.runs.queue import RunQueue
from tests import tiny


@pytest.fixture
def queue(tmp_path: Path) -> RunQueue:
    return RunQueue(tmp_path / "queue")


def names(queue: RunQueue) -> list[str]:
    return [item.name for item in queue.items()]


def test_order_and_recipes(queue: RunQueue) -> None:
    assert queue.items() == () and not queue.folder.exists(), "looking makes nothing"
    for name in ("one", "two", "three"):
        queue.add(tiny.recipe(f"name={name}"))
    assert [item.id for item in queue.items()] == ["1", "2", "3"]
    assert load(queue.recipe_file("2")) == tiny.recipe("name=two")
    queue.move("3", 0)
    assert names(queue) == ["three", "one", "two"]
    queue.move("3", 99)
    queue.move("2", -5)
    assert names(queue) == ["two", "one", "three"]
    queue.remove("1")
    assert names(queue) == ["two", "three"]
    assert not queue.recipe_file("1").exists()
    queue.remove("3")
    assert queue.add(tiny.recipe()).id == "4", "an id is never used twice"
    for change in (queue.remove, lambda it: queue.move(it, 0), lambda it: queue.end(it, "failed")):
        with pytest.raises(RunError, match="no '3'; there are 2, 4"):
            change("3")


def test_states(queue: RunQueue, tmp_path: Path) -> None:
    item = queue.add(tiny.recipe())
    waiting = queue.add(tiny.recipe())
    _, run = tiny.new_run(tmp_path)
    assert queue.state(item) == "waiting"
    queue.begin(item.id, run.path)
    begun = queue.item(item.id)
    assert queue.state(begun) == "interrupted"
    queue.move(waiting.id, 0)
    assert queue.next() == begun, "what was begun goes on before others"
    with run.locked():
        assert queue.state(begun) == "running"
        with pytest.raises(RunError, match="being trained"):
            queue.remove(item.id)
    run.write_outcome(Outcome("stopped", 3))
    assert queue.state(begun) == "interrupted", "saved when its runner went, but not to its end"
    queue.end(item.id, "stopped")
    assert queue.state(queue.item(item.id)) == "stopped"
    assert queue.next() == waiting
    queue.remove(item.id)
    assert run.path.is_dir(), "the run stays"


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "damaged"), ('{"format": 1, "next": 1, "items": [{}]}', "damaged"), ("[]", "damaged"),
     ('{"format": 99, "next": 1, "items": []}', "newer studio")],
)  # fmt: skip
def test_a_damaged_file_is_left_alone(content: str, words: str, queue: RunQueue) -> None:
    queue.folder.mkdir()
    queue.file.write_text(content)
    for action in (queue.items, lambda: queue.add(tiny.recipe())):
        with pytest.raises(RunError, match=words):
            action()
    assert queue.file.read_text() == content


def test_several_processes_at_once_lose_nothing(queue: RunQueue) -> None:
    code = f"""
from pathlib import Path
from studio.recipe import load
from studio.runs.queue import RunQueue
queue = RunQueue(Path({str(queue.folder)!r}))
recipe = load(Path({str(tiny.finished_run().recipe)!r}))
for _ in range(10):
    queue.add(recipe)
"""
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert sorted(int(item.id) for item in queue.items()) == list(range(1, 31))


def test_only_one_runs_it(queue: RunQueue) -> None:
    assert queue.runner() is None
    with pytest.raises(RunError, match="not running"):
        queue.ask_to_stop()
    with queue.only_runner():
        assert queue.runner() == os.getpid()
        with (
            pytest.raises(RunError, match=f"process {os.getpid()} runs the queue already"),
            queue.only_runner(),
        ):
            pass
        assert queue.ask_to_stop() == os.getpid()
    assert queue.runner() is None


def test_a_killed_runner_leaves_no_lock(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from studio.runs.locks import only_one
with only_one(Path({str(tmp_path)!r}), "it"):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == -9
    assert json.loads((tmp_path / "runner.json").read_text())["pid"]
    assert runner_of(tmp_path) is None
    with only_one(tmp_path, "it"):
        assert runner_of(tmp_path) == os.getpid()
