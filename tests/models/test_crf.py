"""The linear chain: against every sequence written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.models.crf import LinearChain

TAGS, LENGTH = 4, 4


def chain(*, learnt: bool = True, seed: int = 0) -> LinearChain:
    """A chain over B, M, E and S, with scores of its own where it learns some."""
    follows = torch.tensor([[0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 1]], dtype=torch.bool)
    begins, ends = torch.tensor([1, 0, 0, 1]).bool(), torch.tensor([0, 0, 1, 1]).bool()
    made = LinearChain(follows, begins, ends, learnt=learnt)
    generator = torch.Generator().manual_seed(seed)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, generator=generator)
    return made


def every_sequence(made: LinearChain, scores: Tensor) -> dict[tuple[int, ...], float]:
    """The score of each allowed sequence of one row, added up by hand."""
    follows, begins, ends = (one.detach().numpy() for one in made._scores())
    given = scores.detach().numpy()
    found = {}
    for tags in itertools.product(range(TAGS), repeat=len(given)):
        total = begins[tags[0]] + ends[tags[-1]] + sum(given[place, tag] for place, tag in enumerate(tags))
        total += sum(follows[a, b] for a, b in itertools.pairwise(tags))
        if np.isfinite(total):
            found[tags] = float(total)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("learnt", [True, False])
def test_against_all_sequences(learnt: bool, seed: int) -> None:
    made = chain(learnt=learnt, seed=seed)
    scores = 3 * torch.randn(3, LENGTH, TAGS, generator=torch.Generator().manual_seed(seed))
    lengths = torch.tensor([4, 2, 1])
    partition, best = made.partition(scores, lengths).detach(), made.best(scores, lengths)
    for row, length in enumerate(lengths.tolist()):
        known = every_sequence(made, scores[row, :length])
        totals = torch.tensor(list(known.values()))
        assert float(partition[row]) == pytest.approx(float(totals.logsumexp(0)), abs=1e-4)
        assert tuple(best[row, :length].tolist()) == max(known, key=known.__getitem__)
        assert not best[row, length:].any()
        tags = torch.zeros(1, LENGTH, dtype=torch.int64)
        for sequence, total in known.items():
            tags[0, :length] = torch.tensor(sequence)
            score = made.score(scores[row : row + 1], tags, lengths[row : row + 1])
            assert score.item() == pytest.approx(total, abs=1e-4)


def test_the_loss_is_the_likelihood_of_what_is_right() -> None:
    made = chain()
    scores, lengths = torch.randn(2, 3, TAGS), torch.tensor([3, 2])
    tags = torch.tensor([[0, 1, 2], [3, 3, 0]])
    chances = []
    for row, right in ((0, (0, 1, 2)), (1, (3, 3))):
        known = every_sequence(made, scores[row, : len(right)])
        chances.append(known[right] - float(torch.tensor(list(known.values())).logsumexp(0)))
    assert float(made.loss(scores, tags, lengths).detach()) == pytest.approx(-sum(chances), abs=1e-4)


def test_gradients_are_those_of_all_sequences() -> None:
    """The slope of the partition is the chance of each tag at each position, over all allowed sequences."""
    made = chain(seed=3)
    scores = torch.randn(1, LENGTH, TAGS, requires_grad=True)
    made.partition(scores, torch.tensor([LENGTH])).sum().backward()
    known = every_sequence(made, scores[0])
    shares = torch.tensor(list(known.values())).softmax(0)
    expected = torch.zeros(LENGTH, TAGS)
    for share, sequence in zip(shares, known, strict=True):
        for place, tag in enumerate(sequence):
            expected[place, tag] += share
    assert scores.grad is not None and torch.allclose(scores.grad[0], expected, atol=1e-5)
    assert all(torch.isfinite(one.grad).all() for one in made.parameters() if one.grad is not None)


def test_large_scores_stay_numbers() -> None:
    made = chain()
    scores = torch.randn(2, 60, TAGS) * 200
    lengths = torch.tensor([60, 31])
    found = made.best(scores, lengths)
    loss = made.loss(scores, found, lengths)
    assert torch.isfinite(loss) and float(loss.detach()) >= -1e-2


def test_only_allowed_sequences_come_out() -> None:
    made = chain(learnt=False)
    found = made.best(torch.randn(50, 9, TAGS), torch.full((50,), 9))
    assert torch.isin(found[:, 0], torch.tensor([0, 3])).all()
    assert torch.isin(found[:, -1], torch.tensor([2, 3])).all()
    assert (made.follows[found[:, :-1], found[:, 1:]] == 0).all()
