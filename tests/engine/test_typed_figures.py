"""Sentences typed as raw letters may decide which checkpoint is the best, and when a run stops."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from studio import tasks
from studio.data.dataset import SplitBuilder
from studio.data.prepare import prepare
from studio.engine.background import Interrupted
from studio.inference.load import load
from studio.inference.probe import decode
from studio.inference.sentences import accuracy, chosen, of_test_split, outcome
from studio.recipe import RecipeError, parse
from studio.runs import events
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from studio.tasks.base import no_tick
from tests import tiny, tiny_texts
from tests.engine.test_resume import assert_same, figures, finish, kill, pause, state

LAST = 8
TYPED = (
    f"training.max_steps={LAST}",
    "training.evaluate_every=2",
    "training.checkpoint_every=2",
    "training.checkpoints={ keep = 9, best_metric = 'typing_top1' }",
    "training.typing_sentences=12",
    "model.dropout=0.3",
)


def evaluations(run: RunFolder) -> list[events.Evaluation]:
    found = [e for e in read_events(run.metrics) if isinstance(e, events.Evaluation)]
    return [e for e in found if e.split == "validation"]


def test_they_are_what_the_finished_model_gets(tmp_path: Path) -> None:
    recipe, run = tiny.new_run(tmp_path, *TYPED)
    finish(recipe, run)
    seen = evaluations(run)
    assert [e.step for e in seen] == [2, 4, 6, 8]
    loaded = load(run.checkpoint(LAST))
    data = prepare(recipe.data, recipe.task)
    sentences = chosen(of_test_split(dataclasses.replace(data, test=data.validation)), 12, 5, 30)
    assert len(sentences) == 12
    wanted = accuracy([outcome(loaded.predictor, item, "".join(item.syllables)) for item in sentences])
    assert (seen[-1].metrics["typing_top1"], seen[-1].metrics["typing_char"]) == (wanted.top1, wanted.char)
    best = max(e.metrics["typing_top1"] or 0 for e in seen)
    index = run.read_index()
    first = next(e.step for e in seen if e.metrics["typing_top1"] == best)
    assert index.best == first


def test_nobody_types_unless_it_decides() -> None:
    (first, *_) = evaluations(tiny.finished_run())
    assert not {"typing_top1", "typing_char"} & set(first.metrics)


def test_early_stopping_may_watch_them(tmp_path: Path) -> None:
    rule = (
        "training.early_stopping={ enabled = true, metric = 'typing_char', patience = 1, min_change = 1.0 }"
    )
    recipe, run = tiny.new_run(tmp_path, *TYPED, rule)
    end = finish(recipe, run)[-1]
    assert isinstance(end, events.Finished) and (end.reason, end.step) == ("early_stopping", 4)


def test_a_run_that_was_interrupted_has_the_same_ones(tmp_path: Path) -> None:
    recipe, whole = tiny.new_run(tmp_path / "whole", *TYPED)
    finish(recipe, whole)
    recipe, broken = tiny.new_run(tmp_path / "broken", *TYPED)
    pause(recipe, broken, 3)
    kill(recipe, broken, 5)
    finish(recipe, broken)
    assert figures(broken) == figures(whole)
    assert_same(state(broken, LAST), state(whole, LAST))
    assert broken.read_index().best == whole.read_index().best


def test_typing_changes_nothing_in_what_is_learnt(tmp_path: Path) -> None:
    recipe, typed = tiny.new_run(tmp_path / "typed", *TYPED)
    finish(recipe, typed)
    recipe, silent = tiny.new_run(tmp_path / "silent", *TYPED, "training.checkpoints={ keep = 9 }")
    finish(recipe, silent)
    first, second = (state(run, LAST) for run in (typed, silent))
    assert all(torch.equal(v, second[n]) for n, v in first.items() if isinstance(v, torch.Tensor))


@pytest.mark.slow
@pytest.mark.timeout(235)
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_several_processes_report_what_one_does(strategy: str, tmp_path: Path) -> None:
    short = (*TYPED, "training.max_steps=4", "model.dropout=0.0")
    recipe, run = tiny.new_run(
        tmp_path / "two", *short, "compute.processes=2", f"compute.strategy='{strategy}'"
    )
    finish(recipe, run)
    recipe, alone = tiny.new_run(tmp_path / "one", *short, "training.accumulation=2")
    finish(recipe, alone)
    for one, two in zip(evaluations(alone), evaluations(run), strict=True):
        assert one.metrics["typing_char"] == pytest.approx(two.metrics["typing_char"], abs=0.02)


def test_typing_can_be_broken_off() -> None:
    recipe = tiny.recipe()
    data = prepare(recipe.data, recipe.task)
    task = tasks.create(recipe.task).prepare(data)
    model = task.build_model(recipe).eval()
    seen: list[tuple[int, int]] = []

    def tick(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        decode.typed(model, task, data.validation, 10, tick)
    assert seen == [(done, 10) for done in range(4)]


def test_where_there_is_nothing_to_type_there_is_no_figure() -> None:
    recipe = tiny.recipe()
    data = prepare(recipe.data, recipe.task)
    task = tasks.create(recipe.task).prepare(data)
    found = decode.typed(task.build_model(recipe).eval(), task, SplitBuilder().build(), 10, no_tick)
    assert found == {"typing_top1": None, "typing_char": None}


def test_other_tasks_have_nothing_to_type() -> None:
    values = tiny_texts.classification().model_dump(mode="json")
    values["training"]["checkpoints"]["best_metric"] = "typing_top1"
    with pytest.raises(RecipeError, match="no figure that the task text_classification reports"):
        parse(values)


def test_a_recipe_says_what_it_measures() -> None:
    assert "typing_top1" not in tiny.recipe().measured
    assert {"typing_top1", "typing_char"} < set(tiny.recipe(*TYPED).measured)
