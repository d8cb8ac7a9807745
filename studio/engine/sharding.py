"""Weights divided among processes: each holds a part, and gathers the whole of a layer only while it computes it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def shard(model: nn.Module, device: torch.device, size: int) -> None:
    """Divide a model's weights among the processes, layer by layer (Zhao et al. 2023, arXiv:2304.11277).

    Parameters change their kind: an optimiser has to be made afterwards.
    """
    # Loaded here: a single process needs none of it.
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.type, (size,))
    for module in model.modules():
        for layer in getattr(module, "layers", None) or ():
            if isinstance(layer, nn.Module) and any(True for _ in layer.parameters()):
                fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)


def whole(tensor: Tensor) -> Tensor:
    """A tensor with all its parts; those of all processes have to ask for it at once."""
    gather = getattr(tensor, "full_tensor", None)
    return tensor if gather is None else gather()


def local(tensor: Tensor) -> Tensor:
    """The part of a tensor that this process holds, without a copy."""
    return getattr(tensor, "_local_tensor", tensor)


def like(value: Any, weight: Any) -> Any:
    """An optimiser's value for a weight, divided as the weight is if it has its shape."""
    if hasattr(weight, "placements") and isinstance(value, Tensor) and value.shape == weight.shape:
        from torch.distributed.tensor import distribute_tensor

        return distribute_tensor(value.to(weight.device), weight.device_mesh, weight.placements)
    return value


def rows_like(values: Tensor, weight: Any) -> Tensor:
    """One value a row of a weight: those of the rows that this process holds."""
    if hasattr(weight, "placements"):
        from torch.distributed.tensor import distribute_tensor

        return local(distribute_tensor(values.to(weight.device), weight.device_mesh, weight.placements))
    return values.to(weight.device)


@torch.no_grad()
def copy_whole(model: nn.Module, target: nn.Module | None) -> None:
    """Gather each weight of a sharded model into `target`, which is None in the processes that only take part."""
    into = dict(target.named_parameters()) if target is not None else {}
    for name, weight in model.named_parameters():
        value = whole(weight.detach())
        if name in into:
            into[name].copy_(value)
