"""The parts of the engine by themselves: schedules, order, choices, figures."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.data.dataset import Dataset, SplitBuilder
from studio.engine import device as devices
from studio.engine.background import phases
from studio.engine.control import Control
from studio.engine.meter import Meter, Reading
from studio.engine.order import Position, TrainingOrder
from studio.engine.progress import Progress
from studio.engine.selection import improves, note_checkpoint, note_evaluation
from studio.engine.step import StepResult
from studio.recipe import Compute, Training
from studio.runs import commands
from studio.runs.commands import CommandQueue
from tests import tiny

# --- the order of examples -----------------------------------------------------------------------------


def dataset(texts: int, words: int) -> Dataset:
    def split(count: int, length: int) -> Any:
        builder = SplitBuilder()
        for number in range(count):
            builder.add("字" * (length + number % 3), [1] * (length + number % 3), 0, 1.0 + number)
        return builder.build()

    return Dataset(split(texts, 4), split(words, 2), split(1, 1), split(1, 1), (), "x")


@given(st.integers(1, 40), st.integers(0, 10), st.integers(0, 200), st.integers(0, 2**31 - 1))
def test_going_on_from_any_place_sees_the_rest(texts: int, words: int, start: int, seed: int) -> None:
    """The data order is a function of seed and epoch; the position says where in it a run stands."""
    order = TrainingOrder(
        dataset(texts, words), tiny.recipe(f"training.seed={seed}", "training.token_budget=16")
    )
    stream = order.follow(Position())
    seen = [next(stream) for _ in range(start % 50 + 1)]
    again = order.follow(seen[-1][1])
    for _ in range(5):
        ours, theirs = next(stream), next(again)
        assert np.array_equal(ours[0], theirs[0])
        assert ours[1:] == theirs[1:]


def test_an_epoch_holds_every_example_once_and_words_besides() -> None:
    data = dataset(30, 10)
    order = TrainingOrder(data, tiny.recipe("data.lexicon_share=0.25", "training.token_budget=32"))
    numbers = np.concatenate(order.epoch(0))
    assert sorted(numbers[numbers < 30]) == list(range(30))
    words = numbers[numbers >= 30] - 30
    assert words.max() < 10
    share = data.lexicon.lengths[words].sum() / (data.lexicon.lengths[words].sum() + data.train.positions)
    assert share == pytest.approx(0.25, abs=0.03)


def test_epochs_differ_and_are_counted() -> None:
    order = TrainingOrder(dataset(30, 0), tiny.recipe("training.token_budget=32"))
    size = len(order.epoch(0))
    assert [b.tolist() for b in order.epoch(0)] != [b.tolist() for b in order.epoch(1)]
    stream = order.follow(Position())
    seen = [next(stream) for _ in range(2 * size)]
    assert [epoch for _, _, epoch in seen] == pytest.approx([(k + 1) / size for k in range(2 * size)])
    assert seen[size - 1][1] == Position(1, 0)


# --- which is the best ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "value", "best", "least", "better"),
    [
        ("validation_loss", 1.0, 2.0, 0.0, True),
        ("validation_loss", 2.0, 1.0, 0.0, False),
        ("validation_loss", 1.0, 1.0, 0.0, False),
        ("validation_loss", 0.95, 1.0, 0.1, False),
        ("character_accuracy", 0.9, 0.8, 0.0, True),
        ("character_accuracy", 0.8, 0.9, 0.0, False),
        ("character_accuracy", 0.5, None, 0.9, True),
        ("character_accuracy", None, None, 0.0, False),
        ("validation_loss", math.nan, None, 0.0, False),
        ("validation_loss", math.inf, None, 0.0, False),
    ],
)
def test_improvement(metric: str, value: float, best: float | None, least: float, better: bool) -> None:
    assert improves(metric, value, best, least) is better


def test_checkpoints_and_patience_count_apart() -> None:
    training = Training.model_validate(
        {"early_stopping": {"enabled": True, "patience": 2, "metric": "validation_loss"}}
    )
    progress = Progress()
    ends = []
    for loss in (2.0, 1.0, 1.5, 0.5, 0.7, 0.9):
        progress.metrics = {"validation_loss": loss, "character_accuracy": 0.5}
        ends.append(note_evaluation(training, progress))
    assert ends == [False, False, False, False, False, True]
    assert note_checkpoint(training, progress)
    assert not note_checkpoint(training, progress)
    assert progress.best == 0.5


# --- commands ------------------------------------------------------------------------------------------


def test_commands_are_sorted_and_given_once() -> None:
    queue = CommandQueue()
    control = Control(queue)
    queue.put(commands.SaveNow())
    queue.put(commands.EvaluateNow())
    assert not control.called_off()
    assert control.take() == [commands.SaveNow(), commands.EvaluateNow()]
    assert control.take() == []
    queue.put(commands.Pause())
    queue.put(commands.StopAndSave())
    assert control.called_off()
    assert (control.end, control.saves) == ("paused", True)
    queue.put(commands.Cancel())
    assert control.called_off()
    assert (control.end, control.saves) == ("cancelled", False)


# --- work in the background ----------------------------------------------------------------------------


def test_background_work_reports_and_returns() -> None:
    def work(report: Any, give_up: Any) -> int:
        assert threading.current_thread() is not threading.main_thread()
        report("reading", 1, 3)
        time.sleep(0.1)
        return 7

    told = []
    stream = phases("preparing_data", work, lambda: False)
    try:
        while True:
            told.append(next(stream))
    except StopIteration as end:
        assert end.value == 7
    assert [(event.name, event.detail, event.done, event.total) for event in told] == [
        ("preparing_data", "reading", 1, 3)
    ]


def test_background_errors_are_raised_here() -> None:
    def work(report: Any, give_up: Any) -> None:
        raise ValueError("from the thread")

    with pytest.raises(ValueError, match="from the thread"):
        list(phases("evaluating", work, lambda: False))


def test_background_work_that_is_dropped_gives_up() -> None:
    """The leak check fails this test if the thread goes on."""

    def work(report: Any, give_up: Any) -> None:
        report("x", 0, 1)
        while not give_up():
            pass

    stream = phases("evaluating", work, lambda: False)
    next(stream)
    stream.close()


# --- figures -------------------------------------------------------------------------------------------


def step(loss: float, positions: int, norm: float = 1.0, broken: bool = False) -> StepResult:
    return StepResult(torch.tensor(loss), positions, torch.tensor(norm), torch.tensor(broken))


def test_figures_are_means_over_positions() -> None:
    meter = Meter()
    assert not meter.due()
    meter.add(step(30.0, 10, 2.0), 0.5)
    meter.add(step(10.0, 30, 3.0), 1.5)
    assert meter.read() == Reading(loss=1.0, norm=3.0, speed=20.0)
    assert meter.remaining(4, 0) == pytest.approx(4.0)
    meter.evaluated(2.0)
    assert meter.remaining(4, 3) == pytest.approx(10.0)
    meter.add(step(5.0, 10, math.inf), 1.0)
    assert meter.read() == Reading(loss=0.5, norm=None, speed=10.0)


def test_a_broken_step_is_told_once_and_leaves_a_gap() -> None:
    meter = Meter()
    meter.add(step(1.0, 1), 1.0)
    meter.add(step(1.0, 1, broken=True), 1.0)
    assert meter.broken() == [False, True]
    assert meter.broken() == []
    meter.add(step(1.0, 1), 1.0)
    assert meter.read().loss is None
    meter.add(step(2.0, 1), 1.0)
    assert meter.broken() == [False]
    assert meter.read().loss == 2.0


# --- devices -------------------------------------------------------------------------------------------


def test_precision_is_measured_where_it_could_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    tried: list[str] = []
    clock = [0.0]
    cost = {"fp32": 1.0, "bf16": 0.5}

    def trial(precision: str) -> None:
        tried.append(precision)
        clock[0] += cost[precision]

    monkeypatch.setattr(devices.time, "perf_counter", lambda: clock[0])
    assert devices.choose_precision("fp32", cpu, trial) == "fp32"
    monkeypatch.setattr(devices, "cpu_multiplies_bf16", lambda: False)
    assert devices.choose_precision("auto", cpu, trial) == "fp32"
    assert not tried
    monkeypatch.setattr(devices, "cpu_multiplies_bf16", lambda: True)
    assert devices.choose_precision("auto", cpu, trial) == "bf16"
    cost["bf16"] = 0.95  # a tie is noise
    assert devices.choose_precision("auto", cpu, trial) == "fp32"


def test_the_trial_itself_runs(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a processor that would never choose bf16; and it leaves no trace in the run."""
    ends = []
    for precise in (False, True):
        monkeypatch.setattr("studio.engine.device.cpu_multiplies_bf16", lambda: True)
        monkeypatch.setattr("studio.engine.device._WORTHWHILE", 1e9)
        recipe, run = tiny.new_run(tmp_path, f"training.precision='{'fp32' if precise else 'auto'}'")
        for _ in tiny.training(recipe, run):
            pass
        ends.append((run.checkpoint(6) / "model.safetensors").read_bytes())
    assert ends[0] == ends[1]


@pytest.mark.parametrize("wanted", ["cuda:99", "mps"])
def test_a_device_that_is_not_there(wanted: str) -> None:
    if wanted == "mps" and torch.backends.mps.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(devices.DeviceError, match=wanted):
        devices.choose_device(Compute(device=wanted))


def test_the_processor_is_always_there() -> None:
    assert devices.choose_device(Compute(device="cpu")) == torch.device("cpu")
    before = torch.get_num_threads()
    assert devices.set_threads(Compute(threads=1)) == 1
    assert torch.get_num_threads() == 1
    assert devices.set_threads(Compute(threads=1024)) >= 1
    torch.set_num_threads(before)
