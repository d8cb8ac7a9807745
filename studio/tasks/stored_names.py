"""How the weights of a model are called in `model.safetensors`.

Those of a network of the transformers library have its names there, so that it reads them as they are; what a task has
put on top stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from studio.models.pretrained import PREFIX, PretrainedEncoder
from studio.models.pretrained_decoder import PretrainedDecoder

_ON_TOP = "studio."


def to_file(model: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A model's tensors by their names in a file."""
    if not _is_pretrained(model):
        return dict(tensors)
    return {
        name.removeprefix(PREFIX) if name.startswith(PREFIX) else _ON_TOP + name: tensor
        for name, tensor in tensors.items()
    }


def from_file(model: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors by their names in a model."""
    if not _is_pretrained(model):
        return dict(tensors)
    return {
        name.removeprefix(_ON_TOP) if name.startswith(_ON_TOP) else PREFIX + name: tensor
        for name, tensor in tensors.items()
    }


def _is_pretrained(model: nn.Module) -> bool:
    return isinstance(getattr(model, "encoder", None), PretrainedEncoder | PretrainedDecoder)
