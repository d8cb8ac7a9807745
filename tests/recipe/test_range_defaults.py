"""A range that is offered for a field is one that a search takes."""

from __future__ import annotations

from functools import reduce

import pytest

from studio.recipe import presets
from studio.recipe.range_defaults import suggested
from studio.recipe.ranges import parse_ranges, searchable
from tests import tiny
from tests.shipped import resolved


@pytest.mark.parametrize("preset", [preset.name for preset in presets()])
def test_every_field_of_every_preset(preset: str) -> None:
    recipe = resolved(preset)
    offered = 0
    for path, field in searchable(recipe).items():
        value = reduce(getattr, path.split("."), recipe)
        found = suggested(field, value)
        if found is None:
            assert field.kind == "text"
            continue
        offered += 1
        alone = field.name in (
            "heads",
            "max_length",
            "processes",
            "nodes",
            "min_length",
        )  # other fields have a say
        if not alone:
            assert parse_ranges([str(found)], recipe)[0].path == path, str(found)
        if found.choices:
            assert value in found.choices
        else:
            assert found.low <= value <= found.high or value == field.maximum, str(found)
    assert offered > 20


def test_what_is_offered() -> None:
    fields = searchable(tiny.recipe())
    assert (
        str(suggested(fields["training.learning_rate"], 0.003)) == "training.learning_rate=0.0006..0.015:log"
    )
    assert str(suggested(fields["model.layers"], 4)) == "model.layers=2..8"
    assert str(suggested(fields["model.width"], 256)) == "model.width=128..512/32"
    assert str(suggested(fields["model.dropout"], 0.1)) == "model.dropout=0..0.3"
