"""Event files hold what a run told, and never end it."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from typing import Any

import pytest

from studio.recipe import RecipeError
from studio.runs import events as ev
from studio.runs import tensorboard
from studio.runs.folder import RunFolder
from tests import tiny

pb = pytest.importorskip("tensorboardX.proto.event_pb2")
ON = "training.tensorboard=true"


def messages(folder: Path) -> list[Any]:
    """All messages of all files, in the order of their making; the format is TensorFlow's records."""
    found = []
    for file in sorted((folder / "tensorboard").iterdir()):
        data, at = file.read_bytes(), 0
        while at < len(data):
            (size,) = struct.unpack_from("<Q", data, at)
            found.append(pb.Event.FromString(data[at + 12 : at + 12 + size]))
            at += 16 + size
    return found


def story(pid: int, begin: int, end: int) -> list[ev.Event]:
    told: list[ev.Event] = [
        ev.RunStarted(name="x", folder="x", pid=pid, total_steps=9, from_step=begin, at=1000.0 + pid)
    ]
    told.extend(
        ev.Step(
            step=step,
            epoch=0.5,
            loss=None if step == 2 else 1 / step,
            learning_rate=0.1,
            gradient_norm=2.0,
            positions_per_second=10.0,
            seconds=1.0,
            at=5.0,
        )
        for step in range(begin + 1, end + 1)
    )
    figures: dict[str, float | None] = {"validation_loss": 0.5, "character_accuracy": None}
    told.append(ev.Evaluation(step=end, split="validation", metrics=figures, examples=3, seconds=1.0))
    return told


def test_figures_are_written_and_events_pass(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for told in (story(1, 0, 3), story(2, 2, 4)):
        assert list(tensorboard.mirrored(run, tiny.recipe(ON), told)) == told
    seen = messages(tmp_path)
    assert [m.file_version for m in seen if m.file_version] == ["brain.Event:2"] * 2
    assert [m.step for m in seen if m.HasField("session_log")] == [1, 3]
    scalars = [(v.tag, m.step, v.simple_value) for m in seen for v in m.summary.value]
    losses = [(step, value) for tag, step, value in scalars if tag == "train/loss"]
    assert losses == [(1, 1.0), (3, pytest.approx(1 / 3)), (3, pytest.approx(1 / 3)), (4, 0.25)]
    assert [v for v in scalars if v[0].startswith("validation/")] == [
        ("validation/validation_loss", 3, 0.5),
        ("validation/validation_loss", 4, 0.5),
    ]
    assert {m.wall_time for m in seen if m.summary.value and m.step == 1} == {5.0}


def test_nothing_is_written_unasked(tmp_path: Path) -> None:
    told = story(1, 0, 2)
    assert list(tensorboard.mirrored(RunFolder(tmp_path), tiny.recipe(), told)) == told
    assert not list(tmp_path.iterdir())


def test_a_disk_that_takes_no_more_does_not_end_the_run(tmp_path: Path) -> None:
    (tmp_path / "tensorboard").write_text("in the way")
    told = story(1, 0, 2)
    assert list(tensorboard.mirrored(RunFolder(tmp_path), tiny.recipe(ON), told)) == told


def test_a_whole_run(tmp_path: Path) -> None:
    recipe, run = tiny.new_run(tmp_path, ON)
    *_, last = tensorboard.mirrored(run, recipe, tiny.training(recipe, run))
    assert isinstance(last, ev.Finished)
    tags = {v.tag for m in messages(run.path) for v in m.summary.value}
    assert {"train/loss", "validation/validation_loss", "test/character_accuracy"} <= tags


def test_a_missing_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "tensorboardX" else find(name, *a)
    )
    with pytest.raises(RecipeError, match="hanzi-studio\\[tensorboard\\]"):
        tensorboard.require_writer(tiny.recipe(ON))
    tensorboard.require_writer(tiny.recipe())
    recipe, run = tiny.new_run(tmp_path, ON)
    *_, end = tensorboard.mirrored(run, recipe, tiny.training(recipe, run))
    assert isinstance(end, ev.Failed)
    assert (end.kind, end.remedy) == ("recipe", ("training.tensorboard=false",))
