"""Weights passed from one model to another, whose vocabulary, labels and depth may be others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.depth import in_layer, layer_of, layers_of, placed
from studio.tasks.rows import rows_of

_HASHED = "ngrams.table"  # whose rows stand for numbers of symbols
_OF_A_TASK = ("head.", "pooling.")  # alike by name and shape in tasks that mean other things by them


@dataclass(frozen=True)
class Passed:
    """What became of the weights of a new model.

    Attributes:
        taken: names of those that are the old model's.
        resized: of those whose rows were matched one by one, how many were found and how many there are.
        new: names of those that begin at random.
        left: names of the old model's weights that have no place in the new one.
        layers: for each layer the one of the old model's that it is, -1 for those that begin at random; empty where
            both have as many.
    """

    taken: tuple[str, ...]
    resized: Mapping[str, tuple[int, int]]
    new: tuple[str, ...]
    left: tuple[str, ...]
    layers: tuple[int, ...] = ()


@dataclass
class _Sorting:
    taken: list[str] = field(default_factory=list)
    resized: dict[str, tuple[int, int]] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)


def pass_weights(old: nn.Module, old_task: Any, new: nn.Module, new_task: Any, how: str = "first") -> Passed:
    """Put an old model's weights into a new one, as far as they mean the same there.

    Weights whose rows stand for characters or labels are matched row by row. The hashed table of n-grams is taken only
    where both models number their characters alike. Outputs that tasks give the same name are not taken across tasks.

    Args:
        how: which layers are taken where there are more or fewer, see `depth.placed`.
    """
    rows, their_rows = rows_of(new_task), rows_of(old_task)
    others = () if old_task.name == new_task.name else _OF_A_TASK
    apart = () if _same_numbers(rows, their_rows) else (_HASHED,)
    return pass_tensors(dict(old.named_parameters()), their_rows, new, rows, (*others, *apart), how)


@torch.no_grad()
def pass_tensors(
    theirs: Mapping[str, Tensor],
    their_rows: Mapping[str, Sequence[str]],
    new: nn.Module,
    rows: Mapping[str, Sequence[str]],
    apart: tuple[str, ...],
    how: str,
) -> Passed:
    """Put weights into a model by their names.

    Args:
        their_rows, rows: as of `rows_of`.
        apart: how the names of those begin that mean something else in the model.
        how: see `pass_weights`.
    """
    ours_by_depth, theirs_by_depth = layers_of(dict(new.named_parameters())), layers_of(theirs)
    layers = placed(ours_by_depth, theirs_by_depth, how)
    found, used = _Sorting(), set()
    for name, weight in new.named_parameters():
        depth = layer_of(name)
        called = name if depth is None else in_layer(name, layers[depth])
        source = theirs.get(called)
        before = len(found.new)
        ours, other = rows.get(name), their_rows.get(name)
        if source is None or source.shape[1:] != weight.shape[1:]:
            found.new.append(name)
        elif ours is not None and other is not None:
            _match(found, name, weight, source, ours, other)
        elif source.shape == weight.shape and not name.startswith(apart):
            weight.copy_(source)
            found.taken.append(name)
        else:
            found.new.append(name)
        if len(found.new) == before:
            used.add(called)
    left = tuple(name for name in theirs if name not in used)
    told = layers if ours_by_depth != theirs_by_depth else ()
    return Passed(tuple(found.taken), found.resized, tuple(found.new), left, told)


def _match(
    found: _Sorting, name: str, weight: Tensor, source: Tensor, ours: Sequence[str], other: Sequence[str]
) -> None:
    where = {row: number for number, row in enumerate(other)}
    pairs = [(number, where[row]) for number, row in enumerate(ours) if row in where]
    if not any(_is_text(ours[number]) for number, _ in pairs):
        found.new.append(name)
        return
    mine, from_ = (torch.tensor(column, device=weight.device) for column in zip(*pairs, strict=True))
    weight[mine] = source.to(weight.device)[from_]
    if len(pairs) == len(ours):
        found.taken.append(name)
    else:
        found.resized[name] = (len(pairs), len(ours))


def _same_numbers(rows: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> bool:
    """Whether the characters that both models know have the same numbers in both."""
    ours, theirs = rows.get("embedding.weight"), other.get("embedding.weight")
    if ours is None or theirs is None:
        return False
    where = {row: number for number, row in enumerate(theirs)}
    shared = [(number, where[row]) for number, row in enumerate(ours) if row in where and _is_text(row)]
    return bool(shared) and all(number == other for number, other in shared)


def _is_text(row: str) -> bool:
    """Whether a row stands for a text: what stands for none is in all vocabularies."""
    return len(row) == 1 or not row.startswith("<")
