"""`--set dotted.key=value`, and recipes by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.recipe import RecipeError, apply_overrides, dump, presets, resolve
from studio.recipe.presets import user_presets_folder
from tests import tiny


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("a.b=5", 5),
        ("a.b=2e-3", 2e-3),
        ("a.b=true", True),
        ("a.b=['x', 'y']", ["x", "y"]),
        ("a.b='5'", "5"),
        ("a.b=cuda:1", "cuda:1"),
        ("a.b=中文 字", "中文 字"),
        ("a.b=", ""),
        ("a.b=x=y", "x=y"),
        (" a.b = 5 ", 5),
    ],
)
def test_values_are_toml_and_bare_words_are_text(override: str, value: Any) -> None:
    assert apply_overrides({"a": {"b": 0, "c": 1}}, [override]) == {"a": {"b": value, "c": 1}}


def test_overrides_reach_into_lists_and_make_sections() -> None:
    values = {"data": {"sources": [{"path": "a"}, {"path": "b"}]}}
    changed = apply_overrides(values, ["data.sources.1.path=c", "training.early_stopping.enabled=true"])
    assert changed["data"]["sources"] == [{"path": "a"}, {"path": "c"}]
    assert changed["training"]["early_stopping"]["enabled"] is True
    assert values["data"]["sources"][1]["path"] == "b"


def test_all_bad_overrides_are_told_at_once() -> None:
    with pytest.raises(RecipeError) as caught:
        apply_overrides({"name": "x", "list": [1]}, ["name", "=5", "name.first=1", "list.1=5", "list.x=5"])
    assert len(caught.value.problems) == 5


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_override_is_applied_or_refused(overrides: list[str]) -> None:
    values = {"list": [{"x": 1}], "plain": 1, "section": {"a": []}}
    prefixed = [f"{where}.{text}" for text in overrides for where in ("list", "plain", "section.a", "new")]
    for override in (*overrides, *prefixed):
        try:
            changed = apply_overrides(values, [override])
        except RecipeError as error:
            assert error.problems[0].reason
        else:
            assert set(values) <= set(changed)


def test_an_unknown_preset_suggests_one() -> None:
    with pytest.raises(RecipeError, match="did you mean 'pinyin-quick'"):
        resolve("pinyin-quik")


@pytest.mark.parametrize("name", ["x" * 5000, "nobody's", "~nobody-of-this-name"])
def test_names_of_nothing_list_the_presets(name: str) -> None:
    with pytest.raises(RecipeError, match="pinyin-quick"):
        resolve(name)


def test_a_run_folder_stands_for_its_recipe(tmp_path: Path) -> None:
    recipe = tiny.recipe()
    (tmp_path / "recipe.toml").write_text(dump(recipe), encoding="utf-8")
    assert resolve(str(tmp_path)) == recipe


def test_a_users_preset_hides_the_studios(fresh_home: Path) -> None:
    user_presets_folder().mkdir(parents=True)
    mine = tiny.recipe()
    (user_presets_folder() / "pinyin-quick.toml").write_text(dump(mine), encoding="utf-8")
    assert resolve("pinyin-quick") == mine
    assert [preset.builtin for preset in presets() if preset.name == "pinyin-quick"] == [False]
