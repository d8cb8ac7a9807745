"""Presets: the recipes that ship with the studio and those the user saved."""

from __future__ import annotations

import contextlib
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio import paths
from studio.recipe.files import Problem, RecipeError, anchor_sources, parse, read_values
from studio.recipe.overrides import apply_overrides
from studio.recipe.recipe import Recipe


@dataclass(frozen=True)
class Preset:
    """A recipe known by name."""

    name: str
    path: Path
    builtin: bool


def user_presets_folder() -> Path:
    """Where 'save as preset' writes."""
    return paths.data_home() / "recipes"


def presets() -> list[Preset]:
    """All presets, the studio's own first; a user's preset of the same name hides the studio's."""
    found: dict[str, Preset] = {}
    for folder, builtin in ((paths.resources() / "recipes", True), (user_presets_folder(), False)):
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
            found[path.stem] = Preset(path.stem, path, builtin)
    return list(found.values())


def resolve(name_or_path: str, overrides: list[str] | None = None) -> Recipe:
    """The recipe of a preset's name or of a file, with `dotted.key=value` overrides applied.

    Raises:
        RecipeError: for an unknown name, a bad file, a bad override or a bad recipe.
    """
    values, origin = values_of(name_or_path)
    if overrides:
        values = apply_overrides(values, overrides)
        anchor_sources(values, Path.cwd())
    return parse(values, origin)


def values_of(name_or_path: str) -> tuple[dict[str, Any], str]:
    """The unchecked values behind a preset's name or a file, and a word for where they came from."""
    known = {preset.name: preset for preset in presets()}
    if name_or_path in known:
        return read_values(known[name_or_path].path), name_or_path
    path = Path(name_or_path)
    with contextlib.suppress(RuntimeError):  # nobody's home is meant by ~this
        path = path.expanduser()
    if path.suffix == ".toml" or len(path.parts) > 1 or _exists(path):
        if _exists(path) and path.is_dir():
            path = path / "recipe.toml"
        return read_values(path), str(path)
    close = difflib.get_close_matches(name_or_path, known, n=1)
    remedy = f"did you mean {close[0]!r}? " if close else ""
    raise RecipeError(
        [Problem("", f"no preset or file named {name_or_path!r}", f"{remedy}presets: {', '.join(known)}")]
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long or too odd for any file
        return False
