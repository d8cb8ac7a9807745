"""Curves: what is drawn of millions of points keeps every spike; smoothing is what its formula says."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.gui.history import BUDGET, Curve, Smoothed


def filled(values: np.ndarray) -> Curve:
    curve = Curve()
    curve.extend(np.arange(len(values), dtype=float), values.astype(float))
    return curve


def test_a_million_points_are_drawn_from_a_few_thousand() -> None:
    values = np.sin(np.arange(1_000_000) / 1000)
    values[123_456], values[777_777] = 50, -50
    curve = filled(values)
    began = time.perf_counter()
    x, y = curve.window()
    assert time.perf_counter() - began < 0.05
    assert len(x) == len(y) <= BUDGET
    assert y.max() == 50 and y.min() == -50, "no spike is lost"
    assert x[0] == 0 and x[-1] > 999_000 and np.all(np.diff(x) >= 0)
    x, y = curve.window(123_400, 123_500)
    assert 100 <= len(x) <= 104 and y.max() == 50, "close up, every point is drawn"


def test_appending_one_by_one_is_the_same_as_all_at_once() -> None:
    values = np.random.default_rng(1).normal(size=9_999)
    one = Curve()
    for x, y in enumerate(values):
        one.append(x, float(y))
    for got, expected in zip(one.window(), filled(values).window(), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_gaps_stay_gaps() -> None:
    curve = Curve()
    for step, value in enumerate([1.0, None, math.inf, 2.0]):
        curve.append(step, value)
    assert np.isnan(curve.y[1]) and np.isnan(curve.y[2])
    assert curve.nearest(1.2) == (0.0, 1.0) or curve.nearest(1.2) == (3.0, 2.0)
    assert curve.nearest(math.inf) == (3.0, 2.0)
    assert Curve().nearest(3) is None
    assert list(Smoothed(curve, 0.5).update().x) == [0, 3]


@given(st.integers(5_000, 60_000), st.integers(0, 60_000), st.integers(1, 60_000))
def test_any_window_keeps_its_extremes(size: int, low: int, width: int) -> None:
    values = np.random.default_rng(size).normal(size=size)
    high = min(size - 1, low + width)
    if low > high:
        return
    x, y = filled(values).window(low, high)
    inside = values[low : high + 1]
    assert len(x) <= BUDGET + 200
    # The last points, which fill no bucket yet, may be thinned out.
    assert (
        y.max() >= inside[: max(1, len(inside) - 512)].max()
        and y.min() <= inside[: max(1, len(inside) - 512)].min()
    )


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=400),
    st.sampled_from([0.0, 0.3, 0.9, 0.99]),
    st.integers(1, 50),
)
def test_smoothing_in_pieces_is_the_recursion(values: list[float], weight: float, piece: int) -> None:
    curve = Curve()
    smoothed = Smoothed(curve, weight)
    total, expected = 0.0, []
    for step, value in enumerate(values):
        curve.append(step, value)
        if step % piece == 0:
            smoothed.update()
        total = weight * total + (1 - weight) * value
        expected.append(total / (1 - weight ** (step + 1)) if weight else value)
    np.testing.assert_allclose(smoothed.update().y, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("weight", [0.0, 0.02, 0.6, 0.99])
def test_a_long_curve_is_smoothed_bit_by_bit(weight: float) -> None:
    values = np.random.default_rng(0).normal(size=10_000)
    values[::97] = math.nan
    curve = filled(values)
    whole = Smoothed(curve, weight).update()
    smoothed = Smoothed(curve, 0.3)
    before = smoothed.update()
    smoothed.set_weight(weight)
    turns = 0
    while smoothed.behind:
        assert smoothed.curve is before, "what is not done yet is not shown"
        shown = smoothed.update(3000)
        turns += 1
    assert turns == 4 and shown is smoothed.curve is not before
    np.testing.assert_array_equal(shown.x, whole.x)
    np.testing.assert_allclose(shown.y, whole.y, rtol=1e-9, atol=1e-12)


def test_smoothing_a_million_points_is_quick() -> None:
    curve = filled(np.random.default_rng(0).normal(size=1_000_000))
    began = time.perf_counter()
    Smoothed(curve, 0.9).update()
    assert time.perf_counter() - began < 1.5


@given(st.integers(0, 3000), st.integers(0, 3000), st.sampled_from([0.0, 0.6]))
def test_what_was_cut_and_grew_again_is_as_if_it_had_never_been(size: int, kept: int, weight: float) -> None:
    values = np.random.default_rng(size).normal(size=3000)
    curve = filled(np.concatenate([values[:kept], 100 + values[:size]]))
    smoothed = Smoothed(curve, weight)
    smoothed.update()
    curve.cut(kept - 0.5)
    curve.extend(np.arange(kept, 3000, dtype=float), values[kept:])
    whole = filled(values)
    for got, expected in zip(curve.window(budget=200), whole.window(budget=200), strict=True):
        np.testing.assert_array_equal(got, expected)
    np.testing.assert_allclose(smoothed.update().y, Smoothed(whole, weight).update().y)
