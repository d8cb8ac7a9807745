"""Weights stored in fewer bits, and brought back."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Precision = Literal["single", "half", "int8"]

_SCALE = ".scale"
_SMALLEST = 4096  # a table of fewer numbers saves nothing worth its rounding


def rounded(tensors: dict[str, Tensor], precision: Precision) -> dict[str, Tensor]:
    """Tensors as they are stored.

    "int8" rounds each row of a table to 8 bits by its largest magnitude (symmetric, one scale a row, beside it under
    the table's name and ".scale") and leaves the rest in half precision. Numbers that half precision cannot hold stay.
    """
    if precision == "single":
        return dict(tensors)
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if (
            precision == "int8"
            and tensor.is_floating_point()
            and tensor.ndim == 2
            and tensor.numel() >= _SMALLEST
        ):
            scale = tensor.float().abs().amax(dim=1).clamp(min=1e-12) / 127
            found[name] = torch.round(tensor.float() / scale[:, None]).to(torch.int8)
            found[name + _SCALE] = scale
        else:
            found[name] = halved(tensor)
    return found


def restored(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """What `rounded` was given, as far as it was kept; tensors stored otherwise are left alone."""
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        scale = tensors.get(name + _SCALE)
        if tensor.dtype == torch.int8 and scale is not None:
            found[name] = tensor.float() * scale[:, None]
        elif not (name.endswith(_SCALE) and name.removesuffix(_SCALE) in tensors):
            found[name] = tensor
    return found


def halved(tensor: Tensor) -> Tensor:
    """A tensor in half precision, unless it is no floating-point one or holds numbers too large for it."""
    if not tensor.is_floating_point():
        return tensor
    half = tensor.half()
    return half if bool(torch.isfinite(half).all()) else tensor
