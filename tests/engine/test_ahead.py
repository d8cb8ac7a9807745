"""Batches made ahead of the step are the same batches, and their thread ends with the run."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from studio.engine import ahead
from studio.engine.ahead import Supply
from studio.engine.order import Position, TrainingOrder
from studio.runs import commands, events
from studio.runs.commands import CommandQueue
from studio.tasks.base import Batch
from tests import tiny
from tests.engine.test_parts import dataset


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "studio-batches"]


def supply(collate: Any = None, device: str = "cpu", start: Position = Position()) -> Supply:  # noqa: B008
    order = TrainingOrder(dataset(40, 0), tiny.recipe("training.token_budget=16"))
    return Supply(order, start, collate or (lambda chosen: Batch({"rows": chosen}, 1)), torch.device(device))


def test_the_same_batches_come_in_either_way() -> None:
    here, there = supply(), supply()
    for place in range(60):
        if place == 7:
            there.make_ahead()
        one, other = here.next(), there.next()
        assert bool(threads()) == (place >= 7)
        assert np.array_equal(one.batch.inputs["rows"], other.batch.inputs["rows"])
        assert (one.position, one.epoch) == (other.position, other.epoch)
    there.close()
    assert not threads()
    again = supply(start=one.position)
    following = here.next()
    assert np.array_equal(again.next().batch.inputs["rows"], following.batch.inputs["rows"])


def test_an_error_of_the_thread_is_raised_where_the_batch_is_wanted() -> None:
    made = []

    def collate(chosen: np.ndarray) -> Batch:
        made.append(1)
        if len(made) > 3:
            raise OSError("the data are gone")
        return Batch({}, 1)

    source = supply(collate)
    source.make_ahead()
    with pytest.raises(OSError, match="the data are gone"):
        for _ in range(9):
            source.next()
    source.close()
    assert not threads()


@pytest.mark.parametrize(("device", "making", "expected"), [("cpu", 0.002, False), ("meta", 0.002, True)])
def test_a_thread_is_used_where_making_batches_costs_and_another_device_computes(
    device: str, making: float, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_MEASURED", 5)

    def collate(chosen: np.ndarray) -> Batch:
        time.sleep(making)
        return Batch({}, 1)

    source = supply(collate, device)
    for _ in range(6):
        source.next()
    assert source.ahead is expected
    source.close()


def test_no_thread_where_making_batches_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_MEASURED", 5)
    source = supply(device="meta")
    for _ in range(6):
        source.next()
        time.sleep(0.02)
    assert not source.ahead


def test_a_run_with_the_thread_is_the_same_run_also_when_paused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_step: None
) -> None:
    settings = ("training.max_steps=10", "training.accumulation=2", "model.dropout=0.3")
    recipe, plain = tiny.new_run(tmp_path, *settings)
    assert isinstance(list(tiny.training(recipe, plain))[-1], events.Finished)

    monkeypatch.setattr(ahead, "_MEASURED", 2)
    monkeypatch.setattr(Supply, "_is_worthwhile", lambda _: True)
    recipe, run = tiny.new_run(tmp_path, *settings)
    queue, used = CommandQueue(), []
    for event in tiny.training(recipe, run, queue):
        used += threads()
        if isinstance(event, events.Step) and event.step == 4:
            queue.put(commands.Pause())
    assert used
    assert not threads()
    assert run.state() == "paused"
    assert isinstance(list(tiny.training(recipe, run))[-1], events.Finished)
    first, second = (load_file(r.checkpoint(10) / "model.safetensors") for r in (plain, run))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
