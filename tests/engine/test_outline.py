"""The outline of a network: every number once, alike parts together, in the order in which they are gone through."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio.engine.estimate import sizes
from studio.engine.outline import outline
from studio.recipe import Recipe
from studio.runs.estimates import NetworkPart
from tests import tiny, tiny_texts


def in_all(parts: tuple[NetworkPart, ...]) -> int:
    return sum(part.parameters * part.times for part in parts)


@pytest.mark.parametrize(
    "recipe",
    [
        tiny.recipe(),
        tiny_texts.classification(),
        tiny_texts.classification(family="recurrent"),
        tiny_texts.language_model(family="causal_cnn"),
        tiny_texts.language_model("task.vocabulary.embedding=one_hot"),
        tiny_texts.masked(),
        tiny_texts.correction(),
    ],
    ids=lambda recipe: f"{recipe.task.name}-{recipe.model.family}",
)
def test_every_number_is_told_once(recipe: Recipe) -> None:
    found = sizes(recipe, None)
    assert in_all(found.outline) == found.parameters
    for part in found.outline:
        if part.parts:
            assert in_all(part.parts) == part.parameters


def test_layers_that_are_alike_are_told_once() -> None:
    (encoder,) = (p for p in sizes(tiny.recipe("model.layers=3"), None).outline if p.kind == "encoder")
    layers = [part for part in encoder.parts if part.kind == "layer"]
    assert [part.times for part in layers] == [3]
    assert [part.kind for part in layers[0].parts] == ["norm", "linear", "linear", "norm", "linear", "linear"]


def test_shapes_say_from_where_to_where() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Parameter(torch.zeros(2, 5))
            self.embedding = nn.Embedding(1200, 16)
            self.reads = nn.LSTM(16, 8, bidirectional=True)
            self.filters = nn.Conv1d(16, 4, 3)
            self.drop = nn.Dropout()

    model = Model()
    model.reads.requires_grad_(False)
    found = {part.name: part for part in outline(model)}
    assert list(found) == ["embedding", "reads", "filters", ""]
    assert found["embedding"].shape == "1,200 → 16"
    assert found["reads"].shape == "16 → 2 × 8" and found["reads"].learnt == 0
    assert found["filters"].shape == "16 → 4, 3"
    assert found[""].kind == "own" and found[""].shape == "2 × 5"


def test_a_number_that_two_parts_share_counts_once() -> None:
    model = nn.Module()
    model.one, model.other = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
    model.other.weight = model.one.weight
    assert in_all(outline(model)) == 9
