"""The words of the recipe and of the lab's refusals: all there, in both languages, and recognised."""

from __future__ import annotations

import json

import pytest

from studio import paths
from studio.gui.forms import words
from studio.gui.widgets import refusals
from studio.recipe import Recipe, RecipeError, parse, values_of, walk
from studio.runs.requests import Refused

CHINESE = json.loads((paths.resources() / "translations" / "zh_CN.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", sorted(words.all_texts() | refusals.all_texts()))
def test_every_text_is_translated(text: str) -> None:
    assert CHINESE.get(text)
    assert set(_places(text)) == set(_places(CHINESE[text]))


def test_every_choice_has_a_word() -> None:
    choices = {choice for field in walk(Recipe) if field.name != "version" for choice in field.choices}
    tags = {tag for field in walk(Recipe) if field.kind == "union" for tag in field.variants}
    assert {one for one in choices | tags if one not in words.CHOICES} <= {"builtin", *_names()}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("training.max_steps", 0),
        ("training.max_steps", "many"),
        ("training.max_steps", 1.5),
        ("training.learning_rate", "fast"),
        ("training.learning_rate", 0.0),
        ("training.label_smoothing", 1.0),
        ("data.splits.test", 0.9),
        ("model.heads", 5),
        ("model.max_length", 16),
        ("name", ""),
        ("compute.device", "toaster"),
        ("compute.processes", 0),
        ("data.sources", []),
        ("data.sources", [{"kind": "builtin", "name": "lexicon_jieba"}]),
        ("data.sources", [{"kind": "builtin", "name": "reviews"}] * 2),
        ("training.max_step", 7),
    ],
)
def test_every_complaint_that_a_form_can_cause_is_put_in_our_own_words(path: str, value: object) -> None:
    values = values_of("pinyin-quick")[0]
    values["model"] |= {"family": "transformer_encoder", "width": 192}
    node = values
    *parents, last = path.split(".")
    for key in parents:
        node = node.setdefault(key, {})
    node[last] = value
    with pytest.raises(RecipeError) as caught:
        parse(values)
    for problem in caught.value.problems:
        text = words.explain(problem)
        assert "nput should" not in text and "not '" not in text and text[-1] in ".?"


def test_unknown_refusals_are_shown_as_they_are() -> None:
    refused = Refused(id="1", kind="disk", message="/dev/x: no room", remedy="buy a disk")
    assert refusals.refusal_text(refused) == "/dev/x: no room. Buy a disk."


def _places(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]


def _names() -> set[str]:
    return {
        choice for field in walk(Recipe) if field.path == "data.sources.0.name" for choice in field.choices
    }
