"""Texts of any length for models that read a bounded number of characters at once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """Characters `start` to `stop` of a text, which are read together; what is said of `first` to `last` counts."""

    start: int
    stop: int
    first: int
    last: int


def windows(length: int, size: int) -> list[Window]:
    """A text of some length in windows of one size that overlap by half; none for an empty text.

    Each position counts in one window, where it has the most on both sides.
    """
    if length <= size:
        return [Window(0, length, 0, length)] if length else []
    stride = max(1, size // 2)
    starts = [*range(0, length - size, stride), length - size]
    middles = [(start + before + size) // 2 for before, start in itertools.pairwise(starts)]
    return [
        Window(start, start + size, first, last)
        for start, first, last in zip(starts, [0, *middles], [*middles, length], strict=True)
    ]
