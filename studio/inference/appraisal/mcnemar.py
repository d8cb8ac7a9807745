"""Whether one model is better than another, from the items that only one of them gets right.

McNemar's test (McNemar 1947, Psychometrika 12, 153-157; recommended for two classifiers on one test set by Dietterich
1998, Neural Computation 10, 1895-1923). Where few items differ the exact binomial probability, two-sided; otherwise
chi-square with the continuity correction of Edwards 1948.
"""

from __future__ import annotations

import math

from studio.runs.appraisal_requests import SignificanceTest

_FEW = 25  # items that differ; fewer are tested exactly, as Dietterich's reference texts advise


def mcnemar(first: int, second: int) -> SignificanceTest:
    """The test of two counts: items that only the first, and that only the second gets right."""
    differing = first + second
    if differing < _FEW:
        return SignificanceTest(
            "exact", first, second, None, binomial_two_sided(min(first, second), differing)
        )
    # With so many the correction never takes more than there is, but for counts that are equal.
    statistic = max(abs(first - second) - 1, 0) ** 2 / differing
    # The upper tail of chi-square with one degree of freedom.
    return SignificanceTest("chi_square", first, second, statistic, math.erfc(math.sqrt(statistic / 2)))


def binomial_two_sided(fewer: int, of: int) -> float:
    """The probability of a split of `of` fair tosses that is at least as uneven as `fewer` on one side."""
    return min(1.0, 2 * sum(math.comb(of, many) for many in range(fewer + 1)) / 2**of)
