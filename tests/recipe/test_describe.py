"""Fields as data, from which forms and explanations are made."""

from __future__ import annotations

from typing import Any

import pytest

from studio.recipe import FieldDescription, Recipe, RecipeError, describe, parse, walk
from studio.recipe.task import TASKS
from tests import tiny

FIELDS = {field.path: field for field in walk()}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_field_has_words_for_people(field: FieldDescription) -> None:
    assert field.title[:1].isupper()
    assert len(field.help) > 8
    assert field.help.endswith((".", "?"))


def test_the_names_that_others_rely_on() -> None:
    names = ["max_steps", "token_budget", "evaluate_every", "checkpoint_every", "seed", "learning_rate"]
    wanted = {f"training.{name}" for name in names} | {"compute.device", "compute.processes", "task.name"}
    assert wanted <= set(FIELDS)


def test_kinds_bounds_and_choices() -> None:
    rate = FIELDS["training.learning_rate"]
    assert (rate.kind, rate.minimum, rate.exclusive_minimum, rate.maximum) == ("number", 0, True, 10)
    assert rate.bounds == "above 0, at most 10"
    assert FIELDS["training.max_steps"].kind == "integer"
    offered = FIELDS["training.early_stopping.metric"]
    assert (offered.kind, offered.choices[0]) == ("choice", "validation_loss")
    assert FIELDS["training.schedule"].choices == (
        "constant",
        "linear",
        "cosine",
        "one_cycle",
        "plateau",
    )
    assert FIELDS["training.probes"].kind == "lines"
    assert set(FIELDS["model"].variants) >= {"transformer_encoder", "recurrent", "text_cnn"}
    assert set(FIELDS["task"].variants) == set(TASKS)
    assert FIELDS["model"].discriminator == "family"
    assert FIELDS["data.sources"].kind == "list"


def numbers() -> list[FieldDescription]:
    one_family = ("model.cell",)
    return [
        field
        for field in FIELDS.values()
        if field.kind in ("integer", "number") and field.path not in one_family and field.path != "version"
    ]


def with_value(path: str, value: float) -> dict[str, Any]:
    values = tiny.values()
    node: Any = values
    *sections, name = path.split(".")
    for empty in ("steps", "augmentation"):
        if sections[:2] == ["data", empty]:
            item = next(v for v in FIELDS[f"data.{empty}"].variants.values() if name in v.model_fields)
            needed = {key: "a" for key, info in item.model_fields.items() if info.is_required()}
            values["data"][empty] = [{"kind": item.model_fields["kind"].default, **needed}]
    if sections[:2] == ["task", "vocabulary"]:
        values["task"] = {"name": "text_classification"}
    for section in sections:
        node = node[int(section)] if isinstance(node, list) else node.setdefault(section, {})
    node[name] = value
    return values


@pytest.mark.parametrize("field", numbers(), ids=lambda field: field.path)
def test_what_lies_outside_the_described_bounds_is_refused(field: FieldDescription) -> None:
    """A form built from the description must not let through what the recipe refuses, nor the reverse."""
    outside = []
    if field.minimum is not None:
        outside.append(field.minimum if field.exclusive_minimum else field.minimum - 1)
    if field.maximum is not None:
        outside.append(field.maximum if field.exclusive_maximum else field.maximum + 1)
    assert outside, "a number without bounds"
    for value in outside:
        with pytest.raises(RecipeError) as caught:
            parse(with_value(field.path, int(value) if field.kind == "integer" else value))
        assert field.path in [problem.path for problem in caught.value.problems]


def test_defaults_are_those_of_the_recipe() -> None:
    for field in describe(Recipe):
        if not field.required:
            assert getattr(tiny.recipe(), field.name).__class__ is field.default.__class__
