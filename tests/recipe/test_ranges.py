"""Ranges of fields as text: what they mean, and everything that is wrong with them at once."""

from __future__ import annotations

import math
import random

import pytest

from studio.recipe import RecipeError, presets
from studio.recipe.ranges import Range, parse_ranges, searchable, with_values
from tests import tiny
from tests.shipped import resolved


def one(text: str) -> Range:
    (found,) = parse_ranges([text], tiny.recipe())
    return found


def mistakes(*texts: str) -> dict[str, str]:
    with pytest.raises(RecipeError) as caught:
        parse_ranges(texts, tiny.recipe())
    return {problem.path: f"{problem.reason} ({problem.remedy})" for problem in caught.value.problems}


def test_what_the_texts_mean() -> None:
    assert one("training.learning_rate=1e-4..1e-2:log") == Range(
        "training.learning_rate", low=1e-4, high=1e-2, log=True
    )
    assert one("model.layers = 1 .. 4") == Range("model.layers", whole=True, low=1, high=4)
    assert one("training.token_budget=64..512/64").step == 64
    assert one("training.max_steps=10..1e3:log").high == 1000
    assert one("model.dropout=0,0.1,0.2").choices == (0.0, 0.1, 0.2)
    assert one("training.schedule=cosine,linear").choices == ("cosine", "linear")
    assert one("data.cleaning.strip_markup=true,false").choices == (True, False)
    assert one("compute.device=cpu,cuda:1").choices == ("cpu", "cuda:1")


@pytest.mark.parametrize(
    "text",
    ["training.learning_rate=0.0001..0.01:log", "model.layers=1..4", "training.token_budget=64..512/64",
     "model.dropout=0,0.1,0.2", "training.schedule=cosine,linear", "data.cleaning.strip_markup=true,false"],
)  # fmt: skip
def test_a_range_says_itself(text: str) -> None:
    assert str(one(text)) == text
    assert one(str(one(text))) == one(text)


def test_how_many_there_are_and_drawing_them() -> None:
    source = random.Random(1)
    for text, size in (
        ("model.layers=1..4", 4),
        ("training.token_budget=64..500/64", 7),
        ("model.dropout=0,0.1", 2),
    ):
        found = one(text)
        assert found.size == size
        drawn = {found.draw(source) for _ in range(200)}
        assert len(drawn) == size
        if not found.choices:
            assert all(found.low <= value <= found.high for value in drawn)
    rate = one("training.learning_rate=1e-4..1e-2:log")
    assert math.isinf(rate.size)
    drawn_rates = [rate.draw(source) for _ in range(400)]
    assert all(1e-4 <= value <= 1e-2 for value in drawn_rates)
    assert 100 < sum(value < 1e-3 for value in drawn_rates) < 300, "evenly by order of magnitude"


def test_everything_wrong_is_told_at_once() -> None:
    found = mistakes(
        "training.learning_rat=1e-4..1e-2",
        "model.layers=1.5..4",
        "model.dropout=0..0.9",
        "training.schedule=cosine..linear",
        "training.optimizer=adamw,sgdd",
        "training.warmup_steps=5",
        "training.max_steps=9..3",
        "training.seed=0..9:log",
        "training.weight_decay=0..1/3",
        "training.clip_norm=1..2:lin",
        "training.token_budget=64..512:log/64",
        "model.heads=1,2,2",
        "model.family=transformer_encoder,recurrent",
        "model.cell=lstm,gru",
        "name=a,b",
        "compute.device=cpu,potato",
        "nonsense",
    )
    assert "did you mean 'training.learning_rate'" in found["training.learning_rat"]
    assert "whole numbers" in found["model.layers"]
    assert "below 0.9" in found["model.dropout"]
    assert "cosine" in found["training.schedule"]
    assert "'sgdd'" in found["training.optimizer"] and "adamw, sgd" in found["training.optimizer"]
    assert "one value only" in found["training.warmup_steps"]
    assert "empty" in found["training.max_steps"]
    assert "above 0" in found["training.seed"]
    assert "step" in found["training.weight_decay"]
    assert "'lin' is no scale" in found["training.clip_norm"]
    assert "either" in found["training.token_budget"]
    assert "twice" in found["model.heads"]
    assert "cannot be searched" in found["model.family"]
    assert "unknown" in found["model.cell"], "the other family's"
    assert "cannot be searched" in found["name"]
    assert "potato" in found["compute.device"]
    assert "not dotted.key=range" in found["nonsense"]


def test_a_field_twice_and_none_at_all() -> None:
    assert "twice" in mistakes("model.layers=1..2", "model.layers=1..3")["model.layers"]
    assert "nothing to search" in mistakes()[""]


def test_ranges_of_which_nothing_fits_together() -> None:
    assert "no combination fits" in next(iter(mistakes("model.heads=3,5").values()))
    assert parse_ranges(["model.heads=3,5", "model.width=48,64"], tiny.recipe())


def test_setting_values() -> None:
    made = with_values(tiny.recipe(), {"model.layers": 3, "training.schedule": "linear"}, "x-t01")
    assert (made.model.layers, made.training.schedule, made.name) == (3, "linear", "x-t01")
    with pytest.raises(RecipeError, match="multiple of heads"):
        with_values(tiny.recipe(), {"model.heads": 3})


def test_every_searchable_field_of_the_presets_takes_its_own_value() -> None:
    for preset in presets():
        recipe = resolved(preset.name)
        fields = searchable(recipe)
        assert "training.learning_rate" in fields and "name" not in fields and "model.family" not in fields
        assert not any(path.startswith(("data.sources", "data.splits")) for path in fields)
