"""A folder with an encoder that others have trained, opened; and the weights of folders, put into a task's network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn

from studio.data.decoder_tokens import begins_as
from studio.data.encoder_tokens import EncoderTokens, read_tokens
from studio.data.symbols import UNKNOWN
from studio.models.hugging_face import (
    ENCODER,
    WEIGHTS,
    Kind,
    PretrainedError,
    about,
    read_config,
    read_weights,
)
from studio.models.pretrained import PREFIX, PretrainedEncoder, settings
from studio.models.pretrained_decoder import PretrainedDecoder
from studio.models.reader import Guesser
from studio.tasks.passing import Passed, pass_tensors
from studio.tasks.pretrained import OURS, Pretrained
from studio.tasks.rows import rows_of

_ON_TOP = "studio."  # of models that the studio has exported
# What guesses characters on top of encoders that have learnt to: its layer, its norm and its bias, by the names that
# each kind's library gives them.
_GUESSING = (
    ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias"),
    ("lm_head.dense", "lm_head.layer_norm", "lm_head.bias"),
    ("vocab_transform", "vocab_layer_norm", "vocab_projector.bias"),
    ("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.bias"),
)


def open_encoder(folder: Path, source: str) -> Pretrained:
    """The encoder of a folder, without its weights.

    Args:
        source: what a person calls it: the folder, or a name on the hub.

    Raises:
        PretrainedError: if there is none that can be used.
    """
    config = read_settings(folder, ENCODER)
    return Pretrained(config, read_pieces(folder, config), about(folder, source, config))


def read_settings(folder: Path, kind: Kind) -> dict[str, Any]:
    """A folder's configuration without what the studio has written into it.

    Raises:
        PretrainedError: if it is missing, or not of this kind.
    """
    config = read_config(folder, kind)
    if {"studio", "format"} <= config.keys():
        config = {name: value for name, value in config.items() if name not in OURS}
    return config


def read_pieces(folder: Path, config: dict[str, Any]) -> EncoderTokens:
    """How a folder's tokenizer reads texts.

    Raises:
        PretrainedError: if it cannot be used.
    """
    try:
        return read_tokens(folder, int(settings(config).vocab_size))
    except ValueError as error:
        raise PretrainedError(
            f"the network in {folder} cannot be used: {error}",
            "take the tokenizer that came with the weights",
        ) from error


class _Rows:
    """What rows stand for in a network that is no task's yet."""

    def __init__(self, pretrained: Pretrained) -> None:
        self.pretrained = pretrained


@torch.no_grad()
def pass_encoder(
    folder: Path, source: Pretrained, model: nn.Module, task: Any, how: str, kind: Kind = ENCODER
) -> Passed:
    """Put the weights of a folder's network into a task's model.

    Rows of pieces that it did not know begin as that of what it would have read, or of the unknown one.

    Raises:
        PretrainedError: if they cannot be read, or are not those of the folder's configuration.
    """
    weights = read_weights(folder, source.config, kind)
    theirs = {
        PREFIX + name: weight
        for name, weight in weights.model.named_parameters()
        if name not in weights.missing
    }
    theirs_of, ours = rows_of(_Rows(source)), rows_of(task)
    encoder = model.get_submodule("encoder")
    assert isinstance(encoder, PretrainedEncoder | PretrainedDecoder)
    passed = pass_tensors(theirs, theirs_of, model, ours, (), how)
    for table in encoder.tables:
        _begin_rows(table, source, task.pretrained.tokens.names)
    guessing = _pass_guesser(folder, model) if isinstance(model, Guesser) else {}
    others = (
        name for name in weights.others if not name.startswith(_ON_TOP) and name not in guessing.values()
    )
    return Passed(
        (*passed.taken, *guessing),
        passed.resized,
        tuple(name for name in passed.new if name not in guessing),
        (*(name.removeprefix(PREFIX) for name in passed.left), *others),
        passed.layers,
    )


def _begin_rows(table: Tensor, source: Pretrained, names: Sequence[str]) -> None:
    """Let the rows of pieces that a network did not know begin as others of it."""
    known, old = set(source.tokens.names), len(source.tokens.names)
    unknown = source.tokens.special["unknown"]
    usual = table[unknown] if unknown >= 0 else table[:old].mean(dim=0)
    usual = usual.clone()
    for number, name in enumerate(names):
        if name not in known:
            like = begins_as(source.tokens, name)
            table[number] = table[like] if like >= 0 else usual


def _pass_guesser(folder: Path, model: Guesser) -> dict[str, str]:
    """Put what guesses characters in a folder into a model; which of its weights are taken, and their names there."""
    try:
        stored = safe_open(folder / WEIGHTS, "pt")
    except OSError:
        return {}
    with stored:
        known = set(stored.keys())
        for layer, norm, bias in _GUESSING:
            # Norms were called otherwise once.
            weight, shift = ("weight", "bias") if f"{norm}.weight" in known else ("gamma", "beta")
            names = {
                "transform.weight": f"{layer}.weight",
                "transform.bias": f"{layer}.bias",
                "output_norm.weight": f"{norm}.{weight}",
                "output_norm.bias": f"{norm}.{shift}",
                "bias": bias,
            }
            if known.issuperset(names.values()):
                return names if _filled(model, {n: stored.get_tensor(t) for n, t in names.items()}) else {}
    return {}


def _filled(model: Guesser, found: dict[str, Tensor]) -> bool:
    """Whether weights fit, and have been put into a model."""
    assert isinstance(model.encoder, PretrainedEncoder)
    pieces = model.encoder.pieces.cpu()
    known = pieces.clamp(max=len(found["bias"]) - 1)
    # What is new to the encoder is as likely as what it does not know.
    found["bias"] = torch.where(
        pieces < len(found["bias"]), found["bias"][known], found["bias"][pieces[UNKNOWN]]
    )
    ours = dict(model.named_parameters())
    if any(ours[name].shape != weight.shape for name, weight in found.items()):
        return False
    for name, weight in found.items():
        ours[name].copy_(weight)
    return True
