"""Tasks in recipes: what goes together, and what is said where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from studio.recipe import Recipe, RecipeError, dump, load, parse, presets
from studio.recipe.task import TASKS, lower_is_better
from tests.shipped import resolved

REVIEWS = {"sources": [{"kind": "builtin", "name": "reviews"}]}


def refused(values: dict[str, Any]) -> str:
    with pytest.raises(RecipeError) as error:
        parse(values)
    return str(error.value)


@pytest.mark.parametrize(
    ("task", "family"),
    [
        ("pinyin_to_hanzi", "text_cnn"),
        ("pinyin_to_hanzi", "causal_cnn"),
        ("text_classification", "causal_recurrent"),
        ("language_model", "transformer_encoder"),
        ("language_model", "recurrent"),
        ("hanzi_to_pinyin", "text_cnn"),
        ("sequence_labelling", "causal_cnn"),
    ],
)
def test_networks_that_cannot_learn_a_task(task: str, family: str) -> None:
    said = refused({"task": {"name": task}, "data": REVIEWS, "model": {"family": family}})
    assert f"model.family {family} does not go with the task {task}" in said
    assert TASKS[task].FAMILIES[0] in said


def test_figures_of_another_task() -> None:
    values = {
        "task": {"name": "text_classification"},
        "data": REVIEWS,
        "training": {"checkpoints": {"best_metric": "character_accuracy"}},
    }
    assert "macro_f1" in refused(values)


def test_texts_without_labels() -> None:
    data = {"sources": [{"kind": "builtin", "name": "peoples_daily"}]}
    assert "peoples_daily has no labels" in refused({"task": {"name": "text_classification"}, "data": data})


def test_an_unknown_task() -> None:
    said = refused({"task": {"name": "mind_reading"}, "data": REVIEWS})
    assert "task.name: 'mind_reading' is not known" in said
    assert "text_classification" in said


def test_texts_longer_than_the_network_takes() -> None:
    values = {
        "task": {"name": "text_classification", "max_length": 512},
        "data": REVIEWS,
        "model": {"family": "transformer_encoder", "max_length": 256},
    }
    assert "task.max_length 512 is longer than model.max_length 256" in refused(values)


def test_without_a_task_it_is_pinyin() -> None:
    for values in ({"data": REVIEWS}, {"data": REVIEWS, "task": {}}):
        assert parse(values).task.name == "pinyin_to_hanzi"


@pytest.mark.parametrize("name", [preset.name for preset in presets() if preset.builtin])
def test_presets_come_back_as_they_were(name: str, tmp_path: Any) -> None:
    recipe: Recipe = resolved(name)
    path = tmp_path / "recipe.toml"
    path.write_text(dump(recipe), encoding="utf-8")
    assert load(path) == recipe
    assert recipe.training.checkpoints.best_metric in recipe.task.METRICS


def test_every_task_names_its_own_figures() -> None:
    for section in TASKS.values():
        assert section.BEST in section.METRICS
        assert "validation_loss" in section.METRICS


@pytest.mark.parametrize(
    ("metric", "lower"),
    [
        ("validation_loss", True),
        ("test_loss", True),
        ("accuracy", False),
        ("macro_f1", False),
        ("perplexity", True),
    ],
)
def test_which_way_is_better(metric: str, lower: bool) -> None:
    assert lower_is_better(metric) is lower
