"""`studio presets` and `studio recipe show|check|estimate|explain`."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from studio.recipe import FieldDescription, Problem, RecipeError, dump, presets, resolve, walk
from studio.runs.tensorboard import require_writer


def run(options: argparse.Namespace) -> int:
    """List presets, or show, check, estimate or explain recipes."""
    if options.verb == "presets":
        return _presets()
    if options.action == "explain":
        return _explain(options.key)
    if options.action == "estimate":
        from studio.verbs import estimates

        return estimates.run(options)
    recipe = resolve(options.recipe, options.set)
    if options.action == "check":
        require_writer(recipe)
        print(f"{options.recipe}: good")
    else:
        print(dump(recipe), end="")
    return 0


def _presets() -> int:
    for preset in presets():
        try:
            description = resolve(preset.name).description
        except RecipeError as error:
            description = f"cannot be used: {error.problems[0]}"
        print(f"{preset.name}\t{description}")
    return 0


def _explain(beginning: str) -> int:
    fields = [
        field
        for field in walk()
        if field.path.startswith(beginning) and field.kind not in ("section", "union")
    ]
    if not fields:
        raise RecipeError([Problem(beginning, "no field begins so", "`studio recipe explain` lists all")])
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for heading in ("field", "default", "allowed", "meaning"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "field")
    for field in fields:
        table.add_row(field.path, _default(field), _allowed(field), f"{field.title}. {field.help}")
    Console(markup=False).print(table)
    return 0


def _default(field: FieldDescription) -> str:
    if field.required:
        return "(required)"
    if field.kind in ("lines", "list", "weights"):
        return f"{len(field.default or ())} items"
    return str(field.default)


def _allowed(field: FieldDescription) -> str:
    parts = [", ".join(field.choices), field.bounds, field.unit]
    return "; ".join(part for part in parts if part)
