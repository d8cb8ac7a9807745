"""A folder with an encoder-decoder of others, opened: how it reads and writes, what its network is, and its weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

from studio.data.encoder_tokens import TOKENIZER
from studio.data.pair_tokens import read_pair_tokens
from studio.models.hugging_face import (
    Kind,
    PretrainedError,
    about,
    has_tokenizer,
    has_weights,
    read_config,
    read_weights,
)
from studio.models.library_encoder_decoder import PREFIX, TYPES, LibraryEncoderDecoder
from studio.models.pretrained import TYPES as ENCODERS
from studio.models.pretrained import settings
from studio.recipe.pretrained_pairs import PretrainedEncoderDecoder
from studio.tasks.passing import Passed, pass_tensors
from studio.tasks.pretrained import OURS
from studio.tasks.pretrained_pairs import PretrainedPair
from studio.tasks.rows import rows_of

_OUTPUT, _TABLES = "lm_head.weight", ("shared.weight", "model.shared.weight")
_LOOKED = 16  # rows by which it is told whether two tables are one
_BIAS = "final_logits_bias"
_SENTENCEPIECE = ("*.spm", "*.model")


def _otherwise(values: Mapping[str, Any]) -> str:
    kind = values.get("model_type")
    named = [str(one) for one in values.get("architectures") or ()]
    what = ", ".join(named) or f"of the type {kind}"
    if kind in ENCODERS:
        return f"an encoder ({what}), which writes nothing"
    if kind not in TYPES and any("ForCausalLM" in one or "LMHead" in one for one in named):
        return f"a decoder ({what}), which continues texts and reads no other"
    if kind == "marian" and values.get("share_encoder_decoder_embeddings") is False:
        return "a network with a vocabulary for each side, and there is one here for both"
    return ""


PAIR = Kind("an encoder-decoder", TYPES, "AutoModelForSeq2SeqLM", _otherwise, may_begin=True)


def open_pair(folder: Path, section: PretrainedEncoderDecoder) -> PretrainedPair:
    """The encoder-decoder of a folder, without its weights.

    Raises:
        PretrainedError: if there is none that can be used.
    """
    config = read_config(folder, PAIR)
    if not has_tokenizer(folder):
        raise PretrainedError(
            f"{folder} holds no tokenizer, without which nobody knows what the network's numbers stand for",
            f"put its tokenizer.json beside config.json, or take model.family {_own(config)} for a vocabulary of the "
            "texts",
        )
    if {"studio", "format"} <= config.keys():
        config = {name: value for name, value in config.items() if name not in OURS}
    languages = (section.source_language, section.target_language)
    try:
        tokens, frame = read_pair_tokens(folder, int(settings(config).vocab_size), config, languages)
    except ValueError as error:
        only = next((path for one in _SENTENCEPIECE for path in sorted(folder.glob(one))), None)
        if only is not None and not (folder / TOKENIZER).is_file():
            raise PretrainedError(
                f"{folder} holds its tokenizer as {only.name} alone, which is not read here",
                f"have {TOKENIZER} written where the package sentencepiece is installed: "
                "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)",
            ) from error
        raise PretrainedError(
            f"the network in {folder} cannot be used: {error}",
            "take the tokenizer that came with it",
        ) from error
    return PretrainedPair(config, tokens, frame, about(folder, section.source, config), _is_apart(folder))


def _own(config: Mapping[str, Any]) -> str:
    return "t5" if "t5" in str(config.get("model_type")) else "bart"


def begins_anew(folder: Path) -> bool:
    """Whether a folder gives a configuration alone."""
    return not has_weights(folder)


def _is_apart(folder: Path) -> bool:
    """Whether what is written is scored by other vectors than what is read is given."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, "pt") as stored:
                for name in {_OUTPUT, *_TABLES} & set(stored.keys()):
                    found[name] = stored.get_slice(name)[:_LOOKED]
        except Exception as error:  # the library raises nothing more precise
            raise PretrainedError(
                f"{path} cannot be read: {error}", "take a whole copy of the folder"
            ) from error
    table = next((found[name] for name in _TABLES if name in found), None)
    return _OUTPUT in found and table is not None and not torch.equal(found[_OUTPUT], table)


class _Rows:
    """What rows stand for in a network that is no task's yet."""

    def __init__(self, pair: PretrainedPair) -> None:
        self.pretrained = pair


@torch.no_grad()
def pass_pair(folder: Path, source: PretrainedPair, model: nn.Module, task: Any, how: str) -> Passed:
    """Put the weights of a folder into a task's model. Rows of what its tokenizer did not know begin as that of the
    unknown one.

    Raises:
        PretrainedError: if they cannot be read, or are not those of the folder's configuration.
    """
    assert isinstance(model, LibraryEncoderDecoder)
    weights = read_weights(folder, source.config, PAIR)
    theirs = {
        PREFIX + name: weight
        for name, weight in weights.model.named_parameters()
        if name not in weights.missing
    }
    passed = pass_tensors(theirs, rows_of(_Rows(source)), model, rows_of(task), (), how)
    known = set(source.tokens.names)
    added = [row for row, name in enumerate(task.pretrained.tokens.names) if name not in known]
    unknown = source.tokens.special["unknown"]
    if added:
        places = torch.tensor(added, device=model.device)
        for table in {id(one): one for one in (model.table, model.output_table)}.values():
            table[places] = table[unknown].clone()
    bias = getattr(weights.model, _BIAS, None)
    if bias is not None:
        getattr(model.pretrained, _BIAS)[:, : bias.shape[1]] = bias.to(model.device)
    left = (*(name.removeprefix(PREFIX) for name in passed.left), *weights.others)
    return Passed(passed.taken, passed.resized, passed.new, left, passed.layers)
