"""The trial of a recipe: which batches it sees, how they are timed, what comes of it."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from studio import tasks
from studio.data.prepare import prepare
from studio.engine.ema import WeightAverage
from studio.engine.estimate import disk, estimate, looks, saves, sizes, worth_trying
from studio.engine.optimisation import make_optimizer
from studio.engine.rehearsal import rehearse
from studio.engine.room import _limits, disk_free, forget_peak, memory_free, own_bytes, peak_memory
from studio.engine.synthetic import synthetic
from studio.engine.trial import Plan, Stopwatch, enough
from studio.inference.probe import Decoder, decode
from studio.recipe import Recipe, Training
from studio.runs.estimates import RunEstimated, verdict
from studio.runs.folder import RunFolder
from studio.tasks.base import Metrics
from tests import tiny

# --- counting ----------------------------------------------------------------------------------------------


def real_bytes(recipe: Recipe) -> tuple[int, int, int, int]:
    """Parameters, and bytes of weights, gradients and optimiser state after one step of the real thing."""
    dataset = prepare(recipe.data)
    task = tasks.create(recipe.task.name).prepare(dataset)
    model = task.build_model(recipe)
    optimizer = make_optimizer(model, recipe.training)
    model(**task.collate(task.examples(dataset, "train"), np.arange(4)).inputs).backward()
    optimizer.step()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    states = [
        v for s in optimizer.state.values() for v in s.values() if isinstance(v, torch.Tensor) and v.ndim
    ]
    weights = [*model.parameters(), *model.buffers()]
    count = sum(p.numel() for p in model.parameters())
    return (count, *(sum(t.nbytes for t in group) for group in (weights, gradients, states)))


@pytest.mark.parametrize("momentum", [0.9, 0.0])
@pytest.mark.parametrize("optimizer", get_args(Training.model_fields["optimizer"].annotation))
@pytest.mark.parametrize("family", ["transformer", "gru"])
def test_counts_are_those_of_the_real_model(optimizer: str, family: str, momentum: float) -> None:
    values = tiny.values()
    values["training"] |= {"optimizer": optimizer, "momentum": momentum}
    if family == "gru":
        values["model"] = {
            "family": "recurrent",
            "cell": "gru",
            "width": 16,
            "layers": 1,
            "ngram_buckets": 64,
        }
    recipe = Recipe.model_validate(values)
    task = tasks.create(recipe.task.name).prepare(prepare(recipe.data))
    counted = sizes(recipe, task)
    real = real_bytes(recipe)
    assert (counted.parameters, counted.weights, counted.gradients, counted.optimizer) == real


def test_an_average_of_the_weights_and_frozen_weights_count() -> None:
    recipe = tiny.recipe("training.ema_decay=0.99")
    task = tasks.create(recipe.task.name).prepare(prepare(recipe.data))
    counted = sizes(recipe, task)
    average = WeightAverage(task.build_model(recipe), 0.99).model
    assert counted.average == sum(t.nbytes for t in average.state_dict().values())
    frozen = sizes(tiny.recipe('training.frozen=["encoder.*"]'), task)
    assert frozen.weights == counted.weights
    assert frozen.gradients < counted.gradients
    assert frozen.optimizer < counted.optimizer


def test_without_data_the_vocabulary_is_a_guess() -> None:
    recipe = tiny.recipe()
    guess = estimate(recipe, None, None, "g")
    assert not guess.exact
    assert "not_prepared" in guess.notes
    assert guess.parameters > 9_700 * recipe.model.width
    assert guess.seconds_total is None


@pytest.mark.parametrize(
    ("steps", "evaluate", "save"), [(6, 3, 3), (10, 4, 3), (7, 10, 20), (1, 1, 1), (12, 4, 6)]
)
def test_evaluations_and_checkpoints_are_counted_as_a_run_makes_them(
    steps: int, evaluate: int, save: int
) -> None:
    training = tiny.recipe(
        f"training.max_steps={steps}",
        f"training.evaluate_every={evaluate}",
        f"training.checkpoint_every={save}",
    ).training
    saved = [n for n in range(1, steps + 1) if n % save == 0 or n == steps]
    looked = [n for n in range(1, steps + 1) if n % evaluate == 0 or n in saved]
    assert saves(training) == len(saved)
    assert looks(training) == len(looked)


def test_the_disk_counts_what_is_kept() -> None:
    recipe = tiny.recipe(
        "training.max_steps=100", "training.checkpoint_every=10", "training.checkpoints.keep=3"
    )
    assert disk(recipe, 1000, 10, None)["checkpoints"] == 3000
    assert disk(recipe, 1000, 10, None)["live"] == 20
    nth = tiny.recipe(
        "training.max_steps=100", "training.checkpoint_every=10", "training.checkpoints.every_nth=5",
        "training.checkpoints.keep=1",
    )  # fmt: skip
    assert disk(nth, 1000, 10, None)["checkpoints"] == 2000  # 50, and 100 which is also the newest


# --- whether there is room ---------------------------------------------------------------------------------


def test_verdicts() -> None:
    assert [verdict(wanted, 100) for wanted in (80, 81, 100, 101)] == ["fits", "tight", "tight", "too_large"]
    guess = estimate(tiny.recipe(), None, None)
    assert guess.verdict == "fits"
    assert worth_trying(guess)
    assert dataclasses.replace(guess, memory_free=guess.memory_total + 1).verdict == "tight"
    crowded = dataclasses.replace(guess, disk_free=1)
    assert (crowded.memory_verdict, crowded.disk_verdict, crowded.verdict) == (
        "fits",
        "too_large",
        "too_large",
    )
    assert not worth_trying(crowded)
    assert dataclasses.replace(guess, memory_held=10**15).verdict == "too_large"


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    inner = tmp_path / "fs" / "box" / "inner"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    (inner / "memory.current").write_text("100\n")
    (inner.parent / "memory.max").write_text("5000\n")
    (inner.parent / "memory.current").write_text("2000\n")
    (inner.parent / "memory.stat").write_text("anon 1500\ninactive_file 400\n")
    own = tmp_path / "cgroup"
    own.write_text("0::/box/inner\n")
    assert _limits(tmp_path / "fs", own) == [(5000, 1600)]
    old = tmp_path / "fs" / "memory" / "job"
    old.mkdir(parents=True)
    (old / "memory.limit_in_bytes").write_text("7000\n")
    (old / "memory.usage_in_bytes").write_text("1000\n")
    own.write_text("5:cpu:/job\n4:memory:/job\n")
    assert _limits(tmp_path / "fs", own) == [(7000, 1000)]
    assert _limits(tmp_path / "fs", tmp_path / "missing") == []


def test_what_is_free(tmp_path: Path) -> None:
    assert memory_free() > 10_000_000
    assert peak_memory() > 10_000_000
    assert disk_free(tmp_path / "not" / "yet") == pytest.approx(disk_free(tmp_path), rel=0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can begin anew")
def test_a_peak_can_be_forgotten() -> None:
    block = np.ones(40_000_000)
    high = peak_memory()
    del block
    forget_peak()
    assert peak_memory() < high - 200_000_000


def test_a_file_with_another_name_elsewhere_takes_no_room(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"x" * 1000)
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "weights").write_bytes(b"x" * 10)
    (folder / "linked").hardlink_to(tmp_path / "cache")
    assert own_bytes(folder) == 10


# --- the plan of a trial -----------------------------------------------------------------------------------


def plan(accumulation: int = 1) -> tuple[Plan, np.ndarray, list[np.ndarray]]:
    """Batches of about 100 positions, of rows 2 to 20 long."""
    lengths, batches = [], []
    for length in range(2, 21):
        rows = 100 // length
        batches.append(np.arange(len(lengths), len(lengths) + rows))
        lengths += [length] * rows
    return Plan(batches, np.array(lengths), accumulation), np.array(lengths), batches


def test_the_first_batch_is_the_one_that_needs_most() -> None:
    made, lengths, _ = plan()
    assert set(lengths[made.next_batch()]) == {20}
    made.begun = True
    seen = [int(lengths[made.next_batch()].max()) for _ in range(7)]
    assert seen[0] == 20
    assert seen[1:4] == [11, 4, 18]
    assert len(set(seen[1:])) == 6


def test_a_step_has_batches_of_one_kind() -> None:
    made, lengths, _ = plan(accumulation=3)
    made.begun = True
    seen = [int(lengths[made.next_batch()].max()) for _ in range(9)]
    assert [len(set(seen[at : at + 3])) for at in (0, 3, 6)] == [1, 1, 1]


@pytest.mark.parametrize("accumulation", [1, 4])
def test_the_mean_batch_is_that_of_the_epoch(accumulation: int) -> None:
    """If a batch takes a time in proportion to the length of its rows, few steps tell the mean of all."""
    made, lengths, batches = plan(accumulation)
    made.begun = True
    steps = []
    for number in range(7):
        shown = [made.next_batch() for _ in range(accumulation)]
        taken = sum(
            0.01 * int(lengths[batch].max()) * len(batch) * int(lengths[batch].max()) for batch in shown
        )
        steps.append(taken + 0.5 + (100 if number == 0 else 0))
    mean = np.mean([0.01 * int(lengths[b].max()) ** 2 * len(b) for b in batches])
    assert made.batch_seconds(steps, 0.5) == pytest.approx(mean, rel=0.02)


def test_enough() -> None:
    assert not enough([0.1] * 4)
    assert enough([2.0] * 4)
    assert not enough([2.0] * 5)  # whole rounds only
    assert enough([9.0, 9.0, 9.0])
    assert not enough([20.0])
    assert enough([20.0, 20.0])
    assert enough([0.001] * 40)


def test_the_stopwatch_sees_optimiser_steps_alone() -> None:
    watch = Stopwatch(torch.device("cpu"))
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    seen = []
    with watch.watching(lambda: seen.append(1)):
        for _ in range(3):
            weight.sum().backward()
            optimizer.step()
    optimizer.step()
    assert len(watch.steps) == len(watch.optimizer) == len(seen) == 3
    assert all(0 < part <= whole for part, whole in zip(watch.optimizer, watch.steps, strict=True))


# --- the whole ---------------------------------------------------------------------------------------------


def test_a_trial_of_a_tiny_recipe(tmp_path: Path) -> None:
    recipe = tiny.recipe("training.accumulation=2", "training.ema_decay=0.9")
    prepare(recipe.data)
    found = rehearse(recipe, RunFolder(tmp_path), decode, 10**12)
    assert isinstance(found, RunEstimated)
    assert found.tried
    assert found.exact
    assert found.memory_free == 10**12
    assert found.precision == "fp32"
    assert set(found.seconds) == {"starting", "training", "evaluating", "saving", "testing"}
    assert all(value > 0 for value in found.seconds.values())
    assert found.memory["average"] > 0
    assert found.step_seconds is not None
    checkpoint = next((tmp_path / "checkpoints").iterdir())
    size = sum(file.stat().st_size for file in checkpoint.iterdir() if file.stat().st_nlink == 1)
    assert found.disk["checkpoints"] == 2 * size
    counted = estimate(
        recipe, tasks.create(recipe.task.name).prepare(prepare(recipe.data)), prepare(recipe.data)
    )
    assert counted.disk["checkpoints"] == pytest.approx(found.disk["checkpoints"], rel=0.3)


def test_typing_is_estimated_by_its_sentences(tmp_path: Path) -> None:
    """Whatever else an evaluation takes: 30 sentences of the trial take 0.3 s here, so 60 take 0.6 s each time."""

    class Slow(Decoder):
        def typed(self, *given: Any) -> Metrics:
            time.sleep(given[3] / 100)
            return {"typing_top1": 0.5, "typing_char": 0.5}

    settings = ("training.checkpoints.best_metric='typing_top1'", "training.typing_sentences=60")
    found = rehearse(tiny.recipe(*settings), RunFolder(tmp_path), Slow(), 10**12)
    assert 1.2 <= found.seconds["evaluating"] < 3.0, "two evaluations"


def test_synthetic_data_are_like_what_the_recipe_asks_for() -> None:
    recipe = tiny.recipe("data.cleaning.max_length=12", 'data.sources=[{kind="builtin",name="reviews"}]')
    made = synthetic(recipe.data)
    assert made.train.lengths.min() >= recipe.data.cleaning.min_length
    assert made.train.lengths.max() == 12
    assert len(made.train.text) == int(made.train.lengths.sum()) == len(made.train.syllables)
    assert 300_000 < len(made.train.text) < 2_000_000
    assert len(made.validation) > 100
    tasks.create("pinyin_to_hanzi").prepare(made)


def test_a_trial_before_the_data_are_prepared(tmp_path: Path) -> None:
    recipe = tiny.recipe("data.splits.seed=4711")
    found = rehearse(recipe, RunFolder(tmp_path), decode, 10**12)
    assert found.tried
    assert not found.exact
    assert "not_prepared" in found.notes
