"""Recipes in and out of TOML, and what is said about bad ones."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.recipe import (
    VERSION,
    Problem,
    Recipe,
    RecipeError,
    Recurrent,
    TransformerEncoder,
    dump,
    load,
    parse,
    presets,
    resolve,
)
from studio.recipe.files import problems_of
from tests import tiny
from tests.shipped import NEED_AN_ENCODER, resolved


def complaints(values: dict[str, Any]) -> dict[str, Problem]:
    with pytest.raises(RecipeError) as caught:
        parse(values)
    return {problem.path: problem for problem in caught.value.problems}


def test_a_recipe_survives_toml() -> None:
    recipe = tiny.recipe("training.probes=['引号\"和\\换行']", "description='多行\t文字'")
    assert parse(tomllib.loads(dump(recipe))) == recipe


@given(
    name=st.text(min_size=1, max_size=60),
    description=st.text(max_size=200),
    probes=st.lists(st.text(max_size=40), max_size=5),
    rate=st.floats(min_value=0, max_value=10, exclude_min=True),
)
def test_whatever_is_accepted_survives_toml(
    name: str, description: str, probes: list[str], rate: float
) -> None:
    values = tiny.values() | {"name": name, "description": description}
    values["training"] |= {"probes": probes, "learning_rate": rate}
    try:
        recipe = parse(values)
    except RecipeError:
        return
    assert parse(tomllib.loads(dump(recipe))) == recipe


def test_a_dumped_recipe_names_every_field() -> None:
    """Later defaults must not change the meaning of a recipe that was frozen."""
    dumped = tomllib.loads(dump(parse({"data": {"sources": [{"kind": "builtin", "name": "reviews"}]}})))
    assert dumped["version"] == VERSION
    assert dumped["training"]["learning_rate"] == pytest.approx(2e-3)
    assert dumped["model"]["family"] == "transformer_encoder"
    assert dumped["data"]["splits"]["seed"] == 1


def test_three_mistakes_are_told_at_once() -> None:
    values = tiny.values()
    values["training"] |= {"max_step": 5, "token_budget": "many"}
    values["model"]["width"] = 3
    found = complaints(values)
    assert set(found) == {"training.max_step", "training.token_budget", "model.width"}
    assert found["training.max_step"].remedy == "did you mean 'max_steps'?"
    assert "many" in found["training.token_budget"].reason
    assert "16" in found["model.width"].reason
    with pytest.raises(RecipeError, match="3 problems"):
        parse(values)


def test_impossible_combinations_say_what_would_fit() -> None:
    assert (
        "heads 8 would fit"
        in complaints({**tiny.values(), "model": {"family": "transformer_encoder", "width": 64, "heads": 7}})[
            "model"
        ].reason
    )
    values = tiny.values()
    values["model"]["max_length"] = 32
    assert "raise model.max_length to 48" in complaints(values)[""].reason


@pytest.mark.parametrize(
    ("model", "path", "word"),
    [
        ({"family": "mamba"}, "model.family", "transformer_encoder"),
        ({"width": 64}, "model.family", "family"),
        ({"family": "recurrent", "cell": "gruu"}, "model.cell", "gru"),
        ({"family": "recurrent", "heads": 4}, "model.heads", "known here"),
    ],
)
def test_a_wrong_model_section_is_explained(model: dict[str, Any], path: str, word: str) -> None:
    found = complaints({**tiny.values(), "model": model})
    assert list(found) == [path]
    assert word in str(found[path])


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ([], "at least 1"),
        ([{"kind": "builtin", "name": "lexicon_jieba"}], "running text"),
        ([{"kind": "file", "path": "a"}, {"kind": "file", "path": "a"}], "named twice"),
        ([{"kind": "web", "path": "a"}], "builtin"),
    ],
)
def test_wrong_sources_are_explained(sources: list[dict[str, str]], words: str) -> None:
    found = complaints({"data": {"sources": sources}})
    assert words in " ".join(map(str, found.values()))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_figures_must_be_finite(number: float) -> None:
    values = tiny.values()
    values["training"]["learning_rate"] = number
    assert "training.learning_rate" in complaints(values)


@pytest.mark.parametrize(
    ("version", "word"), [(VERSION + 1, "update"), (0, "no way is known"), ("1", "whole"), (True, "whole")]
)
def test_versions_that_cannot_be_read(version: Any, word: str) -> None:
    assert word in complaints({**tiny.values(), "version": version})["version"].reason


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["data", "model", "sources", "kind", "family", "training", "name", "x"]),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_any_values_make_a_recipe_or_problems(values: Any) -> None:
    """Nothing but `RecipeError` comes out of a bad recipe, and each of its problems says something."""
    try:
        assert isinstance(parse(values if isinstance(values, dict) else {"data": values}), Recipe)
    except RecipeError as error:
        assert error.problems
        assert all(problem.reason for problem in error.problems)


def test_relative_sources_lie_beside_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        "[data]\nsources = [{ kind = 'file', path = 'texts/a.txt' }]\n", encoding="utf-8"
    )
    (source,) = load(tmp_path / "r.toml").data.sources
    assert source.kind == "file"
    assert Path(source.path) == tmp_path / "texts" / "a.txt"


def test_relative_overrides_start_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.toml").write_text(dump(tiny.recipe()), encoding="utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (source,) = resolve("../r.toml", ["data.sources.0.path=mine.txt"]).data.sources
    assert source.kind == "file"
    assert Path(source.path) == tmp_path / "here" / "mine.txt"


@pytest.mark.parametrize("path", ["~nobody-of-this-name/x.txt", "a\\u0000b", "x" * 5000])
def test_paths_that_cannot_be_are_left_for_the_reader(path: str, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(f'[data]\nsources = [{{ kind = "file", path = "{path}" }}]\n')
    assert load(tmp_path / "r.toml").data.sources


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name = 'x", "not TOML"),
        ("name = '名'".encode("gb18030"), "not UTF-8"),
        (b"\x00\x01\x02", "not TOML"),
        (b"a = " + b"[" * 3000, "not TOML"),
        (b"", "data"),
    ],
)
def test_files_that_are_no_recipe(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_bytes(content)
    with pytest.raises(RecipeError, match=words) as caught:
        load(tmp_path / "r.toml")
    assert "r.toml" in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(dump(tiny.recipe()), encoding="utf-8-sig")
    assert load(tmp_path / "r.toml") == tiny.recipe()


def test_a_missing_recipe_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no file at"):
        load(tmp_path / "none.toml")
    with pytest.raises(RecipeError, match="cannot read"):
        load(tmp_path)


def test_every_shipped_preset_is_good() -> None:
    shipped = [preset for preset in presets() if preset.builtin]
    assert "pinyin-quick" in [preset.name for preset in shipped]
    for preset in shipped:
        recipe = resolved(preset.name)
        assert recipe.name == preset.name
        assert recipe.description


@pytest.mark.parametrize("name", NEED_AN_ENCODER)
def test_a_preset_that_wants_an_encoder_says_so(name: str) -> None:
    with pytest.raises(
        RecipeError,
        match=r"model\.source: is empty; give the folder of an? (pretrained encoder|encoder-decoder)",
    ):
        resolve(name)


def test_model_sections_are_told_apart_by_family() -> None:
    recurrent = tiny.recipe("model={ family = 'recurrent', cell = 'gru' }")
    assert isinstance(recurrent.model, Recurrent)
    assert isinstance(tiny.recipe().model, TransformerEncoder)


def test_problems_name_paths_without_union_tags() -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate({"data": {"sources": [{"kind": "file"}]}})
    assert [problem.path for problem in problems_of(caught.value)] == ["data.sources.0.path"]
