"""Re-sampling: what an epoch shows of each class, the same for the same seed and epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.balancing import classes_of, resampled
from studio.data.prepare import prepare
from studio.engine.order import Position, TrainingOrder
from studio.recipe import Balance, RecipeError
from studio.recipe.splits import epoch_counts, factors, label_weights
from tests import tiny_texts

COUNTS = st.lists(st.integers(0, 500), min_size=1, max_size=8)


def test_shares_follow_the_temperature() -> None:
    counts = (900, 100)
    assert epoch_counts(counts, Balance()) == counts
    assert epoch_counts(counts, Balance(method="over", temperature=1)) == counts
    assert epoch_counts(counts, Balance(method="over", temperature=2)) == (900, 300)
    assert epoch_counts(counts, Balance(method="under", temperature=2)) == (300, 100)
    assert epoch_counts(counts, Balance(method="same", temperature=2)) == (750, 250)
    assert epoch_counts(counts, Balance(method="over")) == pytest.approx((900, 900), abs=3)


@given(COUNTS, st.sampled_from(["over", "under", "same"]), st.sampled_from([1.0, 2.0, 5.0, 1000.0]))
def test_over_never_leaves_out_and_under_never_repeats(counts: list[int], method: str, heat: float) -> None:
    made = epoch_counts(counts, Balance.model_validate({"method": method, "temperature": heat}))
    assert [number == 0 for number in made] == [number == 0 for number in counts]
    pairs = list(zip(counts, made, strict=True))
    if method == "over":
        assert all(after >= before for before, after in pairs)
    elif method == "under":
        assert all(after <= before for before, after in pairs)
    else:
        assert abs(sum(made) - sum(counts)) <= len(counts)


@given(COUNTS.filter(any), st.sampled_from(["over", "under", "same"]), st.integers(0, 5))
def test_an_epoch_is_a_pure_function_of_seed_and_epoch(counts: list[int], method: str, epoch: int) -> None:
    classes = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(1).shuffle(classes)
    wanted = epoch_counts(counts, Balance.model_validate({"method": method}))
    chosen = resampled(classes, wanted, seed=3, epoch=epoch)
    assert np.array_equal(chosen, resampled(classes, wanted, seed=3, epoch=epoch))
    assert np.bincount(classes[chosen], minlength=len(counts)).tolist() == list(wanted)
    times = np.bincount(chosen, minlength=len(classes))
    for number in range(len(counts)):
        mine = times[classes == number]
        if len(mine):
            assert mine.max() - mine.min() <= 1


def test_other_epochs_leave_out_others() -> None:
    classes = np.repeat([0, 1], [400, 20])
    wanted = epoch_counts((400, 20), Balance(method="under"))
    first, second = (set(resampled(classes, wanted, 1, epoch).tolist()) for epoch in (0, 1))
    assert first != second
    assert set(range(400, 420)) <= first & second


def test_the_order_of_a_run() -> None:
    recipe = tiny_texts.classification("data.balance.method=over")
    dataset = prepare(recipe.data, recipe.task)
    order = TrainingOrder(dataset, recipe)
    batches = order.epoch(0)
    labels = dataset.train.label[np.concatenate(batches)]
    before, after = np.bincount(dataset.train.label), np.bincount(labels)
    assert before.max() > 1.3 * before.min()
    assert after.min() / after.max() == pytest.approx(1, abs=0.03)
    # Whoever goes on in the middle of an epoch sees what he would have seen.
    whole = order.follow(Position())
    seen = [next(whole) for _ in range(len(batches) + 2)]
    going_on = TrainingOrder(dataset, recipe).follow(seen[4][1])
    for expected in seen[5:]:
        found = next(going_on)
        assert np.array_equal(found[0], expected[0])
        assert found[1:] == expected[1:]


def test_without_balance_the_order_is_what_it_was() -> None:
    recipe = tiny_texts.classification()
    dataset = prepare(recipe.data, recipe.task)
    assert classes_of(dataset, recipe.data.balance) is None
    assert sorted(np.concatenate(TrainingOrder(dataset, recipe).epoch(0))) == list(range(len(dataset.train)))


def test_weights() -> None:
    assert label_weights((30, 10), "none") is None
    weights = label_weights((30, 10), "balanced")
    assert weights == pytest.approx((2 / 3, 2.0))
    by_hand = label_weights((30, 10), "none", factors(("a", "b"), {"b": 3}))
    assert by_hand == pytest.approx((2 / 3, 2))
    both = label_weights((30, 10), "balanced", (1.0, 3.0))
    assert both == pytest.approx((1 / 3, 3))
    assert label_weights((30, 10), "none", (2.0, 2.0)) is None
    softer = label_weights((40, 10), "square_root")
    assert softer is not None
    assert softer[1] / softer[0] == pytest.approx(2.0)
    assert 40 * softer[0] + 10 * softer[1] == pytest.approx(50)


def test_balancing_labels_wants_labels() -> None:
    with pytest.raises(
        RecipeError, match=r"data\.balance\.by label does not go with the task language_model"
    ):
        tiny_texts.language_model("data.balance.method=over")
    made = tiny_texts.language_model("data.balance.method=over", "data.balance.by=source")
    assert made.data.balance.method == "over"
