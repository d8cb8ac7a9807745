"""The training worker as the window meets it: a process, its lines, its end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from studio.inference.load import load
from studio.runs import commands, events
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from tests import tiny
from tests.worker.processes import Worker, trainer

ENDLESS = ("training.max_steps=1000000", "training.evaluate_every=500", "training.checkpoint_every=500")

NOISE = """
import os, sys, threading, time

def shout():
    while "torch" not in sys.modules:
        time.sleep(0.01)
    while True:
        print("a library prints")
        os.write(1, b"so does C\\n")
        time.sleep(0.05)

if "studio.worker" in " ".join(sys.orig_argv):
    threading.Thread(target=shout, daemon=True).start()
"""


def told(worker: Worker) -> list[events.Event]:
    return [events.decode(line) for line in worker.lines]


def is_step(line: bytes) -> bool:
    return isinstance(events.decode(line), events.Step)


@pytest.mark.parametrize("way", ["hang up", "terminate"])
def test_whoever_leaves_a_worker_finds_its_work_saved(way: str, tmp_path: Path) -> None:
    """Nothing but events comes out, however much is printed meanwhile, and all of them are in the journal."""
    (tmp_path / "sitecustomize.py").write_text(NOISE)
    _, run = tiny.new_run(tmp_path, *ENDLESS)
    with trainer(run.path, PYTHONPATH=str(tmp_path)) as worker:
        worker.until(is_step)
        began = time.monotonic()
        if way == "hang up":
            worker.hang_up()
        else:
            worker.process.send_signal(signal.SIGTERM)
        assert worker.close() == 0, worker.errors.decode()
        assert time.monotonic() - began < 20
        seen = [event for event in told(worker) if not isinstance(event, events.Heartbeat)]
        assert b"a library prints" in worker.errors
        assert b"so does C" in worker.errors
    assert [event.type for event in seen[:2]] == ["phase", "run_started"]
    last = seen[-1]
    assert isinstance(last, events.Finished)
    assert last.reason == "stopped"
    kept = list(read_events(run.metrics))
    assert [event for event in seen[1:] if not isinstance(event, events.Sample)] == kept
    assert run.state() == "stopped"
    assert not run.lock_file.exists()
    assert run.read_index().last == last.step
    assert load(run.path).predictor.predict("jintian").candidates


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """Before that: lines that are no commands are answered, and nobody else may write to its folder."""
    _, run = tiny.new_run(
        tmp_path, *ENDLESS, "training.checkpoint_every=1", "training.evaluate_every=1000000"
    )
    with trainer(run.path) as worker:
        worker.until(lambda line: isinstance(events.decode(line), events.CheckpointSaved))
        for garbage in ('{"type": "dance"}', b"\xff\xfe", "", "probe"):
            worker.say(garbage)
        for _ in range(3):
            warning = events.decode(worker.until(lambda line: b'"warning"' in line))
            assert isinstance(warning, events.Warned)
            assert warning.kind == "command"

        with trainer(run.path) as second:
            assert second.close() == 3
            (refused,) = [event for event in told(second) if not isinstance(event, events.Heartbeat)]
        assert isinstance(refused, events.Failed)
        assert refused.kind == "run_folder"
        assert str(worker.process.pid) in refused.cause
        assert run.outcome() is None
        assert run.state() == "running"

        worker.say(commands.encode(commands.Probe(text="jintian", id="7")))
        worker.until(lambda line: b'"id":"7"' in line)
        psutil.Process(worker.process.pid).kill()
        assert worker.close() != 0
    assert run.state() == "interrupted"
    loaded = load(run.path)
    assert not loaded.found.live
    assert loaded.predictor.predict("jintian").candidates
    for event in tiny.training(tiny.recipe("training.max_steps=2"), run):
        last = event
    assert isinstance(last, events.Finished), last


def test_a_worker_does_what_it_is_told_meanwhile(tmp_path: Path) -> None:
    _, run = tiny.new_run(
        tmp_path,
        "training.max_steps=1000000",
        "training.evaluate_every=1000000",
        "training.checkpoint_every=1000000",
        "training.schedule='constant'",
        "training.learning_rate=0.01",
    )
    orders: list[tuple[commands.Command, Callable[[events.Event], bool]]] = [
        (commands.SetLearningRate(0.004), lambda e: isinstance(e, events.Step) and e.learning_rate == 0.004),
        (commands.EvaluateNow(), lambda e: isinstance(e, events.Evaluation)),
        (commands.SaveNow(), lambda e: isinstance(e, events.CheckpointSaved)),
        (commands.PublishWeights(), lambda e: isinstance(e, events.WeightsPublished)),
        (commands.Probe(text="lao shi", id="p"), lambda e: isinstance(e, events.Sample) and e.id == "p"),
    ]
    with trainer(run.path) as worker:
        worker.until(is_step)
        for order, answer in orders:
            worker.say(commands.encode(order))
            worker.until(lambda line, answer=answer: answer(events.decode(line)))
        worker.say(commands.encode(commands.Cancel()))
        assert worker.close() == 0
    assert run.state() == "cancelled"
    assert run.read_index().last > 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name = 'x'\n[training]\nmax_step = 1\n", "did you mean 'max_steps'"),
        ("not toml", "not TOML"),
        (None, "no file"),
    ],
)
def test_a_bad_recipe_is_a_failed_run(content: str | None, words: str, tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    if content:
        run.recipe.write_text(content)
    with trainer(run.path) as worker:
        assert worker.close() == 3
        failed = told(worker)[-1]
    assert isinstance(failed, events.Failed)
    assert failed.kind == "recipe"
    assert words in failed.cause
    outcome = run.outcome()
    assert outcome is not None
    assert (outcome.state, outcome.cause) == ("failed", failed.cause)
    assert failed in list(read_events(run.metrics))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with trainer(tmp_path / "none") as worker:
        assert worker.close() == 3
        (failed,) = told(worker)
    assert isinstance(failed, events.Failed)
    assert failed.kind == "run_folder"
    assert not (tmp_path / "none").exists()
