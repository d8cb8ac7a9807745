"""Weights that a recipe leaves as they are."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from torch import nn

from studio.models.adapters import NoSuchLayerError, add_adapters
from studio.recipe import Problem, RecipeError
from studio.recipe.pretrained import Lora

_PATH, _TARGETS = "training.frozen", "training.lora.targets"


def freeze(model: nn.Module, patterns: Sequence[str]) -> None:
    """Take the weights whose names match one of the patterns out of training.

    Raises:
        RecipeError: for every pattern that matches nothing, and if nothing is left to train.
    """
    names = [name for name, _ in model.named_parameters()]
    tops = sorted({name.split(".")[0] for name in names})
    unknown = [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in names)]
    if unknown:
        remedy = f"weights begin with {', '.join(tops)}; {tops[0]}* means all that begin so"
        raise RecipeError([Problem(_PATH, f"no weight is called {pattern!r}", remedy) for pattern in unknown])
    for name, parameter in model.named_parameters():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise RecipeError([Problem(_PATH, "nothing is left to train", "leave one of the patterns out")])


def adapt(model: nn.Module, lora: Lora) -> None:
    """Put a recipe's adapters beside a model's layers, if it wants any.

    Raises:
        RecipeError: for every layer that is to get one and that there is not.
    """
    if not lora.rank:
        return
    try:
        add_adapters(model, lora)
    except NoSuchLayerError as error:
        remedy = f"linear layers are called {', '.join(error.known)}"
        raise RecipeError(
            [
                Problem(_TARGETS, f"no linear layer of the encoder is called {name!r}", remedy)
                for name in error.wanted
            ]
        ) from error
