"""A recipe's fields as data, for whoever shows them: forms, tooltips, `studio recipe explain`."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from studio.recipe.recipe import Recipe

Kind = Literal[
    "integer", "number", "boolean", "text", "choice", "lines", "weights", "section", "union", "list"
]


@dataclass(frozen=True)
class FieldDescription:
    """One field of a section.

    Attributes:
        path: dotted path from the recipe's root.
        kind: which widget suits it: `choice` has `choices`; `section` has one entry in `variants` and
            `union` several, by the value of their `discriminator`; `list` is a list of such unions; `weights` are
            numbers by name.
        picks: what people choose a text from, such as "runs"; empty where they write it.
        minimum, maximum: inclusive bounds, None where there is none.
        slider: the largest value of a slider beside the number; None for no slider.
        hidden: only one value is allowed, so that there is nothing to choose.
        exclusive_minimum, exclusive_maximum: whether the bound itself is refused.
    """

    path: str
    name: str
    title: str
    help: str
    kind: Kind
    default: Any = None
    required: bool = False
    unit: str = ""
    advanced: bool = False
    step: float | None = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    discriminator: str = ""
    picks: str = ""
    slider: float | None = None
    hidden: bool = False
    variants: Mapping[str, type[BaseModel]] = field(default_factory=dict)

    @property
    def bounds(self) -> str:
        """The allowed range in words, or an empty string."""
        low = (
            ""
            if self.minimum is None
            else f"{'above' if self.exclusive_minimum else 'at least'} {self.minimum:g}"
        )
        high = (
            ""
            if self.maximum is None
            else f"{'below' if self.exclusive_maximum else 'at most'} {self.maximum:g}"
        )
        return ", ".join(part for part in (low, high) if part)


def describe(section: type[BaseModel] = Recipe, prefix: str = "") -> list[FieldDescription]:
    """The fields of one section, in the order of their declaration (not of the sections below it)."""
    return [_describe(name, info, prefix) for name, info in section.model_fields.items()]


def walk(section: type[BaseModel] = Recipe, prefix: str = "") -> Iterator[FieldDescription]:
    """All fields, sections below included; of a union, every variant's fields."""
    for item in describe(section, prefix):
        yield item
        seen: set[str] = set()
        for variant in item.variants.values():
            for below in walk(variant, item.path + (".0" if item.kind == "list" else "")):
                if below.path not in seen:
                    seen.add(below.path)
                    yield below


def section_at(location: tuple[int | str, ...], section: type[BaseModel] = Recipe) -> type[BaseModel] | None:
    """The section class at a location as pydantic reports it (with union tags), or None."""
    current: type[BaseModel] | None = section
    variants: Mapping[str, type[BaseModel]] = {}
    for part in location:
        if isinstance(part, int):
            continue
        if part in variants:
            current, variants = variants[part], {}
            continue
        found = next((item for item in describe(current) if item.name == part), None) if current else None
        if found is None:
            return None
        variants = found.variants
        current = next(iter(variants.values())) if len(variants) == 1 else None
    return current


def _describe(name: str, info: FieldInfo, prefix: str) -> FieldDescription:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    kind, choices, variants = _classify(info.annotation)
    low, high, low_open, high_open = _bounds(info)
    default: Any = None if info.default is PydanticUndefined else info.default
    step, slider = extra.get("step"), extra.get("slider")
    offered = extra.get("offered")
    if isinstance(offered, list) and offered:
        kind, choices = "choice", tuple(str(value) for value in offered)
    return FieldDescription(
        path=f"{prefix}.{name}" if prefix else name,
        name=name,
        title=info.title or name,
        help=info.description or "",
        kind=kind,
        default=default,
        required=info.is_required(),
        unit=str(extra.get("unit") or ""),
        picks=str(extra.get("picks") or ""),
        advanced=bool(extra.get("advanced")),
        step=float(step) if isinstance(step, int | float) else None,
        slider=float(slider) if isinstance(slider, int | float) else None,
        hidden=bool(extra.get("hidden")),
        choices=choices,
        minimum=low,
        maximum=high,
        exclusive_minimum=low_open,
        exclusive_maximum=high_open,
        discriminator=_discriminator(variants),
        variants=variants,
    )


def _classify(annotation: Any) -> tuple[Kind, tuple[str, ...], Mapping[str, type[BaseModel]]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _classify(get_args(annotation)[0])
    if origin is Literal:
        return "choice", tuple(str(value) for value in get_args(annotation)), {}
    if origin in (Union, types.UnionType):
        return "union", (), {_tag(member): member for member in get_args(annotation)}
    if origin is dict:
        return "weights", (), {}
    if origin is tuple:
        item = get_args(annotation)[0]
        if item is str or get_origin(item) is Literal:
            return "lines", _classify(item)[1], {}
        return "list", (), _classify(item)[2]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section", (), {_tag(annotation): annotation}
    kinds: dict[Any, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return kinds[annotation], (), {}


_DISCRIMINATORS = ("family", "kind", "name")


def _discriminator(variants: Mapping[str, type[BaseModel]]) -> str:
    for variant in variants.values():
        for name in _DISCRIMINATORS:
            info = variant.model_fields.get(name)
            if (
                info is not None
                and get_origin(info.annotation) is Literal
                and len(get_args(info.annotation)) == 1
            ):
                return name
    return ""


def _tag(section: type[BaseModel]) -> str:
    for name in _DISCRIMINATORS:
        info = section.model_fields.get(name)
        if (
            info is not None
            and get_origin(info.annotation) is Literal
            and len(get_args(info.annotation)) == 1
        ):
            return str(get_args(info.annotation)[0])
    return section.__name__


def _bounds(info: FieldInfo) -> tuple[float | None, float | None, bool, bool]:
    low = high = None
    low_open = high_open = False
    for constraint in info.metadata:
        if getattr(constraint, "ge", None) is not None:
            low = constraint.ge
        if getattr(constraint, "gt", None) is not None:
            low, low_open = constraint.gt, True
        if getattr(constraint, "le", None) is not None:
            high = constraint.le
        if getattr(constraint, "lt", None) is not None:
            high, high_open = constraint.lt, True
    return low, high, low_open, high_open
