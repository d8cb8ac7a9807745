"""How a recipe's fields are declared: one call gives the default, the words shown to people and the bounds."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of a recipe: immutable, and strict about names it does not know."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False, defer_build=True
    )


class DisagreementError(ValueError):
    """Sections that do not go together: `complaints` are all that is wrong, each beginning with the path of a field."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__("; ".join(complaints))


def setting(
    default: Any = ...,
    *,
    title: str,
    help: str,
    unit: str = "",
    advanced: bool = False,
    step: float | None = None,
    offered: tuple[str, ...] = (),
    picks: str = "",
    slider: float | None = None,
    hidden: bool = False,
    **bounds: Any,
) -> Any:
    """Declare one field of a section.

    Forms, tooltips, validation messages and `studio recipe explain` are generated from what is given here.

    Args:
        default: the value used when the recipe is silent; left out, the recipe must give one.
        title: the label in forms, in sentence case.
        help: one or two sentences: what it does, and when to change it.
        unit: shown behind the value, such as "steps" or "tokens".
        advanced: folded away in forms until asked for.
        step: how far one click of a spin box goes.
        offered: values of a text that forms offer; the recipe may hold others.
        picks: what forms let people choose a text from, such as "runs".
        slider: forms have a slider beside the number, from the least value to this one; others can still be written.
        hidden: forms leave it out, as it has only one value that is allowed.
        **bounds: pydantic's constraints (`ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, `pattern`).
    """
    extra: dict[str, Any] = {
        "unit": unit,
        "advanced": advanced,
        "step": step,
        "offered": list(offered),
        "picks": picks,
        "slider": slider,
        "hidden": hidden,
    }
    return Field(default, title=title, description=help, json_schema_extra=extra, **bounds)
