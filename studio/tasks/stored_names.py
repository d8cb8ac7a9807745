"""How the weights of a model are called in `model.safetensors`.

Those of a network of the transformers library have its names there, so that it reads them as they are; what a task has
put on top stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from studio.models.library_encoder_decoder import PREFIX as PAIR_PREFIX
from studio.models.library_encoder_decoder import LibraryEncoderDecoder
from studio.models.pretrained import PREFIX, PretrainedEncoder
from studio.models.pretrained_decoder import PretrainedDecoder

_ON_TOP = "studio."


def to_file(model: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A model's tensors by their names in a file."""
    prefix = _prefix(model)
    if not prefix:
        return dict(tensors)
    return {
        name.removeprefix(prefix) if name.startswith(prefix) else _ON_TOP + name: tensor
        for name, tensor in tensors.items()
    }


def from_file(model: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors by their names in a model."""
    prefix = _prefix(model)
    if not prefix:
        return dict(tensors)
    return {
        name.removeprefix(_ON_TOP) if name.startswith(_ON_TOP) else prefix + name: tensor
        for name, tensor in tensors.items()
    }


def _prefix(model: nn.Module) -> str:
    """How the names of the library's weights begin in a model; empty if it has none."""
    if isinstance(model, LibraryEncoderDecoder):
        return PAIR_PREFIX
    return (
        PREFIX if isinstance(getattr(model, "encoder", None), PretrainedEncoder | PretrainedDecoder) else ""
    )
