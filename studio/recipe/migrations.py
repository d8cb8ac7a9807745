"""Recipes of older versions, brought to today's, one version at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.recipe.recipe import VERSION

# Each entry turns the values of version n into those of version n + 1.
STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class MigrationError(ValueError):
    """A version that this studio cannot read."""


def migrate(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of any known version as values of the current one.

    Raises:
        MigrationError: if the version is newer than this studio, or no whole number.
    """
    current = dict(values)
    version = current.get("version", VERSION)
    if isinstance(version, bool) or not isinstance(version, int):
        raise MigrationError(f"version must be a whole number, not {version!r}")
    if version > VERSION:
        raise MigrationError(
            f"this recipe is version {version}, this studio reads up to {VERSION}; update Hanzi Studio"
        )
    while version < VERSION:
        if version not in STEPS:
            raise MigrationError(f"no way is known from recipe version {version} to {VERSION}")
        current = STEPS[version](current)
        version += 1
        current["version"] = version
    return current
