"""Plain nested values by dotted path, and what a field's value is when the recipe is silent. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from studio.recipe import FieldDescription

MISSING: Any = object()


def lookup(values: Any, path: str) -> Any:
    """What lies at a dotted path, or `MISSING`."""
    for key in path.split("."):
        if isinstance(values, Mapping) and key in values:
            values = values[key]
        elif isinstance(values, list | tuple) and key.isdigit() and int(key) < len(values):
            values = values[int(key)]
        else:
            return MISSING
    return values


def plain(value: Any) -> Any:
    """A default as TOML would give it: sections as dicts, tuples as lists."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return dict(value) if isinstance(value, dict) else value


def value_of(values: Mapping[str, Any], field: FieldDescription) -> Any:
    """The field's value in the draft, or its default."""
    found = lookup(values, field.path)
    return plain(field.default) if found is MISSING else found


def differs(value: Any, field: FieldDescription) -> bool:
    """Whether a value is not the field's default; fields without one, and the recipe's own name, never differ."""
    if field.required or (field.kind == "text" and "." not in field.path):
        return False
    default = plain(field.default)
    return isinstance(value, bool) != isinstance(default, bool) or value != default


def number_text(value: Any) -> str:
    """A number as people write it: 0.002, 1e-5, 4096; anything else as it stands."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if isinstance(value, int):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e-4:
        return f"{value:.10f}".rstrip("0")
    mantissa, _, exponent = f"{value:.6e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def number_from(text: str, whole: bool) -> int | float | str:
    """The number that a text means; the text itself if it is none, for the recipe to complain about."""
    clean = text.strip().replace("_", "").replace(" ", "").replace(",", "").replace("−", "-")
    try:
        number = float(clean)
    except ValueError:
        return text.strip()
    if number != number or number in (float("inf"), float("-inf")):
        return text.strip()
    return int(number) if whole and number == int(number) else number


def step_of(value: float, field: FieldDescription) -> float:
    """How far one click goes: the field's own step, but never more than a tenth of a small positive value's size."""
    step = field.step or (1.0 if field.kind == "integer" else 0.1)
    if field.kind == "integer":
        return max(step, 1.0)
    size = abs(value)
    while size > 0 and step > 1e-12 and step > size:
        step /= 10
    return step


def stepped(value: Any, count: int, field: FieldDescription) -> int | float:
    """The value some clicks away, within the bounds; an open bound is approached by halves."""
    start = value if isinstance(value, int | float) else (field.minimum or 0)
    step = step_of(start, field)
    result = start + count * step
    if field.minimum is not None and result <= field.minimum:
        result = field.minimum if not field.exclusive_minimum else max(result, start / 2)
    if field.maximum is not None and result >= field.maximum:
        result = field.maximum if not field.exclusive_maximum else start
    return round(result) if field.kind == "integer" else float(f"{result:.10g}")
