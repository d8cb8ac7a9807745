"""A folder with an encoder that others have trained, opened: how it reads and what its network is, and its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from studio.data.encoder_tokens import read_tokens
from studio.models.hugging_face import EncoderError, about, read_config, read_weights
from studio.models.pretrained import PREFIX, PretrainedEncoder, settings
from studio.tasks.passing import Passed, pass_tensors
from studio.tasks.pretrained import OURS, Pretrained
from studio.tasks.rows import rows_of

_ON_TOP = "studio."  # of models that the studio has exported


def open_encoder(folder: Path, source: str) -> Pretrained:
    """The encoder of a folder, without its weights.

    Args:
        source: what a person calls it: the folder, or a name on the hub.

    Raises:
        EncoderError: if there is none that can be used.
    """
    config = read_config(folder)
    if {"studio", "format"} <= config.keys():
        config = {name: value for name, value in config.items() if name not in OURS}
    try:
        tokens = read_tokens(folder, int(settings(config).vocab_size))
    except ValueError as error:
        raise EncoderError(
            f"the encoder in {folder} cannot be used: {error}",
            "take the tokenizer that came with the weights",
        ) from error
    return Pretrained(config, tokens, about(folder, source, config))


class _Rows:
    """What rows stand for in an encoder that is no task's yet."""

    def __init__(self, pretrained: Pretrained) -> None:
        self.pretrained = pretrained


@torch.no_grad()
def pass_encoder(folder: Path, source: Pretrained, model: nn.Module, task: Any, how: str) -> Passed:
    """Put the weights of an encoder's folder into a task's model.

    Rows of pieces that the encoder did not know begin as that of the unknown one.

    Raises:
        EncoderError: if they cannot be read, or are not those of the folder's configuration.
    """
    weights = read_weights(folder, source.config)
    theirs = {
        PREFIX + name: weight
        for name, weight in weights.model.named_parameters()
        if name not in weights.missing
    }
    theirs_of, ours = rows_of(_Rows(source)), rows_of(task)
    encoder = model.get_submodule("encoder")
    assert isinstance(encoder, PretrainedEncoder)
    known = set(source.tokens.names)
    unknown = source.tokens.special["unknown"]
    passed = pass_tensors(theirs, theirs_of, model, ours, (), how)
    table, names = encoder.table, task.pretrained.tokens.names
    added = [number for number, name in enumerate(names) if name not in known]
    if added and unknown >= 0:
        table[torch.tensor(added, device=table.device)] = table[unknown].clone()
    others = tuple(name for name in weights.others if not name.startswith(_ON_TOP))
    left = (*(name.removeprefix(PREFIX) for name in passed.left), *others)
    return Passed(passed.taken, passed.resized, passed.new, left, passed.layers)
