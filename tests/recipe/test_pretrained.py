"""Recipes that name a pretrained encoder, or want adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.recipe import RecipeError, parse, resolve
from studio.recipe.pretrained import PretrainedEncoder

REVIEWS = {"sources": [{"kind": "builtin", "name": "reviews"}]}
ENCODER = {"family": "pretrained_encoder", "source": "hfl/rbt3"}


def values(**more: Any) -> dict[str, Any]:
    return {"task": {"name": "text_classification"}, "data": REVIEWS, "model": ENCODER, **more}


def refused(**more: Any) -> str:
    with pytest.raises(RecipeError) as caught:
        parse(values(**more))
    return str(caught.value)


def test_pieces_are_the_encoders_where_nothing_is_said() -> None:
    assert parse(values()).task.unit == "subword"  # type: ignore[union-attr]
    kept = {"name": "text_classification", "unit": "character"}
    assert parse(values(task=kept)).task.unit == "character"  # type: ignore[union-attr]
    assert parse(values(model={"family": "text_cnn"})).task.unit == "character"  # type: ignore[union-attr]


def test_an_encoder_has_to_be_named() -> None:
    assert "model.source: is empty; give the folder" in refused(model={"family": "pretrained_encoder"})
    with pytest.raises(RecipeError) as caught:
        parse(
            values(
                model={"family": "pretrained_encoder"}, task={"name": "text_classification", "unit": "word"}
            )
        )
    assert [problem.path for problem in caught.value.problems] == ["model.source", ""]
    parse(values(model={"family": "pretrained_encoder"}, training={"start_from": "some-run"}))


def test_what_does_not_go_with_one() -> None:
    assert "task.unit word" in refused(task={"name": "text_classification", "unit": "word"})
    assert "task.vocabulary" in refused(task={"name": "text_classification", "vocabulary": {"size": 500}})
    assert "compute.strategy fsdp" in refused(compute={"strategy": "fsdp", "processes": 2})
    assert "one of transformer_encoder, recurrent" in refused(task={"name": "pinyin_to_hanzi"})


def test_what_does_not_go_with_adapters() -> None:
    lora = {"lora": {"rank": 4}}
    parse(values(training=lora))
    assert "does not go with model.family text_cnn" in refused(training=lora, model={"family": "text_cnn"})
    own = {"family": "transformer_encoder"}
    assert "has learnt nothing yet" in refused(training=lora, model=own)
    parse(values(training={**lora, "start_from": "some-run"}, model=own))
    assert "training.lora does not go with compute.strategy fsdp" in refused(
        training=lora, compute={"strategy": "fsdp", "processes": 2}
    )


def test_a_folder_beside_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    recipe = tmp_path / "r.toml"
    for source, meant in (
        ("encoder", str(tmp_path / "encoder")),
        ("hfl/rbt3", "hfl/rbt3"),
        ("./x", str(tmp_path / "x")),
    ):
        recipe.write_text(
            f'[task]\nname = "text_classification"\n[[data.sources]]\nkind = "builtin"\nname = "reviews"\n'
            f'[model]\nfamily = "pretrained_encoder"\nsource = "{source}"\n'
        )
        model = resolve(str(recipe)).model
        assert isinstance(model, PretrainedEncoder) and model.source == meant
