"""Ranges of a recipe's fields for a search, as text and checked: `training.learning_rate=1e-4..1e-2:log`."""

from __future__ import annotations

import difflib
import math
import random
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from studio.recipe.describe import FieldDescription, describe
from studio.recipe.files import Problem, RecipeError, parse
from studio.recipe.recipe import Recipe

Value = int | float | str | bool
SYNTAX = "low..high, low..high:log, low..high/step, or values with commas between them"

_SEARCHABLE = ("integer", "number", "boolean", "choice", "text")
# Each with what lies below it. With other splits, or other examples, figures cannot be compared.
_FIXED = (
    "version",
    "name",
    "description",
    "task",
    "data.sources",
    "data.steps",
    "data.splits",
    "training.evaluation_examples",
    "training.checkpoints",
    "training.tensorboard",
    "privacy",
)
_INTERVAL = re.compile(r"(?P<low>.*?)\.\.(?P<high>[^:/]*)(?::(?P<scale>[^/]*))?(?:/(?P<step>.*))?")
_DRAWS = 200


@dataclass(frozen=True)
class Range:
    """What is tried for one field: an interval of numbers, or `choices`.

    Attributes:
        path: the field's dotted path.
        whole: an interval of whole numbers.
        low, high: both included.
        step: between neighbouring values; None for every number (or every whole number).
        log: drawn evenly by order of magnitude.
        choices: the values, if it is no interval.
    """

    path: str
    whole: bool = False
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()

    @property
    def size(self) -> float:
        """How many values there are; infinite for an interval of real numbers."""
        if self.choices:
            return len(self.choices)
        step = self.step or (1.0 if self.whole else 0.0)
        return math.floor((self.high - self.low) / step + 1e-9) + 1 if step else math.inf

    def draw(self, source: random.Random) -> Value:
        """A value at random."""
        if self.choices:
            return source.choice(self.choices)
        if self.log:
            value = math.exp(source.uniform(math.log(self.low), math.log(self.high)))
            value = min(max(value, self.low), self.high)
            return round(value) if self.whole else value
        if math.isinf(self.size):
            return source.uniform(self.low, self.high)
        value = self.low + source.randrange(int(self.size)) * (self.step or 1.0)
        return round(value) if self.whole else value

    def __str__(self) -> str:
        if self.choices:
            return f"{self.path}={','.join(_text(value) for value in self.choices)}"
        tail = (":log" if self.log else "") + (f"/{self.step:g}" if self.step else "")
        return f"{self.path}={self._number(self.low)}..{self._number(self.high)}{tail}"

    def _number(self, value: float) -> str:
        return str(round(value)) if self.whole else f"{value:.12g}"


def searchable(recipe: Recipe) -> dict[str, FieldDescription]:
    """The fields of a recipe that a search can vary, by path: those of its own model's family only."""
    return {field.path: field for field in _fields(recipe, "")}


def parse_ranges(texts: Iterable[str], recipe: Recipe) -> tuple[Range, ...]:
    """Read `path=range` texts and check each against the recipe's field.

    Raises:
        RecipeError: with everything that is wrong: unknown or unsuitable fields, types, bounds, fields named
            twice, and ranges of which no combination makes a good recipe.
    """
    fields, problems, ranges = searchable(recipe), [], {}
    for text in texts:
        path, equals, content = (part.strip() for part in text.partition("="))
        if not equals or not path or not content:
            problems.append(Problem(path, f"{text!r} is not dotted.key=range", SYNTAX))
        elif path in ranges:
            problems.append(Problem(path, "is given twice", "give one range for each field"))
        elif path not in fields:
            problems.append(_unknown(path, recipe, fields))
        else:
            found = _read(content, fields[path])
            if isinstance(found, Range):
                found = _refused_choices(found, recipe) or found
            if isinstance(found, Range):
                ranges[path] = found
            else:
                problems.append(found)
    if not problems and not ranges:
        problems.append(
            Problem("", "there is nothing to search", "--param training.learning_rate=1e-4..1e-2:log")
        )
    if not problems:
        problems = _impossible(tuple(ranges.values()), recipe)
    if problems:
        raise RecipeError(problems, "--param")
    return tuple(ranges.values())


def with_values(recipe: Recipe, values: Mapping[str, Value], name: str = "") -> Recipe:
    """The recipe with some fields set.

    Raises:
        RecipeError: if together they are impossible.
    """
    plain = recipe.model_dump(mode="json")
    for path, value in values.items():
        *parents, last = path.split(".")
        node = plain
        for key in parents:
            node = node[key]
        node[last] = value
    if name:
        plain["name"] = name
    return parse(plain)


def _fields(section: BaseModel, prefix: str) -> Iterable[FieldDescription]:
    for field in describe(type(section), prefix):
        if field.path in _FIXED:
            continue
        value = getattr(section, field.name)
        if isinstance(value, BaseModel):
            yield from _fields(value, field.path)
        elif field.kind in _SEARCHABLE and not (field.kind == "choice" and len(field.choices) < 2):
            yield field


def _unknown(path: str, recipe: Recipe, fields: Mapping[str, FieldDescription]) -> Problem:
    close = difflib.get_close_matches(path, fields, n=1)
    node: Any = recipe
    for key in path.split("."):
        node = (
            getattr(node, key, None)
            if isinstance(node, BaseModel) and key in type(node).model_fields
            else None
        )
    if node is not None:
        return Problem(path, "cannot be searched", "start a search for each of its values")
    remedy = f"did you mean {close[0]!r}?" if close else "`studio recipe explain` lists the fields"
    return Problem(path, "unknown field of this recipe", remedy)


def _read(text: str, field: FieldDescription) -> Range | Problem:
    if ".." not in text:
        return _choices(text, field)
    if field.kind not in ("integer", "number"):
        allowed = f"values with commas between them: {', '.join(field.choices) or 'true,false'}"
        return Problem(field.path, f"{text!r} is an interval, which only numbers have", allowed)
    found = _INTERVAL.fullmatch(text)
    assert found is not None, "there is a .. in it"
    whole = field.kind == "integer"
    low, high = _number(found["low"], whole), _number(found["high"], whole)
    step = None if found["step"] is None else _number(found["step"], whole)
    kind = "whole numbers" if whole else "numbers"
    scale = (found["scale"] or "").strip()
    if low is None or high is None or (found["step"] is not None and step is None):
        return Problem(field.path, f"{text!r} is not an interval of {kind}", SYNTAX)
    if scale not in ("", "log") or (found["scale"] is not None and not scale):
        return Problem(field.path, f"{scale!r} is no scale", "leave it out, or write :log")
    if low >= high:
        return Problem(field.path, f"{text!r} is empty: {low:g} is not below {high:g}", "low..high")
    if step is not None and not 0 < step <= high - low:
        return Problem(field.path, f"the step {step:g} does not fit into {low:g}..{high:g}", "a step above 0")
    if scale and step is not None:
        return Problem(field.path, "a range has either :log or a step", SYNTAX)
    if scale and low <= 0:
        return Problem(field.path, f"a :log range begins above 0, not at {low:g}", "raise its beginning")
    if _outside(low, field) or _outside(high, field):
        return Problem(field.path, f"{text!r} leaves the allowed range", field.bounds)
    return Range(field.path, whole, float(low), float(high), step, bool(scale))


def _choices(text: str, field: FieldDescription) -> Range | Problem:
    parts = [part.strip() for part in text.split(",")]
    values: list[Value] = []
    for part in parts:
        value = _value(part, field)
        if value is None:
            allowed = {"boolean": "true or false", "choice": ", ".join(field.choices)}.get(field.kind, SYNTAX)
            kinds = {"integer": "whole number", "number": "number", "choice": "choice here"}
            return Problem(field.path, f"{part!r} is no {kinds.get(field.kind, 'value')}", allowed)
        if isinstance(value, int | float) and not isinstance(value, bool) and _outside(value, field):
            return Problem(field.path, f"{part} is not allowed", field.bounds)
        if value in values:
            return Problem(field.path, f"{part} is given twice", "give each value once")
        values.append(value)
    if len(values) < 2:
        return Problem(field.path, f"{text!r} is one value only", f"give {SYNTAX}")
    return Range(field.path, choices=tuple(values))


def _value(text: str, field: FieldDescription) -> Value | None:
    match field.kind:
        case "integer" | "number":
            return _number(text, field.kind == "integer")
        case "boolean":
            return {"true": True, "false": False}.get(text)
        case "choice":
            return text if text in field.choices else None
        case _:
            return text.strip("\"'") or None


def _number(text: str, whole: bool) -> int | float | None:
    """A number as TOML or a person writes it; None if it is none of the right kind."""
    text = text.strip()
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, ValueError):
        try:
            value = float(text)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if whole:
        return int(value) if value == int(value) else None
    return float(value)


def _outside(value: float, field: FieldDescription) -> bool:
    low, high = field.minimum, field.maximum
    below = low is not None and (value < low or (field.exclusive_minimum and value == low))
    above = high is not None and (value > high or (field.exclusive_maximum and value == high))
    return below or above


def _refused_choices(found: Range, recipe: Recipe) -> Problem | None:
    """What the recipe itself says of text values, which no bounds describe."""
    for value in found.choices:
        if isinstance(value, str):
            try:
                with_values(recipe, {found.path: value})
            except RecipeError as error:
                own = [problem for problem in error.problems if problem.path == found.path]
                if own:
                    return own[0]
    return None


def _impossible(ranges: tuple[Range, ...], recipe: Recipe) -> list[Problem]:
    """What keeps every combination from being a good recipe; empty if one is found."""
    source, problems = random.Random(1), []
    for _ in range(_DRAWS):
        try:
            with_values(recipe, {one.path: one.draw(source) for one in ranges})
        except RecipeError as error:
            problems = error.problems
        else:
            return []
    return [
        Problem(problem.path, f"no combination fits: {problem.reason}", problem.remedy)
        for problem in problems
    ]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
