"""Sequences of tags: the likeliest valid one, and a linear-chain conditional random field (Lafferty et al. 2001)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_LEAST = 1e-30  # a probability below this, beside the largest at a position, is as good as none


class LinearChain(nn.Module):
    """Scores of tags that follow one another, forbidden ones never.

    Args:
        follows: which tag (column) may stand behind which (row), bool [tags, tags].
        begins, ends: which may stand first and last, bool [tags].
        learnt: whether there are scores to learn; else all that is allowed is alike.
    """

    def __init__(self, follows: Tensor, begins: Tensor, ends: Tensor, *, learnt: bool) -> None:
        super().__init__()
        for name, allowed in (("follows", follows), ("begins", begins), ("ends", ends)):
            barred = torch.zeros(allowed.shape).masked_fill(~allowed, -torch.inf)
            self.register_buffer(name, barred, persistent=False)
        self.follows: Tensor
        self.begins: Tensor
        self.ends: Tensor
        self.learnt = learnt
        if learnt:
            self.transitions = nn.Parameter(torch.zeros(follows.shape))
            self.first, self.last = (nn.Parameter(torch.zeros(len(begins))) for _ in range(2))

    def _scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of following, of beginning and of ending; -inf for what is forbidden."""
        if not self.learnt:
            return self.follows, self.begins, self.ends
        return self.follows + self.transitions, self.begins + self.first, self.ends + self.last

    def loss(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Negative log-likelihood of whole sequences, summed, in nats.

        Args:
            scores: of each tag at each position [rows, length, tags], single precision.
            tags: the right ones [rows, length], which must be allowed; anything behind a row's end.
            lengths: [rows], at least 1.
        """
        return (self.partition(scores, lengths) - self.score(scores, tags, lengths)).sum()

    def score(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """The score of given sequences [rows]."""
        follows, begins, ends = self._scores()
        rows = torch.arange(len(scores), device=scores.device)
        valid = torch.arange(tags.shape[1], device=tags.device) < lengths[:, None]
        tags = tags.where(valid, tags[:, :1])
        each = scores.gather(2, tags[..., None])[..., 0].masked_fill(~valid, 0).sum(dim=1)
        pairs = follows[tags[:, :-1], tags[:, 1:]].masked_fill(~valid[:, 1:], 0).sum(dim=1)
        return each + pairs + begins[tags[:, 0]] + ends[tags[rows, lengths - 1]]

    def partition(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The logarithm of the sum over all allowed sequences [rows].

        Sums over tags are products of matrices of probabilities, scaled by the largest of each row: a table of all
        pairs of tags for each row would be some hundred times as large.
        """
        follows, begins, ends = self._scores()
        scale = follows.detach().max()
        chances = (follows - scale).exp()
        sums = begins + scores[:, 0]
        for place in range(1, scores.shape[1]):
            most = sums.detach().amax(dim=1, keepdim=True)
            moved = ((sums - most).exp() @ chances).clamp_min(_LEAST).log() + most + scale
            going_on = (place < lengths)[:, None]
            sums = torch.where(going_on, moved + scores[:, place], sums)
        return torch.logsumexp(sums + ends, dim=1)

    @torch.no_grad()
    def best(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The allowed sequences with the highest scores (Viterbi) [rows, length]; 0 behind a row's end."""
        follows, begins, ends = self._scores()
        rows, length, _ = scores.shape
        totals = begins + scores[:, 0]
        came_from = torch.zeros(scores.shape, dtype=torch.int16, device=scores.device)
        towards = (
            follows.T.contiguous()
        )  # the tag that follows in the rows: the highest is found along memory
        for place in range(1, length):
            highest, before = (totals[:, None, :] + towards).max(dim=2)
            going_on = (place < lengths)[:, None]
            totals = torch.where(going_on, highest + scores[:, place], totals)
            came_from[:, place] = before
        best = torch.zeros(rows, length, dtype=torch.int64, device=scores.device)
        current = (totals + ends).argmax(dim=1)
        every = torch.arange(rows, device=scores.device)
        for place in range(length - 1, -1, -1):
            there = place < lengths
            best[:, place] = torch.where(there, current, 0)
            current = torch.where(
                there & (place > 0), came_from[every, place, current].to(torch.int64), current
            )
        return best
