"""Weights from one model to another."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from studio import tasks
from studio.data.prepare import prepare
from studio.recipe import Recipe
from studio.tasks.passing import pass_weights
from studio.tasks.rows import rows_of
from tests import tiny, tiny_texts


def built(recipe: Recipe, seed: int, **known: Any) -> tuple[nn.Module, Any]:
    task = tasks.create(recipe.task)
    for name, value in known.items():
        setattr(task, name, value)
    made = task.prepare(prepare(recipe.data, recipe.task))
    torch.manual_seed(seed)
    return made.build_model(recipe), made


def test_alike_in_everything() -> None:
    (old, task), (new, _) = built(tiny_texts.masked(), 1), built(tiny_texts.masked(), 2)
    passed = pass_weights(old, task, new, task)
    assert not passed.resized and not passed.new and not passed.left
    for one, other in zip(old.parameters(), new.parameters(), strict=True):
        assert torch.equal(one, other)


def test_characters_are_matched_wherever_they_stand() -> None:
    old, old_task = built(tiny_texts.masked(), 1)
    new, task = built(tiny_texts.masked(), 2, known=("[MASK]", "龘", "天"))
    before = new.embedding.weight.detach().clone()  # type: ignore[union-attr]
    passed = pass_weights(old, old_task, new, task)
    found, count = passed.resized["embedding.weight"]
    assert count == found + 1 == len(task.symbols)
    for character in "今天我":
        ours, theirs = task.symbols.index[character], old_task.symbols.index[character]
        assert torch.equal(new.embedding.weight[ours], old.embedding.weight[theirs])  # type: ignore[union-attr, index]
    odd = task.symbols.index["龘"]
    assert torch.equal(new.embedding.weight[odd], before[odd])  # type: ignore[union-attr, index]
    assert "ngrams.table" in passed.new, "its rows are found by the characters' numbers, which are others"


def test_less_deep_and_deeper() -> None:
    two = tiny_texts.masked("model.layers=2")
    one = tiny_texts.masked("model.layers=1")
    (deep, task), (flat, _) = built(two, 1), built(one, 2)
    down = pass_weights(deep, task, flat, task)
    assert not down.new and all(name.startswith("encoder.layers.1.") for name in down.left)
    up = pass_weights(flat, task, deep, task)
    assert all(name.startswith("encoder.layers.1.") for name in up.new) and not up.left


def test_tasks_that_share_no_symbols() -> None:
    old, old_task = built(tiny.recipe(), 1)
    new, task = built(tiny_texts.masked(), 2)
    passed = pass_weights(old, old_task, new, task)
    assert {"embedding.weight", "ngrams.table", "bias"} <= set(passed.new)
    assert any(name.startswith("encoder.") for name in passed.taken)


def test_labels_are_matched_by_name() -> None:
    (old, task), (new, other) = built(tiny_texts.classification(), 1), built(tiny_texts.classification(), 2)
    other.labels = tuple(reversed(task.labels))
    pass_weights(old, task, new, other)
    assert torch.equal(new.head.weight[0], old.head.weight[1])  # type: ignore[union-attr, index]


def test_rows_are_as_many_as_weights_have() -> None:
    for recipe in (
        tiny.recipe(),
        tiny_texts.masked(),
        tiny_texts.language_model(),
        tiny_texts.classification(),
    ):
        model, task = built(recipe, 1)
        weights = dict(model.named_parameters())
        named = {name: rows for name, rows in rows_of(task).items() if name in weights}
        assert "embedding.weight" in named
        for name, rows in named.items():
            assert len(rows) == len(weights[name]), name
            assert len(set(rows)) == len(rows), name
