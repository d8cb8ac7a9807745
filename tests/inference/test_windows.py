"""Long texts in windows."""

from __future__ import annotations

import pytest

from studio.inference.windows import windows


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 14, 15, 16, 100, 103])
def test_each_position_counts_once_and_is_seen(length: int) -> None:
    found = windows(length, 10)
    assert [place for w in found for place in range(w.first, w.last)] == list(range(length))
    assert all(w.start <= w.first < w.last <= w.stop <= length and w.stop - w.start <= 10 for w in found)


def test_inside_a_long_text_there_is_something_on_both_sides() -> None:
    for window in windows(100, 10)[1:-1]:
        assert window.first - window.start >= 2 and window.stop - window.last >= 2
