"""Layers by the names of their weights."""

from __future__ import annotations

import pytest

from studio.models.depth import in_layer, layer_of, layers_of, placed

NAMES = {
    "encoder.layers.3.expand.weight": 3,
    "encoder.recurrent.weight_ih_l1_reverse": 1,
    "encoder.pretrained.encoder.layer.11.attention.self.query.weight": 11,
    "encoder.pretrained.encoder.layer.0.attention.self.query.lora_A.default.weight": 0,
    "encoder.pretrained.layers.2.mlp.Wi.weight": 2,
    "encoder.pretrained.transformer.layer.4.ffn.lin1.weight": 4,
    "encoder.pretrained.encoder.albert_layer_groups.0.albert_layers.0.ffn.weight": None,
    "encoder.pretrained.embeddings.word_embeddings.weight": None,
    "embedding.weight": None,
    "head.weight": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_layer_of_a_weight(name: str) -> None:
    assert layer_of(name) == NAMES[name]
    if NAMES[name] is None:
        assert in_layer(name, 7) == name
    else:
        assert layer_of(in_layer(name, 7)) == 7 and in_layer(in_layer(name, 7), NAMES[name]) == name


def test_how_many_there_are() -> None:
    assert layers_of(NAMES) == 12 and layers_of(["head.weight"]) == 0


@pytest.mark.parametrize(
    ("ours", "theirs", "how", "expected"),
    [
        (3, 3, "spaced", (0, 1, 2)),
        (2, 4, "first", (0, 1)),
        (3, 12, "spaced", (0, 6, 11)),
        (1, 12, "spaced", (0,)),
        (4, 2, "first", (0, 1, -1, -1)),
        (4, 2, "spaced", (0, -1, -1, 1)),
        (2, 0, "first", (-1, -1)),
        (0, 2, "spaced", ()),
    ],
)
def test_which_layers_are_taken(ours: int, theirs: int, how: str, expected: tuple[int, ...]) -> None:
    assert placed(ours, theirs, how) == expected
