"""Encoders so small that fine-tuning them takes a moment, in folders as the transformers library writes them."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path
from typing import Any

from studio.recipe import Recipe, apply_overrides, parse
from studio.runs.folder import RunFolder
from tests import tiny, tiny_tagging, tiny_texts

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LEFT_OUT = "讨"  # a character of the texts that the encoder does not know
_SIZES = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64}


def characters() -> list[str]:
    """What the encoder knows: the characters of the tiny texts but one, and an ordinary comma for the wide one."""
    lines = (
        *tiny.sentences(),
        *tiny_texts.labelled_lines(),
        *tiny_tagging.polyphonic_lines(),
        *tiny_tagging.tagged_lines(),
    )
    known = {*"".join(lines), ",", *"goodba"} - {LEFT_OUT, "，"}
    return sorted(ch for ch in known if not ch.isspace())


@functools.cache
def folder(kind: str = "bert", layers: int = 3) -> Path:
    """An encoder's folder that tests share, and that none changes."""
    return write(tiny.shared_folder() / f"encoder-{kind}-{layers}", kind, layers)


def write(path: Path, kind: str = "bert", layers: int = 3, **more: Any) -> Path:
    """An encoder with random weights, its tokenizer and a README with a licence."""
    import torch
    from transformers import AutoConfig, AutoModel

    from studio.models.pretrained import quiet

    path.mkdir(parents=True)
    pieces = [*SPECIAL, *characters(), *("##" + ch for ch in "abdgo")]
    torch.manual_seed(5)
    values = {**_SIZES, "num_hidden_layers": layers, "vocab_size": len(pieces), "pad_token_id": 0, **more}
    with quiet():
        AutoModel.from_config(AutoConfig.for_model(kind, **values)).save_pretrained(path)
    (path / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    said = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": 64}
    (path / "tokenizer_config.json").write_text(json.dumps(said), encoding="utf-8")
    (path / "README.md").write_text("---\nlicense: mit\nlanguage: zh\n---\n# Tiny\n", encoding="utf-8")
    return path


def copied(parent: Path) -> Path:
    """A copy of an encoder's folder, to change."""
    return Path(shutil.copytree(folder(), parent / "encoder"))


def change(path: Path, **values: Any) -> None:
    """Change what a folder's `config.json` says; None takes a key out."""
    file = path / "config.json"
    known = {**json.loads(file.read_text(encoding="utf-8")), **values}
    file.write_text(json.dumps({k: v for k, v in known.items() if v is not None}), encoding="utf-8")


def model(source: Path | None = None) -> str:
    """The override that makes a recipe's model of an encoder."""
    quoted = json.dumps(str(source or folder()))
    return f"model={{ family = 'pretrained_encoder', source = {quoted}, dropout = 0.1 }}"


MAKERS = {
    "text_classification": tiny_texts.classification,
    "masked_language_model": tiny_texts.masked,
    "correction": tiny_texts.correction,
    "sequence_labelling": tiny_tagging.labelling,
    "hanzi_to_pinyin": tiny_tagging.readings,
}


def recipe(task: str = "text_classification", *overrides: str, source: Path | None = None) -> Recipe:
    """A recipe as small as those of `tests.tiny_texts`, made of an encoder; a classification reads its pieces."""
    made = MAKERS[task](model(source)).model_dump(mode="json")
    if task == "text_classification":
        made["task"]["unit"] = "subword"
    return parse(apply_overrides(made, overrides))


@functools.cache
def tuned() -> RunFolder:
    """A finished run with adapters. For looking at only."""
    return tiny_texts.run_of(
        recipe("text_classification", "training.lora={ rank = 2 }"), tiny.shared_folder()
    )
