"""Folders that hold no encoder which can be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.models.hugging_face import PretrainedError, about, read_config, read_weights
from tests import tiny_encoders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_encoders.copied(tmp_path)


def said(folder: Path) -> str:
    with pytest.raises(PretrainedError) as caught:
        read_weights(folder, read_config(folder))
    assert caught.value.remedy
    return str(caught.value)


def test_a_good_one(folder: Path) -> None:
    config = read_config(folder)
    weights = read_weights(folder, config)
    assert not weights.missing and not weights.others
    assert about(folder, str(folder), config).licence == "mit"
    assert about(folder, str(folder), config).name == "encoder"
    assert about(folder, "someone/name", config).name == "someone/name"
    (folder / "README.md").unlink()
    assert about(folder, str(folder), config).licence == ""
    assert about(folder, str(folder), {"license": "apache-2.0"}).licence == "apache-2.0"


def test_nothing_there(folder: Path) -> None:
    assert "there is no folder" in said(folder / "gone")
    (folder / "config.json").unlink()
    assert "config.json is missing" in said(folder)


@pytest.mark.parametrize("text", ["{", "[]", "\x00"])
def test_a_damaged_configuration(text: str, folder: Path) -> None:
    (folder / "config.json").write_text(text)
    assert "config.json" in said(folder)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}, "writes texts (GPT2LMHeadModel)"),
        ({"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]}, "writes texts (Qwen3ForCausalLM)"),
        ({"model_type": "bert", "is_decoder": True}, "writes texts"),
        ({"model_type": "nomic_bert", "auto_map": {"AutoModel": "code.Model"}}, "code of its own"),
        ({"model_type": "vit", "architectures": ["ViTModel"]}, "a network of the type vit"),
        ({"model_type": None}, "of no type that is said"),
        ({"model_type": "hanzi_studio"}, "holds a model of Hanzi Studio"),
        ({"num_attention_heads": 3}, "cannot be opened: The hidden size (16)"),
        ({"hidden_size": "wide"}, "is not understood"),
    ],
)
def test_other_kinds(values: dict[str, Any], words: str, folder: Path) -> None:
    tiny_encoders.change(folder, **values)
    assert words in said(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt"])
def test_pickled_weights_are_never_opened(name: str, folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / name)
    text = said(folder)
    assert f"pickled ({name})" in text and "save_pretrained" in text


def test_no_weights_at_all(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert "holds no weights: model.safetensors is missing" in said(folder)
    (folder / "tf_model.h5").touch()
    assert "tf_model.h5 is not read here" in said(folder)


def test_no_tokenizer(folder: Path) -> None:
    (folder / "vocab.txt").unlink()
    assert "holds no tokenizer" in said(folder)


def test_weights_of_another_width(folder: Path) -> None:
    tiny_encoders.change(folder, hidden_size=32)
    text = said(folder)
    assert "does not describe the weights beside it" in text and "16" in text and "32" in text


def test_damaged_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "cannot be opened" in said(folder)


def test_weights_of_another_network(folder: Path, tmp_path: Path) -> None:
    other = tiny_encoders.write(tmp_path / "other", "distilbert", dim=16, n_heads=2, hidden_dim=32)
    (folder / "model.safetensors").write_bytes((other / "model.safetensors").read_bytes())
    assert "those of another network" in said(folder)


def test_only_some_are_missing(folder: Path) -> None:
    values = json.loads((folder / "config.json").read_text())
    tiny_encoders.change(folder, num_hidden_layers=values["num_hidden_layers"] + 1)
    found = read_weights(folder, read_config(folder))
    assert found.missing and all(".layer.3." in name for name in found.missing)
