"""Documents stay where they fell, whatever comes beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.splits import TEST, TRAIN, VALIDATION, draw
from studio.data.splits import assign as assign_drawn
from studio.recipe import Splits

KEYS = st.lists(st.text(max_size=6), unique=True, min_size=3, max_size=60)
SHARES = Splits(validation=0.1, test=0.1, seed=7)


def assign(keys: list[str], shares: Splits) -> np.ndarray:
    return assign_drawn([draw(key, shares.seed) for key in keys], shares)


def test_draws_are_fixed_for_good() -> None:
    # Another figure here moves every document of every recipe: runs of before could no longer be compared.
    assert draw("今天天气很好", 1) == pytest.approx(0.8421404, abs=1e-6)
    assert draw("今天天气很好", 2) != draw("今天天气很好", 1)


def test_shares_come_out() -> None:
    split = assign([str(number) for number in range(20_000)], Splits(validation=0.03, test=0.05))
    assert np.mean(split == VALIDATION) == pytest.approx(0.03, abs=0.005)
    assert np.mean(split == TEST) == pytest.approx(0.05, abs=0.005)


def test_more_documents_move_none() -> None:
    keys = [f"文{number}" for number in range(500)]
    alone = assign(keys, SHARES)
    together = assign([*(f"新{number}" for number in range(300)), *keys], SHARES)
    assert np.array_equal(alone, together[300:])


def test_a_larger_validation_share_leaves_the_test_split_alone() -> None:
    keys = [f"文{number}" for number in range(500)]
    wider = assign(keys, Splits(validation=0.3, test=0.1, seed=7))
    assert np.array_equal(wider == TEST, assign(keys, SHARES) == TEST)


def test_copies_fall_together() -> None:
    split = assign(["甲", "乙", "甲", "丙", "甲"], SHARES)
    assert split[0] == split[2] == split[4]


@given(KEYS)
def test_three_documents_are_enough_for_three_splits(keys: list[str]) -> None:
    assert set(assign(keys, SHARES)) == {TRAIN, VALIDATION, TEST}


@given(KEYS, st.integers(0, 2**31 - 1))
def test_assignment_depends_on_content_and_seed_alone(keys: list[str], seed: int) -> None:
    shares = Splits(validation=0.2, test=0.2, seed=seed)
    forward = dict(zip(keys, assign(keys, shares), strict=True))
    backward = dict(zip(keys[::-1], assign(keys[::-1], shares), strict=True))
    assert forward == backward


@pytest.mark.parametrize("keys", [[], ["甲"], ["甲", "甲"]])
def test_too_few_documents_are_all_for_training_or_nothing(keys: list[str]) -> None:
    assert len(set(assign(keys, SHARES))) <= 1
