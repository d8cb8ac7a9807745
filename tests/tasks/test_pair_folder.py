"""Folders that hold no encoder-decoder which can be used, and those whose weights are apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.data.prepare import prepare
from studio.engine.hub import folder_of
from studio.engine.starting import begin
from studio.models.hugging_face import PretrainedError
from studio.models.library_encoder_decoder import LibraryEncoderDecoder
from studio.recipe.pretrained_pairs import PretrainedEncoderDecoder
from studio.tasks.pair_folder import open_pair
from tests import tiny_encoders, tiny_pairs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_pairs.write(tmp_path / "pair")


def change(path: Path, **values: Any) -> None:
    tiny_encoders.change(path, **values)


def said(folder: Path, **more: str) -> str:
    with pytest.raises(PretrainedError) as caught:
        open_pair(folder, PretrainedEncoderDecoder(source=str(folder), **more))
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]},
            "a decoder (GPT2LMHeadModel), which continues",
        ),
        (
            {"model_type": "bert", "architectures": ["BertModel"]},
            "an encoder (BertModel), which writes nothing",
        ),
        ({"model_type": "marian", "share_encoder_decoder_embeddings": False}, "a vocabulary for each side"),
        ({"model_type": "whisper"}, "a network of the type whisper; take one of bart, blenderbot"),
        (
            {"model_type": "odd", "auto_map": {"AutoModel": "code.Model"}},
            "code of its own, which is never run",
        ),
        ({"model_type": "hanzi_studio"}, "a model of Hanzi Studio"),
        ({"d_model": "wide"}, "is not understood"),
        ({"vocab_size": 40}, "its tokenizer has 50 pieces, and its network vectors for 40"),
    ],
)
def test_other_kinds(values: dict[str, Any], words: str, folder: Path) -> None:
    change(folder, **values)
    assert words in said(folder)


def test_what_is_missing(folder: Path) -> None:
    assert "there is no folder" in said(folder / "gone")
    assert "knows no language 'klingon'" in said(folder, target_language="klingon")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert "pickled (pytorch_model.bin)" in said(folder)
    (folder / "pytorch_model.bin").unlink()
    assert open_pair(folder, PretrainedEncoderDecoder(source=str(folder))).about.licence == "mit"
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    text = said(folder)
    assert "holds no tokenizer" in text and "model.family t5" in text


@pytest.mark.parametrize(
    ("kind", "name", "tokenizer"), [("t5", "spiece.model", "T5"), ("marian", "source.spm", "Marian")]
)
def test_what_sentencepiece_alone_reads(kind: str, name: str, tokenizer: str, tmp_path: Path) -> None:
    folder = tiny_pairs.write(tmp_path / kind, kind)
    (folder / "tokenizer.json").unlink()
    (folder / name).write_bytes(b"pieces")
    (folder / "vocab.json").write_text("{}", encoding="utf-8")
    said_of = {"tokenizer_class": f"{tokenizer}Tokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(said_of), encoding="utf-8")
    text = said(folder)
    assert f"holds its tokenizer as {name} alone" in text and "save_pretrained" in text


def test_damaged_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 100)
    assert "cannot be read" in said(folder)


def test_a_name_on_the_hub_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(PretrainedError, match="the network someone/t5-of-nobody is not on this machine yet"):
        folder_of("someone/t5-of-nobody")


@torch.no_grad()
def test_scores_by_vectors_of_their_own(folder: Path) -> None:
    """As mT5 has them: the library looks at the weights, whatever the configuration says."""
    from transformers import AutoModelForSeq2SeqLM

    path = folder / "model.safetensors"
    weights = load_file(path)
    weights["lm_head.weight"] = torch.randn_like(weights["shared.weight"])
    save_file(weights, path, metadata={"format": "pt"})
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    values.pop("scale_decoder_outputs", None)
    (folder / "config.json").write_text(
        json.dumps({**values, "tie_word_embeddings": False}), encoding="utf-8"
    )
    recipe = tiny_pairs.recipe(source=folder)
    started = begin(recipe)
    task: Any = started.task(recipe, prepare(recipe.data, recipe.task))
    model = task.build_model(recipe).eval()
    assert isinstance(model, LibraryEncoderDecoder)
    passed = started.fill(model, task)
    assert passed is not None and not passed.left and model.output_table is not model.table
    theirs = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    symbols = torch.tensor([[*task.tokens.read("老师看书").tolist(), 2]])
    rows = torch.tensor(model.architecture.pieces)
    given = torch.tensor([[0, 7, 8]])
    wanted = theirs(input_ids=rows[symbols], decoder_input_ids=given).logits
    found = model.scores(model.hidden(symbols, torch.tensor([symbols.shape[1]]), torch.tensor([[2, 7, 8]])))
    known = len(theirs.lm_head.weight) - 1  # the last row is that of a character of the texts now
    assert torch.allclose(found[..., 3:known], wanted[..., rows[3:known]], atol=1e-5)
