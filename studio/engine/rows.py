"""AdamW for models with tables of which a step meets a few rows: those rows are moved, and all others left alone.

A table of n-gram embeddings is most of a small model, and a batch meets a few hundredths of its rows. To decay both
moments of all the others and to move them on by what is left of an old mean is most of the time of a small step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from studio.engine.sharding import local, rows_like
from studio.models.ngrams import NgramEmbedding


def tables(model: nn.Module) -> list[nn.Parameter]:
    """The weights of a model of which a step meets a few rows only."""
    return [module.table for module in model.modules() if isinstance(module, NgramEmbedding)]


def give_sparse_gradients(model: nn.Module) -> None:
    """Let the tables' gradients hold the rows that were met and no others; for `RowAdamW`, in a process of its own."""
    for module in model.modules():
        if isinstance(module, NgramEmbedding):
            module.sparse = True


class RowAdamW(torch.optim.AdamW):
    """AdamW (fused) whose tables are learnt row by row.

    A row whose gradient is zero is left alone. Its second moment decays all the same, but that is made up for when
    the row is met again, so that sparse gradients, which name each row once, and dense ones teach the same. Rows have
    no first moment: it would move a row in the steps after a meeting by what `beta1` of 0 moves it by at once (the
    sums differ by a tenth), and would have to be kept and moved for all of them. Weight decay applies to the rows
    that are met.

    torch's SparseAdam lets moments decay when a row is met only. The rarer a row, the smaller are its steps then beside
    those of AdamW; that was measured to learn more slowly.

    Args:
        groups: as of any optimiser; the tables are among their weights.
        tables: which of the weights are tables [rows, columns].
    """

    def __init__(
        self,
        groups: list[dict[str, Any]],
        tables: Iterable[nn.Parameter],
        *,
        lr: float,
        betas: tuple[float, float],
    ) -> None:
        self._tables = {id(table) for table in tables}
        super().__init__(groups, lr=lr, betas=betas, fused=True)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One step; on a GPU, left out as a whole where `found_inf` says so."""
        met = [
            (group, weight, weight.grad)
            for group in self.param_groups
            for weight in group["params"]
            if weight.grad is not None and id(weight) in self._tables
        ]
        for _, weight, _ in met:
            weight.grad = None  # hidden from torch's own
        result = super().step(closure)
        for group, weight, gradient in met:
            self._move(group, weight, gradient)
            weight.grad = gradient
        return result

    def _move(self, group: dict[str, Any], weight: nn.Parameter, gradient: Tensor) -> None:
        state = self.state[weight]
        if not state:
            state["step"] = torch.zeros((), device=weight.device)
            state["exp_avg_sq"] = torch.zeros_like(weight)
        left_out: Tensor | None = getattr(self, "found_inf", None)
        state["step"] += 1 if left_out is None else 1 - left_out
        rate = _Rate(group, state["step"])
        rows, moment = local(weight), local(state["exp_avg_sq"])
        if gradient.is_sparse:
            _move_met(state, rate, rows, moment, gradient._indices()[0], gradient._values())
            return
        slope = local(gradient)
        if "met" in state:  # what came before was learnt from sparse gradients
            gone = (state["step"] - 1).to(rows.device) - rows_like(state.pop("met"), weight)
            moment.mul_(rate.beta ** gone[:, None])
        new, second = rate.moved(rows, slope, moment * rate.beta)
        touched = (slope != 0).any(dim=1, keepdim=True)
        if left_out is not None:
            touched &= left_out == 0
            second = torch.where(left_out == 0, second, moment)
        rows.copy_(torch.where(touched, new, rows))
        moment.copy_(second)


def _move_met(
    state: dict[str, Any], rate: _Rate, rows: Tensor, moment: Tensor, met: Tensor, slope: Tensor
) -> None:
    """Move the rows with the numbers `met`, each once, whose gradients are `slope`."""
    if "met" not in state:  # [rows] the step that each moment belongs to
        state["met"] = (state["step"] - 1).expand(len(rows)).clone()
    touched = (slope != 0).any(dim=1)
    if not touched.all():
        met, slope = met[touched], slope[touched]
    gone = state["step"] - state["met"].index_select(0, met)
    decayed = moment.index_select(0, met).mul_(rate.beta ** gone[:, None])
    new, second = rate.moved(rows.index_select(0, met), slope, decayed)
    rows.index_copy_(0, met, new)
    moment.index_copy_(0, met, second)
    state["met"].index_copy_(0, met, state["step"].expand(len(met)))


class _Rate:
    """How far rows move in one step."""

    def __init__(self, group: dict[str, Any], step: Tensor) -> None:
        self.beta: float = group["betas"][1]
        self._rate, self._epsilon = group["lr"], group["eps"]
        self._shrinkage = 1 - group["lr"] * group["weight_decay"]
        self._correction = (1 - self.beta**step).sqrt()

    def moved(self, rows: Tensor, slope: Tensor, decayed: Tensor) -> tuple[Tensor, Tensor]:
        """The rows and their second moments after a step; `decayed` moments are changed."""
        second = decayed.addcmul_(slope, slope, value=1 - self.beta)
        scale = second.sqrt().div_(self._correction).add_(self._epsilon)
        return (rows * self._shrinkage).addcdiv_(slope, scale, value=-self._rate), second
