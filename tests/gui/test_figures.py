"""Numbers at axes: as many digits as tell neighbours apart."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.gui.widgets.figures import count_tick, percent_tick, tick


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (0.35, 0.05, "0.35"),
        (2.5, 0.5, "2.5"),
        (2.0, 0.5, "2"),
        (0.3525, 0.0005, "0.3525"),
        (2e-05, 1e-05, "2e-05"),
        (-0.1, 0.1, "-0.1"),
        (1e-20, 0.1, "0"),
        (0.1 + 0.2, 0.1, "0.3"),
    ],
)
def test_ticks(value: float, spacing: float, text: str) -> None:
    assert tick(value, spacing) == text


def test_shares_and_counts() -> None:
    assert [percent_tick(share, 0.2) for share in (0.2, 0.4)] == ["20%", "40%"]
    assert [percent_tick(share, 0.001) for share in (0.843, 0.844)] == ["84.3%", "84.4%"]
    assert [count_tick(value, 0.5) for value in (0.5, 1.0)] == ["0.5", "1.0"]
    assert [count_tick(value, 500) for value in (500, 1000, 1500)] == ["500", "1 k", "1.5 k"]


@given(
    st.integers(-50, 50),
    st.sampled_from([1.0, 2.0, 5.0]),
    st.integers(-6, 2),
)
def test_neighbours_differ(first: int, unit: float, power: int) -> None:
    spacing = unit * 10.0**power
    values = [(first + place) * spacing for place in range(6)]
    told = [tick(value, spacing) for value in values]
    assert all(one != other for one, other in itertools.pairwise(told)), told
    assert all(
        math.isclose(float(text), value, abs_tol=spacing / 1.9)
        for text, value in zip(told, values, strict=True)
    )
