"""A run that was paused, stopped or killed goes on bit for bit as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from studio.data import cache
from studio.data.errors import Cancelled
from studio.engine import loop
from studio.inference.load import load as predictor
from studio.models.tagger import SyllableTagger
from studio.recipe import Recipe, load
from studio.runs import commands, events
from studio.runs.commands import CommandQueue
from studio.runs.events import Event
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from studio.tasks.model_folder import ModelFolderError
from tests import tiny

LAST = 14
SETTINGS = (
    f"training.max_steps={LAST}",
    "training.token_budget=512",
    "training.accumulation=2",
    "training.evaluate_every=4",
    "training.checkpoint_every=4",
    "training.checkpoints.keep=20",
    "model.dropout=0.3",
)
SPOILT = "with steps left out"
FAMILIES = {
    "transformer with adamw": (),
    "transformer with an average": ("training.ema_decay=0.8", "training.l1=0.001"),
    "lstm with sgd": (
        "model={ family = 'recurrent', width = 16, layers = 2, dropout = 0.3, ngram_buckets = 64, ngram_width = 8 }",
        "training.optimizer='sgd'",
        "training.early_stopping={ enabled = true, patience = 9 }",
    ),
    "adafactor on one cycle": (
        "training.optimizer='adafactor'",
        "training.schedule='one_cycle'",
        "training.gradient_checkpointing=true",
    ),
    # A rate so high that the loss rises, and the plateau schedule has something to do.
    "lion on a plateau": (
        "training.optimizer='lion'",
        "training.frozen=['embedding.*']",
        "training.schedule='plateau'",
        "training.plateau_patience=1",
        "training.learning_rate=0.5",
    ),
    SPOILT: ("training.on_nan='skip'", "training.ema_decay=0.5", "training.l1=0.001"),
}


def start(parent: Path, family: str = "transformer with adamw") -> tuple[Recipe, RunFolder]:
    return tiny.new_run(parent, *SETTINGS, *FAMILIES[family])


def finish(recipe: Recipe, run: RunFolder) -> list[Event]:
    seen = list(tiny.training(recipe, run))
    assert isinstance(seen[-1], events.Finished), seen[-1]
    return seen


def pause(recipe: Recipe, run: RunFolder, step: int, *before: commands.Command) -> list[Event]:
    queue, seen = CommandQueue(), []
    for event in tiny.training(recipe, run, queue):
        seen.append(event)
        if isinstance(event, events.Step) and event.step == step:
            for command in (*before, commands.Pause()):
                queue.put(command)
    return seen


def kill(recipe: Recipe, run: RunFolder, step: int) -> None:
    """Drop the run after a step, as if its process had died: nothing more is written."""
    with closing(tiny.training(recipe, run)) as stream:  # type: ignore[type-var]
        for event in stream:
            if isinstance(event, events.Step) and event.step == step:
                break


def state(run: RunFolder, step: int) -> dict[str, Any]:
    """All that a checkpoint holds, but for the time it took."""
    folder = run.checkpoint(step)
    tensors = load_file(folder / "model.safetensors") | load_file(folder / "training_state.safetensors")
    values = json.loads((folder / "training_state.json").read_text(encoding="utf-8"))
    del values["progress"]["seconds"]
    return {**tensors, "values": values}


def assert_same(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert first.keys() == second.keys()
    assert first["values"] == second["values"]
    different = [n for n, v in first.items() if isinstance(v, torch.Tensor) and not torch.equal(v, second[n])]
    assert not different


def figures(run: RunFolder) -> dict[tuple[int, str], Any]:
    return {
        (e.step, e.split): e.metrics for e in read_events(run.metrics) if isinstance(e, events.Evaluation)
    }


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _spoilt(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "family" in request.fixturenames and request.getfixturevalue("family") == SPOILT:
        spoil_some(monkeypatch)


def spoil_some(patch: pytest.MonkeyPatch) -> None:
    """Make the loss of some batches no number, the same ones whenever they come."""
    forward = SyllableTagger.forward

    def spoilt(self: SyllableTagger, symbols: torch.Tensor, *rest: Any, **named: Any) -> torch.Tensor:
        loss = forward(self, symbols, *rest, **named)
        return loss * float("nan") if int(symbols.sum()) % 9 == 0 else loss

    patch.setattr(SyllableTagger, "forward", spoilt)


@pytest.fixture(scope="module")
def uninterrupted(family: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFolder]:
    recipe, run = start(tmp_path_factory.mktemp("whole"), family)
    with pytest.MonkeyPatch.context() as patch:
        if family == SPOILT:
            spoil_some(patch)
        finish(recipe, run)
    first, last = (state(run, step)["values"]["progress"] for step in (4, LAST))
    if family == SPOILT:
        assert 0 < first["skipped"] < last["skipped"] < LAST
    if family == "lion on a plateau":
        assert last["plateau_scale"] < 1
    assert (
        next(e for e in read_events(run.metrics) if isinstance(e, events.Step) and e.step == LAST).epoch > 3
    )
    yield run
    shutil.rmtree(run.path)


@pytest.mark.parametrize("pauses", [(6,), (1, 4, 5)])
def test_pause_and_resume(
    pauses: tuple[int, ...], family: str, uninterrupted: RunFolder, tmp_path: Path, every_step: None
) -> None:
    recipe, run = start(tmp_path, family)
    for step in pauses:
        assert pause(recipe, run, step)[-1] == events.Paused(at=pytest.approx(0, abs=1e12), step=step)
        assert run.state() == "paused"
    seen = finish(recipe, run)
    assert seen[0].from_step == pauses[-1]  # type: ignore[union-attr]
    assert_same(state(run, LAST), state(uninterrupted, LAST))
    assert figures(run) == figures(uninterrupted)


def test_a_killed_run_goes_on_from_its_last_checkpoint(
    family: str, uninterrupted: RunFolder, tmp_path: Path, every_step: None
) -> None:
    recipe, run = start(tmp_path, family)
    kill(recipe, run, 7)
    assert run.state() == "interrupted"
    assert run.read_index().last == 4
    finish(recipe, run)
    assert run.state() == "finished"
    assert_same(state(run, LAST), state(uninterrupted, LAST))
    assert figures(run) == figures(uninterrupted)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_run_killed_by_the_system_goes_on_from_its_last_checkpoint(
    family: str, uninterrupted: RunFolder, tmp_path: Path, every_step: None
) -> None:
    """kill -9 of a process of its own, between two checkpoints."""
    recipe, run = start(tmp_path, family)
    child = os.fork()
    if not child:
        try:
            for event in tiny.training(recipe, run):
                if isinstance(event, events.Step) and event.step == 6:
                    os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert run.state() == "interrupted"
    assert run.read_index().last == 4
    finish(recipe, run)
    assert_same(state(run, LAST), state(uninterrupted, LAST))
    assert figures(run) == figures(uninterrupted)


def test_early_stopping_counts_on_after_a_pause(tmp_path: Path, every_step: None) -> None:
    rule = "training.early_stopping={ enabled = true, patience = 2, min_change = 1.0 }"
    ends = []
    for paused in (False, True):
        recipe, run = tiny.new_run(tmp_path, *SETTINGS, "training.max_steps=40", rule)
        if paused:
            pause(recipe, run, 9)
        end = finish(recipe, run)[-1]
        assert isinstance(end, events.Finished)
        assert (end.reason, end.step) == ("early_stopping", 12)
        ends.append(state(run, 12))
    assert_same(*ends)


def test_a_stopped_run_goes_on_from_its_frozen_recipe(
    family: str, uninterrupted: RunFolder, tmp_path: Path, every_step: None
) -> None:
    """And in another place: the folder may have been moved meanwhile."""
    recipe, run = start(tmp_path, family)
    queue = CommandQueue()
    for event in tiny.training(recipe, run, queue):
        if isinstance(event, events.Step) and event.step == 5:
            queue.put(commands.StopAndSave())
    moved = RunFolder(run.path.rename(tmp_path / "moved"))
    finish(load(moved.recipe), moved)
    assert_same(state(moved, LAST), state(uninterrupted, LAST))


def test_a_changed_learning_rate_outlives_a_pause(tmp_path: Path, every_step: None) -> None:
    ends = []
    for paused in (False, True):
        recipe, run = start(tmp_path / str(paused))
        change = commands.SetLearningRate(0.001)
        if paused:
            pause(recipe, run, 5, change)
            finish(recipe, run)
        else:
            queue = CommandQueue()
            for event in tiny.training(recipe, run, queue):
                if isinstance(event, events.Step) and event.step == 5:
                    queue.put(change)
        ends.append(state(run, LAST))
    # The command came together with the pause: it is carried out by whoever goes on.
    assert ends[0]["values"]["progress"]["rate_scale"] == pytest.approx(0.1)
    assert_same(*ends)


def test_a_pause_before_the_first_step_can_be_gone_on_with(tmp_path: Path) -> None:
    recipe, run = start(tmp_path)
    queue = CommandQueue()
    seen = []
    for event in tiny.training(recipe, run, queue):
        seen.append(event)
        if isinstance(event, events.ModelBuilt):
            queue.put(commands.Pause())
    assert seen[-1].step == 0  # type: ignore[union-attr]
    assert run.state() == "paused"
    assert run.read_index().last == 0
    finish(recipe, run)


def test_a_pause_while_a_resumed_run_prepares_is_still_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_step: None
) -> None:
    def endless(data: Any, task: Any, *, progress: Any, cancelled: Callable[[], bool]) -> Any:
        while not cancelled():
            pass
        raise Cancelled

    recipe, run = start(tmp_path)
    pause(recipe, run, 5)
    monkeypatch.setattr(loop, "prepare", endless)
    for command, wanted in ((commands.Pause(), "paused"), (commands.StopAndSave(), "stopped")):
        queue = CommandQueue()
        queue.put(command)
        *_, end = tiny.training(recipe, run, queue)
        assert end.step == 5  # type: ignore[union-attr]
        assert run.state() == wanted


def test_prepared_data_that_vanished_are_made_again(
    family: str, uninterrupted: RunFolder, tmp_path: Path, every_step: None, fresh_home: Path
) -> None:
    recipe, run = start(tmp_path / "runs", family)
    for event in tiny.training(recipe, run):
        if isinstance(event, events.Step) and event.step == 5:
            shutil.rmtree(cache.folder())  # also in mid-run
    assert run.state() == "finished"
    assert_same(state(run, LAST), state(uninterrupted, LAST))


def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    before = state(run, 6)
    seen = finish(load(run.recipe), run)
    assert not [event for event in seen if isinstance(event, events.Step)]
    assert_same(before, state(run, 6))


def test_data_that_changed_are_not_gone_on_with(tmp_path: Path, every_step: None) -> None:
    text = tiny.write_text(tmp_path)
    recipe, run = tiny.new_run(tmp_path, path=text)
    pause(recipe, run, 4)
    tiny.write_text(tmp_path, [*tiny.sentences(), "这是后来才加上去的一句话。"])
    *_, end = tiny.training(recipe, run)
    assert isinstance(end, events.Failed)
    assert (end.kind, end.step) == ("data", 4)
    assert f"no longer those that the run began with: {text} has changed" in end.cause
    text.unlink()
    *_, end = tiny.training(recipe, run)
    assert isinstance(end, events.Failed)
    assert (end.kind, end.step) == ("data", 4)
    assert str(text) in end.cause


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("training_state.safetensors", b"short"),
        ("training_state.safetensors", None),
        ("training_state.json", b"{"),
        ("training_state.json", b'{"progress": {}, "scalars": {}}'),
        ("training_state.json", b"[]"),
    ],
)
def test_a_damaged_training_state_is_told_and_kept(name: str, content: bytes | None, tmp_path: Path) -> None:
    """The run cannot go on exactly, so it does not; its weights can be used all the same."""
    run = tiny.copied(tmp_path)
    harm(run.checkpoint(6) / name, content)
    *_, end = tiny.training(load(run.recipe), run)
    assert isinstance(end, events.Failed)
    assert end.kind == "run_folder"
    assert "step-000006" in end.cause
    assert run.checkpoint(3).is_dir()
    assert predictor(run.path).found.folder == run.checkpoint(6)


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"short"),
        ("model.safetensors", None),
        ("config.json", b"{"),
        ("vocabulary.json", b""),
        ("vocabulary.json", None),
    ],
)
def test_a_damaged_model_is_passed_over(
    name: str, content: bytes | None, every: bool, uninterrupted_short: RunFolder, tmp_path: Path
) -> None:
    """The next older whole checkpoint is gone on from, which is told; if there is none, that is told."""
    run = RunFolder(Path(shutil.copytree(uninterrupted_short.path, tmp_path / "run")))
    run.outcome_file.unlink()
    for step in (3, 6) if every else (6,):
        harm(run.checkpoint(step) / name, content)
    if every:
        assert "the weights published at step-000006 are used" in predictor(run.path).found.warning
        shutil.rmtree(run.live)
        with pytest.raises(ModelFolderError, match=f"step 6 is not whole: {name} is"):
            predictor(run.path)
        *_, end = tiny.training(load(run.recipe), run)
        assert isinstance(end, events.Failed)
        assert "no other checkpoint" in end.cause
        assert name in end.cause
        return
    found = predictor(run.path).found
    assert found.folder == run.checkpoint(3)
    assert "that of step 3 is used" in found.warning
    started, warned, *_ = finish(load(run.recipe), run)
    assert isinstance(started, events.RunStarted)
    assert started.from_step == 3
    assert isinstance(warned, events.Warned)
    assert warned.message.startswith(f"The checkpoint of step 6 is not whole: {name} is ")
    assert warned.message.endswith("The run goes on from that of step 3.")
    assert_same(state(run, 6), state(uninterrupted_short, 6))
    assert not run.read_index().lost


def harm(file: Path, content: bytes | None) -> None:
    file.unlink() if content is None else file.write_bytes(content)


@pytest.fixture(scope="module")
def uninterrupted_short() -> RunFolder:
    return tiny.finished_run()
