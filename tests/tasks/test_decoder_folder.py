"""Folders that hold no decoder which can be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.data.decoder_tokens import NOT_YET
from studio.engine.starting import begin
from studio.models.hugging_face import PretrainedError, read_weights
from studio.models.pretrained_decoder import DECODER
from studio.recipe import RecipeError
from studio.tasks.decoder_folder import open_decoder
from tests import tiny_decoders, tiny_encoders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_decoders.copied(tmp_path)


def said(folder: Path) -> str:
    with pytest.raises(PretrainedError) as caught:
        read_weights(folder, open_decoder(folder, str(folder)).config, DECODER)
    assert caught.value.remedy
    return str(caught.value)


def test_a_good_one(folder: Path) -> None:
    opened = open_decoder(folder, str(folder))
    found = read_weights(folder, opened.config, DECODER)
    assert not found.missing and not found.others and type(found.model).__name__ == "GPT2LMHeadModel"
    assert opened.about.licence == "mit" and opened.tokens.special["last"] == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model_type": "bert", "architectures": ["BertForMaskedLM"]}, "reads whole texts (BertForMaskedLM)"),
        ({"model_type": "roberta", "architectures": None}, "reads whole texts (of the type roberta)"),
        ({"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]}, "reads whole texts (T5For"),
        ({"model_type": "mamba", "architectures": ["MambaForCausalLM"]}, "a network of the type mamba"),
        ({"model_type": "chatglm", "auto_map": {"AutoModel": "code.Model"}}, "code of its own"),
        ({"model_type": None}, "of no type that is said"),
        ({"model_type": "hanzi_studio"}, "holds a model of Hanzi Studio"),
        ({"n_head": 3}, "cannot be opened"),
        ({"n_embd": "wide"}, "is not understood"),
        ({"n_embd": 32}, "does not describe the weights beside it"),
        ({"vocab_size": 20}, "its network vectors for 20"),
    ],
)
def test_other_kinds(values: dict[str, Any], words: str, folder: Path) -> None:
    tiny_encoders.change(folder, **values)
    assert words in said(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt"])
def test_pickled_weights_are_not_taken_for_none(name: str, folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / name)
    assert f"pickled ({name})" in said(folder)


def test_weights_of_another_library(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "tf_model.h5")
    assert "holds no weights: model.safetensors is missing, and tf_model.h5 is not read here" in said(folder)


def test_weights_without_a_tokenizer(folder: Path) -> None:
    (folder / "vocab.txt").unlink()
    assert "holds no tokenizer" in said(folder)
    (folder / "model.safetensors").unlink()
    assert open_decoder(folder, str(folder)).tokens is NOT_YET, "symbols can be those of the texts"


def test_adapters_beside_what_has_learnt_nothing(folder: Path) -> None:
    recipe = tiny_decoders.pretrained("training.lora={ rank = 2 }", source=folder)
    assert begin(recipe).folder == folder
    (folder / "model.safetensors").unlink()
    with pytest.raises(RecipeError, match="holds no weights, and adapters leave a network as it is"):
        begin(recipe)


def test_damaged_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "cannot be opened" in said(folder)


def test_what_is_not_on_this_machine(tmp_path: Path) -> None:
    for source, words in (
        (str(tmp_path / "gone"), "there is no folder"),
        ("someone/gpt", "not on this machine yet"),
    ):
        recipe = tiny_decoders.pretrained(source=Path(source)) if source.startswith("/") else _named(source)
        with pytest.raises(RecipeError, match=words):
            begin(recipe)


def _named(source: str) -> Any:
    recipe = tiny_decoders.pretrained()
    return recipe.model_copy(update={"model": recipe.model.model_copy(update={"source": source})})
