"""Figures at the axis of a plot: apart from each other however low it is, and never none."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from PySide6.QtGui import QFontMetrics, QGuiApplication

from studio.gui.widgets.figures import tick
from studio.gui.widgets.plot import FormattedAxis

RANGES = [(0.0, 1.0), (-0.0002, 0.0032), (-1213.9, 21877.4), (0.93, 0.97), (-5.0, -4.9), (3.0, 1e7)]


@pytest.mark.parametrize("size", [24, 30, 46, 60, 120, 400])
@pytest.mark.parametrize(("low", "high"), RANGES)
def test_figures_do_not_lie_on_each_other(qapp: Any, low: float, high: float, size: int) -> None:
    axis = FormattedAxis(tick)
    line = QFontMetrics(QGuiApplication.font()).height()
    values = sorted(value for _, found in axis.tickValues(low, high, size) for value in found)
    heights = [(value - low) / (high - low) * size for value in values]
    drawn = [height for height in heights if line / 2 <= height <= size - line / 2]
    assert all(later - earlier >= 0.99 * line for earlier, later in itertools.pairwise(drawn))
    if size >= 2 * line:
        assert drawn, "at least one figure"


def test_a_high_plot_has_the_figures_it_always_had(qapp: Any) -> None:
    axis = FormattedAxis(tick)
    (spacing, _), *_ = axis.tickSpacing(0.0, 1.0, 400)
    assert spacing == pytest.approx(0.2)
    assert axis.tickStrings([0.2, 0.4], 1.0, spacing) == ["0.2", "0.4"]
