"""Steps and augmentation as parts of a recipe: what is refused, and what people are told of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from studio import paths
from studio.gui.forms.words import CHOICES
from studio.recipe import RecipeError, describe, dump, parse, walk
from studio.recipe.augmentation import AUGMENTATION_KINDS, FuzzySounds, unsuitable
from studio.recipe.data import Data
from studio.recipe.patterns import compile_pattern, parse_template
from studio.recipe.steps import STEP_KINDS
from studio.runs.doctor_requests import CHECKS
from studio.runs.requests import FUZZY_PAIRS
from tests import tiny

LISTS = {field.name: field for field in describe(Data, "data") if field.name in ("steps", "augmentation")}
VARIANTS = [variant for field in LISTS.values() for variant in field.variants.values()]


def recipe_with(**changes: Any) -> dict[str, Any]:
    values = tiny.values()
    values["data"] |= changes
    return values


def complaints(**changes: Any) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        parse(recipe_with(**changes))
    return [str(problem) for problem in caught.value.problems]


def test_a_recipe_has_none_unless_it_says_so() -> None:
    data = parse(tiny.values()).data
    assert data.steps == ()
    assert data.augmentation == ()


def test_steps_keep_their_order_through_toml() -> None:
    import tomllib

    steps = [
        {"kind": "drop_repeats"},
        {"kind": "mask_personal", "mask": "tag"},
        {"kind": "filter_pattern", "pattern": r"^\p{Han}+$", "matches": "keep"},
        {"kind": "drop_repeats", "part": "line"},
    ]
    recipe = parse(recipe_with(steps=steps))
    again = parse(tomllib.loads(dump(recipe)))
    assert [step.kind for step in again.data.steps] == [step["kind"] for step in steps]
    assert again.data == recipe.data


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"kind": "dance"}, "data.steps.0.kind: 'dance' is not known"),
        (
            {"kind": "replace_pattern", "pattern": "(a"},
            "data.steps.0: the pattern is not understood: missing ): (a",
        ),
        ({"kind": "replace_pattern", "pattern": r"(a)\1"}, "invalid escape sequence"),
        ({"kind": "replace_pattern", "pattern": "(?=a)"}, "not understood"),
        ({"kind": "replace_pattern", "pattern": "(a)", "replacement": r"\2"}, "names a group 2"),
        ({"kind": "replace_pattern", "pattern": "(a)", "replacement": r"\g<x>"}, "names a group x"),
        ({"kind": "filter_pattern", "pattern": "a" * 501}, "data.steps.0.pattern"),
        ({"kind": "filter_length", "shortest": 9, "longest": 3}, "the longest (3) is below the shortest (9)"),
        ({"kind": "cut_long", "window": 10, "overlap": 6}, "more than half of the window"),
        ({"kind": "drop_near_repeats", "threshold": 1.5}, "data.steps.0.threshold"),
        ({"kind": "drop_repeats", "threshold": 0.5}, "data.steps.0.threshold: unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused(step: dict[str, Any], said: str) -> None:
    assert any(said in complaint for complaint in complaints(steps=[step]))


def test_a_pattern_that_would_backtrack_for_ever_takes_no_time() -> None:
    pattern = compile_pattern("(a+)+$")
    assert not pattern.found_in("a" * 50_000 + "!")
    assert pattern.replaced("b" + "a" * 50_000, parse_template("c", pattern)) == "bc"


def test_templates() -> None:
    pattern = compile_pattern(r"(?P<first>\p{Han})(\d)?")
    assert pattern.replaced("中1文", parse_template(r"\2\g<first>\\\n\q", pattern)) == "1中\\\n\\q文\\\n\\q"
    assert compile_pattern("A", ignore_case=True).found_in("a")
    assert list(compile_pattern("文").spans("中文文")) == [(1, 2), (2, 3)]
    assert compile_pattern("中").found_in("\ud800中")  # a lone surrogate


def test_each_task_refuses_what_it_cannot_use() -> None:
    said = complaints(augmentation=[{"kind": "fuzzy_sounds"}, {"kind": "delete_characters"}])
    assert len(said) == 1
    assert "data.augmentation.1 (delete_characters) does not go with the task pinyin_to_hanzi" in said[0]
    assert "use fuzzy_sounds" in said[0]
    assert unsuitable("dancing", [FuzzySounds()]) == [
        "data.augmentation.0 (fuzzy_sounds) does not go with the task dancing; take it out"
    ]


def test_fuzzy_sounds_are_those_of_typing() -> None:
    pairs = next(field for field in describe(FuzzySounds) if field.name == "pairs")
    assert (pairs.kind, pairs.choices) == ("lines", FUZZY_PAIRS)


def test_no_kind_is_the_name_of_a_field() -> None:
    """A problem's path leaves kinds out: a field of such a name would be left out, too."""
    names = {field.name for field in walk()} | {name for variant in VARIANTS for name in variant.model_fields}
    assert not names & {*STEP_KINDS, *AUGMENTATION_KINDS}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
def test_words_in_both_languages(variant: type[BaseModel]) -> None:
    """Fields of one name in several kinds differ in title and help; `walk` shows only the first of them."""
    chinese = json.loads((paths.resources() / "translations" / "zh_CN.json").read_text(encoding="utf-8"))
    for field in describe(variant):
        assert field.title in chinese
        assert field.help in chinese
        assert field.help.endswith(".")
        assert all(CHOICES[choice] in chinese for choice in field.choices)


def test_checks_have_words_in_both_languages() -> None:
    chinese = json.loads((paths.resources() / "translations" / "zh_CN.json").read_text(encoding="utf-8"))
    assert not [words.title for words in CHECKS.values() if words.title not in chinese]
    assert not [words.help for words in CHECKS.values() if words.help not in chinese]
