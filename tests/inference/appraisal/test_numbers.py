"""Intervals, calibration and tests against values that were worked out otherwise."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from studio.inference.appraisal.bootstrap import grouped, interval, resampled
from studio.inference.appraisal.calibration import Reliability
from studio.inference.appraisal.mcnemar import binomial_two_sided, mcnemar
from studio.inference.appraisal.scores import SCORINGS, class_figures, macro


def test_an_interval_of_a_share_is_that_of_the_binomial_distribution() -> None:
    """Of 100 items 80 are right: 2.5% and 97.5% of Binomial(100, 0.8) lie at 72 and 88."""
    counts = np.zeros((100, 2))
    counts[:, 0], counts[:80, 1] = 1, 1
    sums = resampled(counts, 4000, seed=1)
    assert (sums[:, 0] == 100).all()
    low, high = interval(sums[:, 1] / sums[:, 0])
    assert low == pytest.approx(0.72, abs=0.01) and high == pytest.approx(0.88, abs=0.01)
    assert (resampled(counts, 4000, seed=1) == sums).all(), "the same seed draws the same"
    assert (resampled(counts, 4000, seed=2) != sums).any()


@pytest.mark.parametrize("distinct", [False, True], ids=["multinomial", "one by one"])
def test_both_ways_of_drawing_have_the_spread_of_a_mean(distinct: bool) -> None:
    """The standard error of a mean of n values is their standard deviation by the root of n."""
    rng = np.random.default_rng(3)
    values = rng.normal(5, 2, 400) if distinct else rng.integers(0, 3, 400).astype(float)
    sums = resampled(np.stack([values, np.ones(400)], axis=1), 3000, seed=4)
    means = sums[:, 0] / sums[:, 1]
    assert means.mean() == pytest.approx(values.mean(), abs=3 * values.std() / math.sqrt(400 * 3000) * 2)
    assert means.std() == pytest.approx(values.std() / math.sqrt(400), rel=0.06)


def test_documents_are_drawn_whole() -> None:
    """Ten documents of twenty items each, all right or all wrong: the interval is that of ten items, not of 200."""
    right = np.repeat(np.arange(10) < 5, 20)
    counts = np.stack([np.ones(200), right], axis=1)
    alone = resampled(counts)
    together = resampled(grouped(counts, np.repeat(np.arange(10), 20)))
    spread = [np.std(sums[:, 1] / sums[:, 0]) for sums in (alone, together)]
    assert spread[0] == pytest.approx(0.5 / math.sqrt(200), rel=0.1)
    assert spread[1] == pytest.approx(0.5 / math.sqrt(10), rel=0.1)


def test_intervals_take_milliseconds() -> None:
    rng = np.random.default_rng(5)
    counts = (rng.random((2000, 6)) < 0.8).astype(float)
    resampled(counts)
    start = time.perf_counter()
    resampled(counts)
    assert time.perf_counter() - start < 1.0


def test_nothing_to_draw_from() -> None:
    assert resampled(np.zeros((0, 3))).shape == (1000, 3)
    assert interval(np.array([np.nan, np.inf])) == (None, None)
    assert interval(np.array([np.nan, 2.0])) == (2.0, 2.0)


def test_calibration() -> None:
    """By hand: gaps of 0.4, 0.2 and 0.4 in bins with two, one and one of four decisions."""
    seen = Reliability(bins=10)
    seen.add(np.array([0.9, 0.9, 0.8]), np.array([True, False, True]))
    seen.add(np.array([0.6, np.nan]), np.array([True, True]))
    found = seen.found()
    assert found is not None and found.count == 4
    assert found.error == pytest.approx(0.4 * 2 / 4 + 0.2 / 4 + 0.4 / 4)
    assert [(one.low, one.count, one.accuracy) for one in found.bins] == [
        (0.5, 1, 1.0),
        (0.7, 1, 1.0),
        (0.8, 2, 0.5),
    ]
    assert found.bins[2].confidence == pytest.approx(0.9)


def test_calibration_at_the_ends() -> None:
    seen = Reliability()
    assert seen.found() is None
    seen.add(np.array([0.0, 1.0]), np.array([False, True]))
    found = seen.found()
    assert found is not None and found.error == 0
    assert [(one.low, one.high) for one in found.bins] == [
        (0.0, pytest.approx(1 / 15)),
        (pytest.approx(14 / 15), 1.0),
    ]


def test_a_calibrated_model_has_next_to_no_error() -> None:
    rng = np.random.default_rng(6)
    sure = rng.random(200_000)
    seen = Reliability()
    seen.add(sure, rng.random(200_000) < sure)
    found = seen.found()
    assert found is not None and found.error < 0.01
    seen.add(sure, rng.random(200_000) < sure**2)
    worse = seen.found()
    assert worse is not None and worse.error > 0.05


@pytest.mark.parametrize(
    ("first", "second", "kind", "statistic", "p"),
    [
        # (|b - c| - 1)^2 / (b + c), and the upper tail of chi-square with one degree of freedom.
        (121, 59, "chi_square", 20.672222, 5.450094e-06),
        (25, 15, "chi_square", 2.025, 0.154729),
        (30, 30, "chi_square", 0.0, 1.0),
        # As R's binom.test has it.
        (1, 11, "exact", None, 0.006347656),
        (11, 1, "exact", None, 0.006347656),
        (5, 5, "exact", None, 1.0),
        (0, 6, "exact", None, 0.03125),
        (0, 0, "exact", None, 1.0),
    ],
)
def test_mcnemar(first: int, second: int, kind: str, statistic: float | None, p: float) -> None:
    found = mcnemar(first, second)
    assert (found.kind, found.first, found.second) == (kind, first, second)
    assert found.p == pytest.approx(p, rel=1e-5)
    assert found.statistic == (None if statistic is None else pytest.approx(statistic, rel=1e-6))


def test_the_two_tests_agree_where_one_gives_way_to_the_other() -> None:
    assert mcnemar(17, 8).kind == "chi_square" and mcnemar(16, 8).kind == "exact"
    assert mcnemar(17, 8).p == pytest.approx(binomial_two_sided(8, 25), abs=0.01)


def test_figures_of_classes() -> None:
    """Three classes, of which the last never occurs: 8 wanted and 9 given, 6 of them both; 4, 3 and 1."""
    counts = np.array([[8, 9, 6], [4, 3, 1], [0, 0, 0]])
    precision, recall, f1 = class_figures(counts)
    assert precision.tolist() == pytest.approx([6 / 9, 1 / 3, 0])
    assert recall.tolist() == pytest.approx([6 / 8, 1 / 4, 0])
    assert f1.tolist() == pytest.approx([12 / 17, 2 / 7, 0])
    means = macro(counts)
    assert float(means["macro_f1"]) == pytest.approx((12 / 17 + 2 / 7) / 2)
    assert macro(np.stack([counts, counts]))["macro_recall"].tolist() == pytest.approx([0.5, 0.5])


def test_what_there_is_nothing_of_has_no_figure() -> None:
    for scoring in SCORINGS.values():
        empty = scoring.figures({name: np.zeros(2) for name in scoring.counted})
        assert np.isnan(empty["loss"]).all()
        assert all(value.shape == (2,) for value in empty.values())
