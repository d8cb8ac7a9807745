"""Low-rank adapters beside linear layers: put in, and merged into the weights again (Hu et al. 2021, arXiv:2106.09685).

By the peft library, whose names weights with adapters have in checkpoints.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import nn

from studio.models.depth import BELOW
from studio.recipe.pretrained import Lora

_ADAPTED = ("encoder.", "pretrained.")  # encoders, and networks of the transformers library that do both
_ADAPTER = ".lora_"
_OUTPUTS = (".lm_head", ".embed_out")  # of decoders, whose weights are often those of the input as well


class NoSuchLayerError(ValueError):
    """Layers that are to get adapters, and that there are not; `known` are those that there are."""

    def __init__(self, wanted: tuple[str, ...], known: tuple[str, ...]) -> None:
        self.wanted, self.known = wanted, known
        super().__init__(f"no linear layer of the encoder is called {', '.join(wanted)}")


def add_adapters(model: nn.Module, lora: Lora) -> None:
    """Put adapters beside linear layers of a model's encoder, in place. They change nothing before they have learnt.

    All that stands below the task's own output is frozen.

    Raises:
        NoSuchLayerError: if a pattern of the recipe matches none.
    """
    import peft
    from transformers.pytorch_utils import Conv1D

    found = {
        name: module
        for name, module in model.named_modules()
        if name.startswith(_ADAPTED)
        and isinstance(module, nn.Linear | Conv1D)
        and "pooler" not in name
        and not name.endswith(_OUTPUTS)
    }
    layers = list(found)
    targets = lora.targets or ("*",)
    unknown = tuple(pattern for pattern in targets if not any(_fits(name, pattern) for name in layers))
    if unknown:
        raise NoSuchLayerError(unknown, tuple(sorted({name.rpartition(".")[2] for name in layers})))
    chosen = [name for name in layers if any(_fits(name, pattern) for pattern in targets)]
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    config = peft.LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]
        lora_dropout=lora.dropout,
        target_modules=chosen,
        # GPT-2's linear layers hold their weights the other way round.
        fan_in_fan_out=all(isinstance(found[name], Conv1D) for name in chosen),
    )
    peft.inject_adapter_in_model(config, model)
    for name, weight in model.named_parameters():
        below = name.startswith((*_ADAPTED, *BELOW))
        weight.requires_grad_(_ADAPTER in name or (name in trained and not below))


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition(".")[2], pattern)


@torch.no_grad()
def merge_adapters(model: nn.Module) -> None:
    """Add what adapters have learnt to the weights beside them, and take them out, in place."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(model.named_modules()):
        if not isinstance(module, BaseTunerLayer):
            continue
        adapted: Any = module
        adapted.merge()
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, adapted.get_base_layer())
