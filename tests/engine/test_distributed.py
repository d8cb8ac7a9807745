"""Several processes train one model: as one process with the same batches would, and together to the end."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from studio.engine.launch import from_environment
from studio.engine.order import Position, shared
from studio.engine.sharding import like, local, whole
from studio.engine.team import Team
from studio.recipe import Recipe, RecipeError, load
from studio.runs import commands, events
from studio.runs.events import Event
from studio.runs.folder import RunFolder
from studio.runs.processes import worker_environment
from tests import tiny
from tests.engine.test_resume import assert_same, figures, finish, kill, pause, state
from tests.worker.processes import trainer

PAIR = "compute.processes=2"
ENDLESS = (
    "training.max_steps=1000000",
    "training.evaluate_every=1000000",
    "training.checkpoint_every=1000000",
)
LAST = 10
KEPT = (
    PAIR,
    f"training.max_steps={LAST}",
    "training.evaluate_every=5",
    "training.checkpoint_every=5",
    "training.checkpoints.keep=20",
    "model.dropout=0.3",
)
STRATEGIES = {"ddp": (), "fsdp": ("compute.strategy='fsdp'",)}
OPTIMIZERS = {
    "adamw": (),
    "sgd": ("training.optimizer='sgd'", "training.learning_rate=0.1", "training.l1=0.0001"),
}


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")


# --- what each process gets ----------------------------------------------------------------------------


def batches() -> Iterator[tuple[np.ndarray, Position, float]]:
    for number in itertools.count():
        yield np.array([number]), Position(0, number + 1), number / 10


def test_each_process_has_its_share_and_all_stand_at_the_same_place() -> None:
    alone = list(itertools.islice(shared(batches(), 0, 1), 6))
    assert [(list(a), b, c) for a, b, c in alone] == [
        (list(a), b, c) for a, b, c in itertools.islice(batches(), 6)
    ]
    first, second = (list(itertools.islice(shared(batches(), rank, 2), 3)) for rank in (0, 1))
    assert [int(chosen[0]) for chosen, _, _ in first] == [0, 2, 4]
    assert [int(chosen[0]) for chosen, _, _ in second] == [1, 3, 5]
    assert [rest for _, *rest in first] == [rest for _, *rest in second]
    assert [position.batch for _, position, _ in first] == [2, 4, 6]


def test_a_single_process_asks_nobody() -> None:
    alone = Team()
    alone.order("step", 0.1)
    assert (alone.total(7), alone.agree("bf16", ("fp32", "bf16")), alone.leads) == (7, "bf16", True)
    tensor = torch.ones(2)
    alone.add_up(tensor)
    assert tensor.tolist() == [1, 1]
    assert alone.collect({"cpu": tensor}) == [{"cpu": tensor}]
    assert whole(tensor) is local(tensor) is like(tensor, tensor) is tensor


def test_the_environment_is_torchruns_while_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "7")
    before = dict(os.environ)
    with Team(1, 4, 1, 2, ("somewhere", 29500)).environment(threads=3):
        found = from_environment()
        assert found == Team(1, 4, 1, 2, ("somewhere", 29500))
        assert os.environ["OMP_NUM_THREADS"] == "3"
    assert dict(os.environ) == before
    with Team().environment(threads=3):
        assert "LOCAL_RANK" not in os.environ
    assert dict(os.environ) == before


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("compute.device='mps'",), "single device"),
        (("compute.strategy='fsdp'", "training.ema_decay=0.9"), "ema_decay"),
        (("compute.strategy='fsdp'", "training.optimizer='lion'"), "adamw or sgd"),
        (("compute.strategy='fsdp'", "training.precision='fp16'"), "bf16"),
    ],
)
def test_what_does_not_go_with_several_processes(changes: tuple[str, ...], words: str) -> None:
    tiny.recipe(*changes)  # a single process may
    with pytest.raises(RecipeError, match=words):
        tiny.recipe(PAIR, *changes)


def end_of(recipe: Recipe, run: RunFolder) -> Event:
    *_, end = tiny.training(recipe, run)
    return end


def test_several_machines_need_torchrun(tmp_path: Path) -> None:
    end = end_of(*tiny.new_run(tmp_path, "compute.nodes=2"))
    assert isinstance(end, events.Failed)
    assert (end.kind, "torchrun" in end.fix) == ("device", True)


def test_torchrun_and_the_recipe_have_to_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "3")
    end = end_of(*tiny.new_run(tmp_path, PAIR))
    assert isinstance(end, events.Failed)
    assert (end.kind, "compute.processes" in end.cause, "3 processes" in end.cause) == ("recipe", True, True)


def test_only_the_first_process_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    end = end_of(*tiny.new_run(tmp_path, PAIR))
    assert isinstance(end, events.Failed)
    assert (end.kind, "--unattended" in end.fix) == ("device", True)


# --- two processes -------------------------------------------------------------------------------------


def losses(recipe: Recipe, run: RunFolder) -> tuple[list[float], dict[tuple[int, str], dict[str, float]]]:
    seen = finish(recipe, run)
    steps = [event.loss for event in seen if isinstance(event, events.Step)]
    assert all(loss is not None for loss in steps)
    return [loss for loss in steps if loss is not None], figures(run)


@pytest.mark.slow
@pytest.mark.timeout(235)
@pytest.mark.parametrize(("strategy", "optimizer"), [("ddp", "adamw"), ("fsdp", "adamw"), ("fsdp", "sgd")])
def test_two_processes_learn_as_one_does(
    strategy: str, optimizer: str, tmp_path: Path, every_step: None
) -> None:
    """The same batches in each step, here one after the other, there at the same time."""
    same = ("training.max_steps=24", "training.evaluate_every=8", "model.dropout=0.0", "model.layers=2")
    same += OPTIMIZERS[optimizer]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = losses(*tiny.new_run(tmp_path / "one", *same, "training.accumulation=4"))
    two = losses(
        *tiny.new_run(tmp_path / "two", *same, "training.accumulation=2", PAIR, *STRATEGIES[strategy])
    )
    assert len(one[0]) == len(two[0]) == 24
    assert one[0][-1] < 0.9 * one[0][0]
    assert two[0] == pytest.approx(one[0], rel=1e-4)
    assert one[1].keys() == two[1].keys()
    for name, metrics in one[1].items():
        assert two[1][name] == pytest.approx(metrics, rel=1e-3), name


@pytest.fixture(scope="module", params=STRATEGIES)
def uninterrupted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("whole")
    recipe, run = tiny.new_run(folder, *KEPT, *STRATEGIES[request.param])
    finish(recipe, run)
    assert "random.1.cpu" in state(run, LAST)
    return run


@pytest.mark.slow
@pytest.mark.timeout(235)
@pytest.mark.parametrize("way", ["paused", "killed"])
def test_two_processes_go_on_bit_for_bit(
    way: str, uninterrupted: RunFolder, tmp_path: Path, every_step: None
) -> None:
    """Paused in the middle, or dropped between two checkpoints as if all processes had died."""
    recipe = load(uninterrupted.recipe)
    run = RunFolder.create(tmp_path, way)
    if way == "paused":
        assert isinstance(pause(recipe, run, 3)[-1], events.Paused)
    else:
        kill(recipe, run, 7)
    finish(recipe, run)
    assert_same(state(run, LAST), state(uninterrupted, LAST))
    assert figures(run) == figures(uninterrupted)


def followers(leader: int) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(leader).children():
        with contextlib.suppress(psutil.Error):  # what keeps the machine awake may have given up at once
            if "studio.worker" in child.cmdline() and child.environ().get("RANK", "0") != "0":
                found.append(child)
    return found


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_process_that_dies_ends_the_run(tmp_path: Path) -> None:
    recipe, run = tiny.new_run(tmp_path, *ENDLESS, PAIR)
    for event in tiny.training(recipe, run):
        last = event
        if isinstance(event, events.Step):
            for follower in followers(os.getpid()):
                follower.kill()
    assert isinstance(last, events.Failed)
    assert last.kind == "process_lost"
    assert "process 1 of the run ended (signal SIGKILL" in last.cause
    assert run.state() == "failed"


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("way", ["kill", "stop", "hang up"])
def test_none_outlives_the_first(way: str, tmp_path: Path) -> None:
    _, run = tiny.new_run(tmp_path, *ENDLESS, PAIR)
    with trainer(run.path) as worker:
        worker.until(lambda line: isinstance(events.decode(line), events.Step))
        (other,) = followers(worker.process.pid)
        if way == "kill":
            psutil.Process(worker.process.pid).kill()
        elif way == "stop":
            worker.say(commands.encode(commands.StopAndSave()))
        else:
            worker.hang_up()
        status = worker.close()
        other.wait(10)
        assert not other.is_running()
    if way == "kill":
        assert (status == 0, run.state()) == (False, "interrupted")
    else:
        assert (status, run.state()) == (0, "stopped")
        assert "random.1.cpu" in state(run, run.read_index().last)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_torchrun_starts_the_same_run(tmp_path: Path) -> None:
    """As on a cluster: nobody on standard input, SIGTERM saves, and the same command goes on."""
    _, run = tiny.new_run(tmp_path, *ENDLESS, PAIR)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m"]
    command += ["studio.worker", "train", "--folder", str(run.path), "--unattended"]

    def begun(after: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
        )
        deadline = time.monotonic() + 100
        while process.poll() is None and time.monotonic() < deadline:
            if run.metrics.is_file() and run.metrics.read_text().count('"type":"step"') > after:
                return process
            time.sleep(0.1)
        process.kill()
        raise AssertionError(f"no step within the time: {run.outcome()}")

    steps = 0
    for _ in range(2):
        process = begun(run.metrics.read_text().count('"type":"step"') if steps else 0)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert run.state() == "stopped"
        assert run.read_index().last > steps
        steps = run.read_index().last
