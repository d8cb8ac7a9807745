"""Decoders so small that training them takes a moment, in folders as the transformers library writes them."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path
from typing import Any

from studio.recipe import Recipe, apply_overrides, parse
from studio.runs.folder import RunFolder
from tests import tiny, tiny_texts
from tests.tiny_encoders import SPECIAL, characters

SIZES: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "intermediate_size": 32,
    "ffn_dim": 32,
    "word_embed_proj_dim": 16,
    "head_dim": 8,
    "max_position_embeddings": 64,
    "attention_dropout": 0.1,
}
GPT2: dict[str, Any] = {
    "family": "gpt2",
    "width": 16,
    "layers": 2,
    "heads": 2,
    "max_length": 32,
    "dropout": 0.1,
}


def config(kind: str, pieces: int, **more: Any) -> dict[str, Any]:
    """What `config.json` of a tiny decoder says."""
    ends = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    return {"model_type": kind, "vocab_size": pieces, **SIZES, **ends, **more}


@functools.cache
def folder(kind: str) -> Path:
    """A decoder's folder that tests share, and that none changes."""
    return write(tiny.shared_folder() / f"decoder-{kind}", kind)


def write(path: Path, kind: str = "gpt2", *, weights: bool = True, **more: Any) -> Path:
    """A decoder with random weights, the tokenizer of a BERT for Chinese as many have it, and a README."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from studio.data.encoder_tokens import read_tokens
    from studio.models.pretrained import quiet

    path.mkdir(parents=True)
    pieces = [*SPECIAL, *characters(), *("##" + ch for ch in "abdgo")]
    torch.manual_seed(5)
    values = config(kind, len(pieces), **more)
    with quiet():
        made = AutoConfig.for_model(values.pop("model_type"), **values)
        if weights:
            AutoModelForCausalLM.from_config(made).save_pretrained(path)
        else:
            made.save_pretrained(path)
    (path / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    said = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": 64}
    if kind != "gpt2":  # the library looks for tokenizers of other kinds there, unless there is a whole one
        names = dict(
            zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True)
        )
        said = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
        text = read_tokens(folder("gpt2"), len(pieces)).text
        (path / "tokenizer.json").write_text(text, encoding="utf-8")
    (path / "tokenizer_config.json").write_text(json.dumps(said), encoding="utf-8")
    (path / "README.md").write_text("---\nlicense: mit\nlanguage: zh\n---\n# Tiny\n", encoding="utf-8")
    return path


def copied(parent: Path) -> Path:
    """A copy of a decoder's folder, to change."""
    return Path(shutil.copytree(folder("gpt2"), parent / "decoder"))


def pretrained(*overrides: str, source: Path | None = None) -> Recipe:
    """A language model as small as that of `tests.tiny_texts`, made of a decoder of others."""
    model = {"family": "pretrained_decoder", "source": str(source or folder("gpt2")), "dropout": 0.1}
    return _recipe(model, *overrides)


def gpt2(*overrides: str) -> Recipe:
    """One that begins at random, with symbols of the texts."""
    return _recipe(GPT2, *overrides)


def _recipe(model: dict[str, Any], *overrides: str) -> Recipe:
    made = {**tiny_texts.language_model().model_dump(mode="json"), "model": model}
    return parse(apply_overrides(made, overrides))


@functools.cache
def tuned() -> RunFolder:
    """A finished run that went on from a decoder of others, with adapters. For looking at only."""
    return tiny_texts.run_of(pretrained("training.lora={ rank = 2 }"), tiny.shared_folder())


@functools.cache
def begun() -> RunFolder:
    """A finished run of GPT-2 from the beginning, with counts beside it. For looking at only."""
    return tiny_texts.run_of(gpt2("task.counted=3"), tiny.shared_folder())
