"""A range to begin a search of a field with: around what the recipe says, within the field's bounds."""

from __future__ import annotations

import math
from typing import Any

from studio.recipe.describe import FieldDescription
from studio.recipe.ranges import Range

_SPREAD = 5.0  # an open-ended quantity is tried from a fifth to five times its value
_SMALL = 16  # whole numbers up to here are counted, larger ones halved and doubled


def suggested(field: FieldDescription, value: Any) -> Range | None:
    """A range that is worth a try; None for text, of which nothing is known."""
    match field.kind:
        case "boolean":
            return Range(field.path, choices=(True, False))
        case "choice":
            return Range(field.path, choices=tuple(field.choices))
        case "integer":
            return _whole(field, value if isinstance(value, int) else int(field.minimum or 1))
        case "number":
            return _real(field, float(value) if isinstance(value, int | float) else 0.0)
        case _:
            return None


def _whole(field: FieldDescription, value: int) -> Range:
    if value <= _SMALL:
        low, high, step = value // 2, max(value * 2, value + 2), None
    else:
        low, high = value // 2, value * 2
        step = field.step if field.step and value % field.step == 0 and low % field.step == 0 else None
    lowest, highest = _within(field, low, high)
    return Range(field.path, True, math.ceil(lowest), math.floor(max(highest, lowest + 1)), step)


def _real(field: FieldDescription, value: float) -> Range:
    share = field.minimum == 0 and field.maximum is not None and field.maximum <= 1
    if value > 0 and not share and field.exclusive_minimum:
        low, high = _within(field, _round(value / _SPREAD), _round(value * _SPREAD))
        return Range(field.path, low=low, high=high, log=True)
    step = field.step or 0.1
    low, high = _within(field, 0.0, _round(max(2 * value, value + 4 * step)))
    return Range(field.path, low=low, high=high)


def _within(field: FieldDescription, low: float, high: float) -> tuple[float, float]:
    inside = field.step or 1e-6  # away from a bound that is itself refused
    if field.minimum is not None:
        low = max(low, field.minimum + (inside if field.exclusive_minimum else 0))
    if field.maximum is not None:
        high = min(high, field.maximum - (inside if field.exclusive_maximum else 0))
    return low, high


def _round(value: float) -> float:
    return float(f"{value:.3g}")
