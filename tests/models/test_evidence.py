"""What sequences of symbols say of labels: keys, sums, the mixture."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from studio.models.evidence import Evidence, keys_of

BITS = 4
symbols = st.lists(st.integers(0, 12), min_size=1, max_size=8)


def known(row: list[int], order: int) -> list[tuple[int, ...]]:
    """The n-grams of a row by a plain loop, without padding (0) and the unknown symbol (1)."""
    found = [tuple(row[at : at + n]) for n in range(1, order + 1) for at in range(len(row) - n + 1)]
    return [one for one in found if min(one) > 1]


def key(ngram: tuple[int, ...]) -> int:
    made = 0
    for symbol in ngram:
        made = made << BITS | symbol
    return made


@given(symbols, st.integers(1, 4))
def test_keys_are_those_of_a_plain_loop(row: list[int], order: int) -> None:
    found = keys_of(torch.tensor([row]), order, BITS)
    assert found.shape == (1, order, len(row))
    assert sorted(found[found > 0].tolist()) == sorted(key(one) for one in known(row, order))


def evidence(weights: dict[tuple[int, ...], list[float]], bias: tuple[float, float] = (0.0, 0.0)) -> Evidence:
    made = Evidence(len(weights), 2, 3, BITS)
    order = sorted(weights, key=key)
    made.keys.copy_(torch.tensor([key(one) for one in order]))
    made.weights.copy_(torch.tensor([weights[one] for one in order]))
    made.bias.copy_(torch.tensor(bias))
    return made


def test_an_ngram_counts_once_and_long_texts_no_more_than_short_ones() -> None:
    made = evidence({(2,): [1.0, 0.0], (3, 4): [0.0, 2.0], (9,): [5.0, 5.0]}, (0.25, -0.25))
    rows = torch.tensor([[2, 2, 2, 0], [2, 3, 4, 2], [3, 1, 4, 0], [1, 1, 0, 0]])
    root = math.sqrt(2)
    wanted = [[1.25, -0.25], [1 / root + 0.25, 2 / root - 0.25], [0.25, -0.25], [0.25, -0.25]]
    assert made(rows) == pytest.approx(torch.tensor(wanted))


@given(symbols)
def test_padding_says_nothing(row: list[int]) -> None:
    made = evidence({(2,): [1.0, -1.0], (3, 4): [0.0, 2.0], (5, 6, 7): [3.0, 0.5]})
    alone, padded = made(torch.tensor([row])), made(torch.tensor([[*row, 0, 0, 0]]))
    assert torch.equal(alone, padded)


def test_both_sides_join_in_their_shares() -> None:
    made = evidence({(2,): [1.0, 0.0]})
    made.shares.copy_(torch.tensor([2.0, 0.5]))
    network: Tensor = torch.tensor([[1.0, -1.0]])
    assert made.join(network, torch.tensor([[4.0, 2.0]])).tolist() == [[4.0, -1.0]]


def test_it_is_not_trained() -> None:
    assert not list(evidence({(2,): [1.0, 0.0]}).parameters())
