"""A run from its start to its end: what it tells, what it leaves on the disk, what it can be told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.data.errors import Cancelled
from studio.engine import loop
from studio.inference.load import find, load
from studio.recipe import load as recipe_of
from studio.runs import commands, events
from studio.runs.atomic import TEMPORARY
from studio.runs.commands import Command, CommandQueue
from studio.runs.events import Event
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from studio.tasks import PinyinToHanzi
from tests import tiny

When = Callable[[Event], bool]


def at_step(step: int) -> When:
    return lambda event: isinstance(event, events.Step) and event.step == step


def in_phase(name: str) -> When:
    return lambda event: isinstance(event, events.Phase) and event.name == name


def drive(
    parent: Path, *overrides: str, told: tuple[tuple[When, Command], ...] = (), path: Path | None = None
) -> tuple[RunFolder, list[Event]]:
    """Train, giving each command right after the first event that calls for it."""
    recipe, run = tiny.new_run(parent, *overrides, path=path)
    queue, waiting, seen = CommandQueue(), list(told), []
    for event in tiny.training(recipe, run, queue):
        seen.append(event)
        for when, command in list(waiting):
            if when(event):
                queue.put(command)
                waiting.remove((when, command))
    assert not waiting, "a command was never given"
    return run, seen


def of(kind: type, seen: list[Event]) -> list[Any]:
    return [event for event in seen if isinstance(event, kind)]


def steps_on_disk(run: RunFolder) -> list[int]:
    return sorted(int(path.name.removeprefix("step-")) for path in run.checkpoints.iterdir())


# --- a whole run ---------------------------------------------------------------------------------------


def test_events_come_in_order() -> None:
    seen = list(read_events(tiny.finished_run().metrics))
    kinds = [type(event).__name__ for event in seen]
    assert kinds[0] == "RunStarted"
    assert kinds[-1] == "Finished"
    phases = [event.name for event in of(events.Phase, seen)]
    first = {name: phases.index(name) for name in dict.fromkeys(phases)}
    assert list(first) == ["preparing_data", "building_model", "training", "evaluating", "saving"]
    assert kinds.index("ModelBuilt") < kinds.index("Step")
    steps = [event.step for event in of(events.Step, seen)]
    assert steps == sorted(set(steps))
    assert steps[-1] == 6
    assert [(e.step, e.split) for e in of(events.Evaluation, seen)] == [
        (3, "validation"),
        (6, "validation"),
        (6, "test"),
    ]
    assert [event.step for event in of(events.CheckpointSaved, seen)] == [3, 6]
    assert [event.at for event in seen] == sorted(event.at for event in seen)


def test_events_carry_their_figures() -> None:
    seen = list(read_events(tiny.finished_run().metrics))
    started, built = of(events.RunStarted, seen)[0], of(events.ModelBuilt, seen)[0]
    assert (started.name, started.total_steps, started.from_step) == ("tiny", 6, 0)
    assert (built.device, built.precision) == ("cpu", "fp32")
    assert built.parameters > 1000
    assert built.train_positions > built.train_examples > 100
    for step in of(events.Step, seen):
        assert 0 < step.loss < 20
        assert 0 < step.learning_rate <= 0.01
        assert step.gradient_norm > 0
        assert step.positions_per_second > 0
    assert of(events.Step, seen)[-1].remaining == 0
    for evaluation in of(events.Evaluation, seen):
        assert set(evaluation.metrics) == {
            f"{evaluation.split}_loss",
            "character_accuracy",
            "sentence_accuracy",
        }
    finished = of(events.Finished, seen)[0]
    assert (finished.step, finished.reason) == (6, "max_steps")
    assert finished.metrics["test_loss"] > 0


def test_the_folder_is_laid_out_as_agreed() -> None:
    run = tiny.finished_run()
    model = {"config.json", "model.safetensors", "ngrams.safetensors", "vocabulary.json"}
    whole = model | {"training_state.json", "training_state.safetensors"}
    wanted = {"recipe.toml", "environment.json", "metrics.jsonl", "samples.jsonl", "checkpoints.json"}
    wanted |= {"outcome.json"}
    wanted |= {f"checkpoints/step-00000{step}/{name}" for step in (3, 6) for name in whole}
    wanted |= {f"live/step-00000{step}/{name}" for step in (3, 6) for name in model}
    found = {file.relative_to(run.path).as_posix() for file in run.path.rglob("*") if file.is_file()}
    assert found == wanted
    assert run.state() == "finished"
    environment = json.loads(run.environment.read_text(encoding="utf-8"))
    assert environment["format"] == 1
    assert environment["data"]["examples"]["train"] > 100
    assert environment["packages"]["torch"]
    assert "host" not in environment
    probes = [event.input for event in of(events.Sample, list(read_events(run.samples)))]
    assert probes == ["jin tian", "jin tian"]


def test_the_host_is_recorded_only_when_asked(tmp_path: Path) -> None:
    run, _ = drive(tmp_path, "privacy.record_hostname=true", "training.max_steps=1")
    assert json.loads(run.environment.read_text(encoding="utf-8"))["host"]


@pytest.mark.parametrize(
    "overrides",
    [
        ("model={ family = 'recurrent', cell = 'lstm', width = 16, layers = 1, ngram_buckets = 0 }",),
        ("model={ family = 'recurrent', cell = 'gru', width = 16, layers = 2, ngram_buckets = 64 }",),
        ("training.optimizer='sgd'", "training.schedule='linear'", "training.label_smoothing=0.1"),
        ("training.precision='bf16'", "training.clip_norm=0"),
        ("training.precision='auto'", "training.accumulation=3"),
    ],
    ids=["lstm", "gru", "sgd", "bf16", "auto"],
)
def test_other_recipes_learn_too(overrides: tuple[str, ...], tmp_path: Path) -> None:
    run, seen = drive(tmp_path, *overrides, "training.max_steps=12", "training.evaluate_every=12")
    assert isinstance(seen[-1], events.Finished), seen[-1]
    losses = [step.loss for step in of(events.Step, seen)]
    assert losses[-1] < losses[0]
    assert load(run.path).predictor.predict("jintian").candidates[0].text == "今天"


def test_the_same_recipe_makes_the_same_run(tmp_path: Path) -> None:
    (first, _), (second, _) = (drive(tmp_path / name) for name in "ab")
    assert (first.checkpoint(6) / "model.safetensors").read_bytes() == (
        second.checkpoint(6) / "model.safetensors"
    ).read_bytes()
    other, _ = drive(tmp_path, "training.seed=2")
    assert (other.checkpoint(6) / "model.safetensors").read_bytes() != (
        first.checkpoint(6) / "model.safetensors"
    ).read_bytes()


# --- ends ----------------------------------------------------------------------------------------------


def test_stop_saves_what_was_learnt(tmp_path: Path, every_step: None) -> None:
    run, seen = drive(tmp_path, "training.max_steps=50", told=((at_step(5), commands.StopAndSave()),))
    assert seen[-1] == events.Finished(at=seen[-1].at, step=5, reason="stopped")
    assert of(events.CheckpointSaved, seen)[-1].step == 5
    assert steps_on_disk(run)[-1] == 5
    assert run.state() == "stopped"
    assert load(run.checkpoint(5)).config.step == 5


def test_cancel_ends_at_once_and_keeps_what_was_saved(tmp_path: Path, every_step: None) -> None:
    run, seen = drive(tmp_path, "training.max_steps=50", told=((at_step(5), commands.Cancel()),))
    assert seen[-1] == events.Finished(at=seen[-1].at, step=5, reason="cancelled")
    assert steps_on_disk(run) == [3]
    assert run.state() == "cancelled"
    assert load(run.path).config.step == 3


def test_cancel_overrules_a_stop(tmp_path: Path, every_step: None) -> None:
    run, _ = drive(tmp_path, told=((at_step(2), commands.StopAndSave()), (at_step(2), commands.Cancel())))
    assert run.state() == "cancelled"
    assert not run.checkpoints.exists()


def test_cancel_does_not_wait_for_an_evaluation(tmp_path: Path) -> None:
    run, seen = drive(tmp_path, told=((in_phase("evaluating"), commands.Cancel()),))
    assert not of(events.Evaluation, seen)
    assert seen[-1].step == 3
    assert run.state() == "cancelled"


@pytest.mark.parametrize(
    ("command", "state"),
    [(commands.Cancel(), "cancelled"), (commands.StopAndSave(), "stopped"), (commands.Pause(), "paused")],
)
@pytest.mark.parametrize("early", [False, True])
def test_no_end_waits_for_the_test_split(
    early: bool, command: Command, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is saved by then. What is gone on with is the test alone."""
    evaluate, testing = PinyinToHanzi.evaluate, threading.Event()

    def endless(self: Any, model: Any, examples: Any, device: Any, tick: Any = None) -> Any:
        if threading.current_thread() is threading.main_thread():
            return evaluate(self, model, examples, device, tick)
        testing.set()
        while True:
            tick(1, 2)

    rule = "enabled = true, patience = 2, min_change = 1.0, metric = 'character_accuracy'"
    stopping = f"training.early_stopping={{ {rule} }}"
    longer = ("training.max_steps=90", "training.checkpoint_every=90", stopping) if early else ()
    with monkeypatch.context() as patch:
        patch.setattr(PinyinToHanzi, "evaluate", endless)
        run, seen = drive(
            tmp_path,
            *longer,
            told=((lambda event: testing.is_set() and in_phase("evaluating")(event), command),),
        )
    saved = steps_on_disk(run)
    assert saved == ([9] if early else [3, 6])
    assert seen[-1].step == saved[-1]
    assert run.state() == state
    again = list(tiny.training(recipe_of(run.recipe), run))
    assert not of(events.Step, again)
    assert again[-1].reason == ("early_stopping" if early else "max_steps")
    assert steps_on_disk(run) == saved


@pytest.mark.parametrize(
    ("command", "state"),
    [(commands.Cancel(), "cancelled"), (commands.StopAndSave(), "stopped"), (commands.Pause(), "stopped")],
)
def test_data_preparation_can_be_left(
    command: Command, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(data: Any, task: Any, *, progress: Any, cancelled: Callable[[], bool]) -> Any:
        progress("reading", 1, 2)
        while not cancelled():
            pass
        raise Cancelled

    monkeypatch.setattr(loop, "prepare", endless)
    run, seen = drive(tmp_path, told=((in_phase("preparing_data"), command),))
    assert "reading" in [event.detail for event in of(events.Phase, seen)]
    assert run.state() == state
    assert not run.checkpoints.exists()


def test_a_run_told_to_stop_beforehand_does_no_step(tmp_path: Path) -> None:
    recipe, run = tiny.new_run(tmp_path)
    queue = CommandQueue()
    queue.put(commands.StopAndSave())
    seen = list(tiny.training(recipe, run, queue))
    assert not of(events.Step, seen)
    assert run.state() == "stopped"


def script(monkeypatch: pytest.MonkeyPatch, name: str, values: list[float]) -> None:
    """Let evaluations find these figures, the last one also at the end."""
    left = list(values)

    def evaluate(*_: Any, **__: Any) -> dict[str, float | None]:
        value = left.pop(0) if len(left) > 1 else left[0]
        return {"loss": 1.0, "character_accuracy": 0.5, "sentence_accuracy": 0.5, name: value}

    monkeypatch.setattr(PinyinToHanzi, "evaluate", evaluate)


def test_early_stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "loss", [3.0, 2.0, 2.5, 1.95, 1.0, 0.5])
    run, seen = drive(
        tmp_path,
        "training.max_steps=50",
        "training.evaluate_every=2",
        "training.checkpoint_every=40",
        "training.early_stopping={ enabled = true, patience = 2, min_change = 0.1 }",
    )
    assert (seen[-1].step, seen[-1].reason) == (8, "early_stopping")
    assert steps_on_disk(run) == [8]
    assert run.state() == "finished"


def test_early_stopping_is_off_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "loss", [1.0, 2.0])
    _, seen = drive(tmp_path, "training.evaluate_every=1", "training.early_stopping.patience=1")
    assert (seen[-1].step, seen[-1].reason) == (6, "max_steps")


# --- checkpoints and published weights -----------------------------------------------------------------


def test_the_best_the_last_and_recent_ones_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "character_accuracy", [0.5, 0.9, 0.6, 0.7, 0.8, 0.8])
    run, seen = drive(
        tmp_path,
        "training.max_steps=6",
        "training.evaluate_every=1",
        "training.checkpoint_every=1",
        "training.checkpoints.keep=2",
    )
    assert steps_on_disk(run) == [2, 5, 6]
    index = run.read_index()
    assert (index.best, index.last) == (2, 6)
    assert [entry.step for entry in index.entries] == [2, 5, 6]
    assert [event.best for event in of(events.CheckpointSaved, seen)] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    for entry in index.entries:
        assert entry.size == sum(file.stat().st_size for file in run.checkpoint(entry.step).iterdir())
        assert entry.metrics["character_accuracy"] == {2: 0.9, 5: 0.8, 6: 0.8}[entry.step]
    assert of(events.Evaluation, seen)[-1].step == 2  # what is exported is what is tested
    assert find(run.path).folder == run.checkpoint(2)


def test_losses_are_better_when_lower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "loss", [0.5, 0.3, 0.6])
    run, _ = drive(
        tmp_path,
        "training.evaluate_every=2",
        "training.checkpoint_every=2",
        "training.checkpoints={ keep = 1, best_metric = 'validation_loss' }",
    )
    assert run.read_index().best == 4
    assert steps_on_disk(run) == [4, 6]


def test_published_weights_can_be_used_while_it_trains(tmp_path: Path) -> None:
    recipe, run = tiny.new_run(tmp_path)
    steps = []
    for event in tiny.training(recipe, run):
        if isinstance(event, events.WeightsPublished):
            found = load(run.path)
            assert found.found.live
            assert found.config.step == event.step
            assert found.predictor.predict("jintian").candidates
            steps.append(event.step)
            assert len(list(run.live.iterdir())) <= 2
    assert steps == [1, 3, 6]
    assert not find(run.path).live


def test_leftovers_of_a_killed_writer_are_swept(tmp_path: Path) -> None:
    recipe, run = tiny.new_run(tmp_path)
    for parent in (run.path, run.checkpoints, run.live):
        (parent / f"{TEMPORARY}x-1").mkdir(parents=True)
    for _ in tiny.training(recipe, run):
        pass
    assert not list(run.path.rglob(f"{TEMPORARY}*"))


# --- commands ------------------------------------------------------------------------------------------


def test_a_probe_is_answered(tmp_path: Path, every_step: None) -> None:
    run, seen = drive(tmp_path, told=((at_step(4), commands.Probe(text="lao shi", id="p1")),))
    (answer,) = [event for event in of(events.Sample, seen) if event.id == "p1"]
    assert (answer.step, answer.input) == (4, "lao shi")
    assert len(answer.candidates) == 5
    assert answer in list(read_events(run.samples))


def test_save_now_saves_with_figures_of_these_weights(tmp_path: Path, every_step: None) -> None:
    run, seen = drive(tmp_path, told=((at_step(4), commands.SaveNow()),))
    saved = of(events.CheckpointSaved, seen)
    assert [event.step for event in saved] == [3, 4, 6]
    measured = next(e for e in of(events.Evaluation, seen) if e.step == 4)
    assert saved[1].metrics == measured.metrics
    assert load(run.checkpoint(4)).config.metrics == measured.metrics


def test_a_stop_between_evaluations_claims_no_figures(tmp_path: Path, every_step: None) -> None:
    """Those of an earlier step are not this checkpoint's, and it cannot be the best one by them."""
    run, _ = drive(tmp_path, told=((at_step(4), commands.StopAndSave()),))
    by_step = {entry.step: entry for entry in run.read_index().entries}
    assert by_step[3].metrics
    assert by_step[4].metrics == {}
    assert run.read_index().best == 3


def test_evaluate_now_and_publish_now(tmp_path: Path, every_step: None) -> None:
    _, seen = drive(
        tmp_path,
        "training.evaluate_every=6",
        "training.checkpoint_every=6",
        told=((at_step(2), commands.EvaluateNow()), (at_step(4), commands.PublishWeights())),
    )
    assert [e.step for e in of(events.Evaluation, seen) if e.split == "validation"] == [2, 6]
    assert [e.step for e in of(events.WeightsPublished, seen)] == [1, 2, 4, 6]


def test_the_learning_rate_can_be_changed(tmp_path: Path, every_step: None) -> None:
    _, seen = drive(
        tmp_path,
        "training.schedule='constant'",
        "training.warmup_steps=0",
        told=((at_step(3), commands.SetLearningRate(0.002)),),
    )
    rates = {step.step: step.learning_rate for step in of(events.Step, seen)}
    assert rates == pytest.approx({1: 0.01, 2: 0.01, 3: 0.01, 4: 0.002, 5: 0.002, 6: 0.002})


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_learning_rate_is_refused(value: float, tmp_path: Path, every_step: None) -> None:
    _, seen = drive(
        tmp_path,
        "training.schedule='constant'",
        told=((at_step(3), commands.SetLearningRate(value)),),
    )
    (warning,) = of(events.Warned, seen)
    assert "learning rate" in warning.message
    assert of(events.Step, seen)[-1].learning_rate == pytest.approx(0.01)
    assert isinstance(seen[-1], events.Finished)
