"""Gradient checkpointing: what a layer computed is computed again for its gradient instead of being kept."""

from __future__ import annotations

import functools
from typing import Any

from torch import nn
from torch.utils.checkpoint import checkpoint

_STACKS = ("layers", "layer", "h")  # as networks of ours and of the transformers library call them


def recompute_layers(model: nn.Module) -> int:
    """Let each layer of the model's encoders be computed twice (Chen et al. 2016, arXiv:1604.06174).

    The random state is put back for the second time, so that dropout leaves out the same.

    Returns:
        how many layers; 0 for a network whose layers are not apart from each other, which stays as it is.
    """
    layers = [
        layer
        for module in model.modules()
        for name in _STACKS
        for stack in [getattr(module, name, None)]
        if isinstance(stack, nn.ModuleList)
        for layer in stack
    ]
    for layer in layers:
        # On the layer itself: wrapping it in another module would change the names of its weights.
        layer.forward = functools.partial(_forward, layer, layer.forward)
    return len(layers)


def _forward(layer: nn.Module, forward: Any, *inputs: Any, **named: Any) -> Any:
    if not layer.training:
        return forward(*inputs, **named)
    return checkpoint(forward, *inputs, use_reentrant=False, **named)
