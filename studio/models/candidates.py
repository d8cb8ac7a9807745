"""Scores over a syllable's own characters, without ever touching the others.

The output units are (syllable, character) pairs laid out syllable by syllable, so that the candidates of a
syllable are one slice. A softmax over that slice is the model's distribution over characters given the
pinyin; the thousands of characters that are read otherwise cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_BLOCK = 8192  # scores of one product; measured


def prefers_small_products(device: torch.device) -> bool:
    """Whether many small products beat one large one: on a processor they do, on a GPU they do not."""
    return device.type == "cpu"


class CandidateHead(nn.Module):
    """A linear layer over candidate units, read slice by slice.

    Args:
        width: size of the encoder's vectors.
        starts: [syllables + 1] first unit of each syllable; the last entry is the number of units.
        log_prior: [units] log-probability of each unit given its syllable, where the bias starts.
    """

    def __init__(self, width: int, starts: Tensor, log_prior: Tensor) -> None:
        super().__init__()
        self.register_buffer("starts", starts.to(torch.int64))
        self.starts: Tensor
        self.weight = nn.Parameter(torch.empty(int(starts[-1]), width).normal_(std=0.02))
        self.bias = nn.Parameter(log_prior.float().clone())
        self.register_load_state_dict_pre_hook(_check_starts)

    def forward(self, hidden: Tensor, syllables: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of the candidates of each position.

        Args:
            hidden: [positions, width].
            syllables: [positions].

        Returns:
            units [positions, most] int64 and log-probabilities [positions, most], -1 and -inf beyond the
            syllable's own candidates; `most` is the largest number of candidates among these positions, and
            at least 1.
        """
        _, columns, valid = self._slices(syllables)
        if prefers_small_products(hidden.device):
            scores = self._grouped_scores(hidden.float(), syllables, columns.shape[1])
        else:
            scores = self._scores(hidden).gather(1, columns)
        scores = scores.masked_fill(~valid, float("-inf"))
        # Masked once more: a syllable that has no candidates has no distribution either.
        logs = scores.log_softmax(dim=-1).masked_fill(~valid, float("-inf"))
        return columns.masked_fill(~valid, -1), logs

    def loss(self, hidden: Tensor, syllables: Tensor, units: Tensor, smoothing: float = 0.0) -> Tensor:
        """Summed cross entropy in nats of the right `units` [positions] among their syllables' candidates.

        Args:
            hidden: [positions, width].
            syllables: [positions].
            units: [positions] the right unit, which must be one of its syllable's.
            smoothing: share of the target spread evenly over the syllable's candidates.
        """
        if prefers_small_products(hidden.device):
            # Products of this size gain nothing from coarser numbers, and autocast would choose their type.
            with torch.autocast(hidden.device.type, enabled=False):
                result: Tensor = _GroupedCrossEntropy.apply(
                    hidden, self.weight, self.bias, self.starts, syllables, units, smoothing
                )
            return result
        # The softmax still sees the slice alone.
        first, columns, valid = self._slices(syllables)
        chosen = (
            self._scores(hidden).gather(1, columns).masked_fill(~valid, float("-inf")).log_softmax(dim=-1)
        )
        right = -chosen.gather(1, (units - first)[:, None]).sum()
        if not smoothing:
            return right
        even = -(chosen.masked_fill(~valid, 0.0).sum(dim=-1) / valid.sum(dim=-1)).sum()
        return (1 - smoothing) * right + smoothing * even

    def _scores(self, hidden: Tensor) -> Tensor:
        return functional.linear(hidden, self.weight.to(hidden.dtype)).float() + self.bias

    def _grouped_scores(self, hidden: Tensor, syllables: Tensor, most: int) -> Tensor:
        """Scores [positions, most] by small products; what lies beyond a syllable's slice means nothing."""
        order = syllables.argsort(stable=True)
        sorted_syllables, grouped = syllables[order], hidden[order]
        present, counts = sorted_syllables.unique_consecutive(return_counts=True)
        starts = self.starts.tolist()
        scores = hidden.new_empty(len(syllables), most)
        steps = torch.arange(most)
        for rows, sizes, spans in _together(present.tolist(), counts.tolist(), starts):
            weight = torch.cat([self.weight[span] for span in spans]).float()
            bias = torch.cat([self.bias[span] for span in spans]).float()
            product = torch.addmm(bias, grouped[rows], weight.t())
            begin = torch.tensor([0, *accumulate(span.stop - span.start for span in spans)][:-1])
            column = begin.repeat_interleave(torch.tensor(sizes))[:, None] + steps
            scores[order[rows]] = product.gather(1, column.clamp_(max=product.shape[1] - 1))
        return scores

    def _slices(self, syllables: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first = self.starts[syllables]
        count = self.starts[syllables + 1] - first
        steps = torch.arange(max(1, int(count.max())), device=syllables.device)
        valid = steps < count[:, None]
        return first, torch.where(valid, first[:, None] + steps, 0), valid


def _check_starts(module: nn.Module, state: dict[str, Any], prefix: str, *rest: Any) -> None:
    """Refuse weights whose units belong to other syllables than the vocabulary's: their number may agree."""
    errors: list[str] = rest[-1]
    ours, theirs = module.starts, state.get(f"{prefix}starts")
    if isinstance(ours, Tensor) and isinstance(theirs, Tensor) and not torch.equal(ours.cpu(), theirs.cpu()):
        errors.append("the weights belong to another vocabulary")


def _together(
    syllables: Sequence[int], counts: Sequence[int], starts: Sequence[int]
) -> Iterator[tuple[slice, list[int], list[slice]]]:
    """Syllables whose positions are multiplied with the units of all of them at once, as long as that is little.

    Yields:
        positions, how many each syllable has of them, and the units of each.
    """
    first = last = units = 0
    sizes: list[int] = []
    spans: list[slice] = []
    for syllable, count in zip(syllables, counts, strict=True):
        span = slice(starts[syllable], starts[syllable + 1])
        own = span.stop - span.start
        if spans and units and (last + count - first) * (units + own) > _BLOCK:
            yield slice(first, last), sizes, spans
            first, units, sizes, spans = last, 0, [], []
        last, units = last + count, units + own
        sizes.append(count)
        spans.append(span)
    if units:
        yield slice(first, last), sizes, spans


def _blocks(
    syllables: Sequence[int], counts: Sequence[int], starts: Sequence[int]
) -> Iterator[tuple[slice, slice, bool]]:
    """Positions and units that are multiplied at once, and whether more than one syllable shares the product.

    Of a small batch a syllable has one or two positions, and a product of that size is over before the next can be
    asked for. Neighbours are therefore taken together, at the price of scores that are thrown away.

    Args:
        syllables: those present, ascending; `counts` says how many positions each has.
        starts: first unit of each syllable there is.
    """
    low = high = first = last = members = 0
    for syllable, count in zip(syllables, counts, strict=True):
        begin, end = starts[syllable], starts[syllable + 1]
        if members and (high + count - low) * (end - first) > _BLOCK:
            yield slice(low, high), slice(first, last), members > 1
            low, members = high, 0
        if not members:
            first = begin
        high, last, members = high + count, end, members + 1
    if members:
        yield slice(low, high), slice(first, last), members > 1


class _GroupedCrossEntropy(torch.autograd.Function):
    """Cross entropy by groups of equal syllables: small products instead of a full softmax.

    The gradients are found with the loss, as in a fused linear cross entropy, since every logit is needed
    for both and would otherwise have to be kept or computed twice.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor,
        starts: Tensor,
        syllables: Tensor,
        units: Tensor,
        smoothing: float,
    ) -> Tensor:
        order = syllables.argsort(stable=True)
        grouped = hidden.detach().float().index_select(0, order)
        sorted_syllables = syllables[order]
        present, counts = sorted_syllables.unique_consecutive(return_counts=True)
        firsts, lasts, targets = starts[sorted_syllables], starts[sorted_syllables + 1], units[order]
        needed = any(ctx.needs_input_grad[:3])
        gradient = torch.empty_like(grouped) if needed else grouped
        weight_gradient = torch.zeros_like(weight) if needed else weight
        bias_gradient = torch.zeros_like(bias) if needed else bias
        total = 0.0
        table = weight.detach().float()
        for rows, span, shared in _blocks(present.tolist(), counts.tolist(), starts.tolist()):
            logits = torch.addmm(bias[span], grouped[rows], table[span].t())
            right = targets[rows, None] - span.start
            known = lasts[rows, None] - firsts[rows, None]
            others: Tensor | None = None
            if shared:
                place = torch.arange(span.start, span.stop)
                others = (place < firsts[rows, None]) | (place >= lasts[rows, None])
                logits.masked_fill_(others, float("-inf"))
            logs = logits.log_softmax(dim=-1)
            total -= (1 - smoothing) * float(logs.gather(1, right).sum())
            if smoothing:
                own = logs if others is None else logs.masked_fill(others, 0.0)
                total -= smoothing * float((own / known).sum())
            if needed:
                slope = logs.exp()
                if smoothing:
                    slope -= smoothing / known
                    if others is not None:
                        slope.masked_fill_(others, 0.0)
                slope.scatter_add_(1, right, torch.full_like(right, smoothing - 1, dtype=slope.dtype))
                torch.mm(slope, table[span], out=gradient[rows])
                torch.mm(slope.t(), grouped[rows], out=weight_gradient[span])
                torch.sum(slope, dim=0, out=bias_gradient[span])
        if needed:
            back = torch.empty_like(gradient).index_copy_(0, order, gradient).to(hidden.dtype)
            ctx.save_for_backward(back, weight_gradient, bias_gradient)
        return torch.tensor(total, dtype=torch.float32)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        hidden, weight, bias = ctx.saved_tensors
        scale = outer[0]
        return hidden * scale.to(hidden.dtype), weight * scale, bias * scale, None, None, None, None
