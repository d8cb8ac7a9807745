"""A search with real runs: pruning, failures, being killed, what cannot be."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.recipe import dump, load
from studio.runs import events
from studio.runs.folder import RunError, RunFolder
from studio.runs.journal import read_events
from studio.runs.sweeps import SweepFolder, SweepSpec, Trial
from studio.series.interrupts import Interrupts
from studio.series.search import search
from tests import tiny
from tests.series.test_queue_runner import PATIENCE, wait_until

RATE = "training.learning_rate=0.001,0.002,0.01,0.03"


@pytest.fixture(autouse=True)
def _home(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def begun(
    *ranges: str, trials: int = 3, metric: str = "validation_loss", recipe: tuple[str, ...] = ()
) -> SweepFolder:
    folder = SweepFolder("tries")
    spec = SweepSpec("tries", ranges or (RATE,), trials, metric)
    folder.begin(spec, dump(tiny.recipe(*recipe)))
    return folder


def searched(folder: SweepFolder) -> tuple[tuple[Trial, ...], list[Trial]]:
    told: list[Trial] = []
    return search(folder, Interrupts(), told.append), told


def test_three_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last is broken off: it cannot be better than the one that never stood still."""
    from studio.series.study import OpenTrial

    report = OpenTrial.report
    monkeypatch.setattr(OpenTrial, "report", lambda self, *said: report(self, *said) or self.number == 3)
    folder = begun()
    trials, told = searched(folder)
    assert [(trial.number, trial.state) for trial in trials] == [
        (1, "finished"),
        (2, "finished"),
        (3, "pruned"),
    ] or (
        trials[1].state == "pruned"  # by the median itself
    )
    assert trials[2].state == "pruned" and trials[2].step == 3, "at its first evaluation"
    assert trials == folder.trials()
    assert len({trial.params["training.learning_rate"] for trial in trials}) == 3, "none twice"
    for trial in trials:
        run = RunFolder(Path(trial.run))
        recipe = load(run.recipe)
        assert recipe.name == f"tries-t{trial.number:02}"
        assert recipe.training.learning_rate == trial.params["training.learning_rate"]
        assert run.state() == {"finished": "finished", "pruned": "cancelled"}[trial.state]
        losses = [
            event.metrics["validation_loss"]
            for event in read_events(run.metrics)
            if isinstance(event, events.Evaluation) and event.split == "validation"
        ]
        assert trial.value == min(loss for loss in losses if loss is not None)
    best = [trial for trial in trials if trial.best]
    finished = [trial.value for trial in trials if trial.state == "finished" and trial.value is not None]
    assert [trial.value for trial in best] == [min(finished)]
    assert {trial.state for trial in told} >= {"running", "finished", "pruned"}
    again, told = searched(folder)
    assert (again, told) == (trials, []), "there is nothing left to do"


@pytest.mark.slow
def test_when_every_combination_was_tried() -> None:
    folder = begun("training.learning_rate=0.001,0.01", trials=9, recipe=("training.max_steps=1",))
    trials, _ = searched(folder)
    assert sorted(trial.params["training.learning_rate"] for trial in trials) == [0.001, 0.01]


@pytest.mark.slow
def test_combinations_that_make_no_recipe_are_left_out() -> None:
    folder = begun("model.heads=3,4", "model.width=32,48", trials=3, recipe=("training.max_steps=1",))
    trials, _ = searched(folder)
    assert len(trials) == 3
    assert all(trial.params["model.width"] % trial.params["model.heads"] == 0 for trial in trials)  # type: ignore[operator]


@pytest.mark.slow
def test_a_trial_that_fails_is_one_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """But a search whose trials all fail for one reason ends, and says which."""
    folder = begun("training.learning_rate=0.001,10", trials=2, recipe=("training.clip_norm=0",))
    trials, _ = searched(folder)
    assert len(trials) == 2 and any(trial.state == "finished" for trial in trials)
    folder = SweepFolder("nowhere")
    recipe = tiny.recipe("data.sources.0.path=/nowhere/gone.txt")
    folder.begin(SweepSpec("nowhere", (RATE,), 9, "validation_loss"), dump(recipe))
    with pytest.raises(RunError, match=r"3 trials in a row .*gone\.txt"):
        searched(folder)
    assert [trial.state for trial in folder.trials()] == ["failed"] * 3


@contextlib.contextmanager
def process(*options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "studio", "sweep", *options]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def saved(folder: SweepFolder) -> int:
    return max((RunFolder(Path(trial.run)).read_index().last for trial in folder.trials()), default=-1)


@pytest.mark.parametrize(
    "way", ["kill", *(pytest.param(way, marks=pytest.mark.slow) for way in ("signal", "file"))]
)
def test_a_search_goes_on_where_it_was_left(way: str, tmp_path: Path) -> None:
    frequent = ("training.evaluate_every=20", "training.checkpoint_every=20", "training.max_steps=1000000")
    folder = begun(trials=2, recipe=frequent)
    with process("--resume", "--name", "tries") as running:
        wait_until(lambda: saved(folder) >= 20)
        (trial,) = folder.trials()
        assert trial.state == "running"
        run = RunFolder(Path(trial.run))
        worker = psutil.Process(run.owner())
        if way == "kill":
            with process("--resume", "--name", "tries") as other:
                _, err = other.communicate(timeout=PATIENCE)
            assert (other.returncode, f"process {running.pid} runs the search" in err) == (2, True)
            running.kill()
        elif way == "signal":
            running.send_signal(signal.SIGINT)
        else:
            assert folder.ask_to_stop() == running.pid
        running.communicate(timeout=PATIENCE)
        assert running.returncode == (-9 if way == "kill" else 130)
        worker.wait(30)
    (left,) = folder.trials()
    assert left.state == "interrupted"
    step = run.read_index().last
    for place in (run.recipe, folder.recipe):  # so that it ends soon
        frozen = load(place)
        changed = frozen.model_copy(
            update={"training": frozen.training.model_copy(update={"max_steps": step + 2})}
        )
        place.write_text(dump(changed), encoding="utf-8")
    with process("--resume", "--name", "tries", "--trials", "1", "--json") as running:
        out, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, err
    (line,) = out.splitlines()
    summary = json.loads(line)
    assert summary["best"]["run"] == str(run.path)
    assert summary["best"]["recipe"] == str(run.recipe)
    starts = [event.from_step for event in read_events(run.metrics) if isinstance(event, events.RunStarted)]
    assert starts == [0, step]
    assert summary["folder"] == str(folder.path)
