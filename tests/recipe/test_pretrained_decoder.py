"""Recipes with decoders of the transformers library."""

from __future__ import annotations

from typing import Any

import pytest

from studio.recipe import RecipeError, parse, resolve
from studio.recipe.pretrained_decoder import Gpt2

DATA = {"sources": [{"kind": "builtin", "name": "reviews"}]}
DECODER = {"family": "pretrained_decoder", "source": "uer/gpt2-chinese-cluecorpussmall"}


def values(**more: Any) -> dict[str, Any]:
    return {"task": {"name": "language_model"}, "data": DATA, "model": DECODER, **more}


def refused(**more: Any) -> str:
    with pytest.raises(RecipeError) as caught:
        parse(values(**more))
    return str(caught.value)


def test_a_decoder_has_to_be_named() -> None:
    parse(values())
    assert "model.source: is empty; give the folder of a pretrained decoder" in refused(
        model={"family": "pretrained_decoder"}
    )
    parse(values(model={"family": "pretrained_decoder"}, training={"start_from": "some-run"}))


def test_what_does_not_go_with_one() -> None:
    for model in (DECODER, {"family": "gpt2"}):
        words = {"name": "language_model", "unit": "word"}
        assert "task.unit word does not go" in refused(task=words, model=model)
        assert "compute.strategy fsdp" in refused(compute={"strategy": "fsdp", "processes": 2}, model=model)
        assert "does not go with the task text_classification" in refused(
            task={"name": "text_classification"}, model=model
        )
    sized = {"name": "language_model", "vocabulary": {"size": 500}}
    assert "task.vocabulary does not go with model.family pretrained_decoder" in refused(task=sized)
    parse(values(task=sized, model={"family": "gpt2"}))
    one_hot = {"name": "language_model", "vocabulary": {"embedding": "one_hot"}}
    assert "one_hot does not go with model.family gpt2" in refused(task=one_hot, model={"family": "gpt2"})


def test_gpt2s_sizes() -> None:
    assert "heads" in refused(model={"family": "gpt2", "width": 100, "heads": 3})
    assert "task.context 128 is longer than model.max_length 64" in refused(
        model={"family": "gpt2", "max_length": 64}
    )
    assert isinstance(resolve("lm-gpt2").model, Gpt2)


def test_adapters_want_something_that_was_learnt() -> None:
    lora = {"lora": {"rank": 4}}
    parse(values(training=lora))
    assert "has learnt nothing yet" in refused(training=lora, model={"family": "gpt2"})
    parse(values(training={**lora, "start_from": "some-run"}, model={"family": "gpt2"}))
