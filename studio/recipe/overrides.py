"""`dotted.key=value` changes to a recipe's plain values, as given on the command line."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from studio.recipe.files import Problem, RecipeError


def apply_overrides(values: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """A copy of `values` with each override set; values are TOML, and bare words are text.

    Raises:
        RecipeError: with every override that has no `=`, an empty key, or a path through something
            that holds no keys.
    """
    result = copy.deepcopy(dict(values))
    problems = []
    for override in overrides:
        key, equals, text = override.partition("=")
        keys = key.strip().split(".")
        if not equals or not all(keys):
            problems.append(
                Problem(key.strip(), f"{override!r} is not dotted.key=value", "--set training.max_steps=500")
            )
            continue
        problem = _set(result, keys, _value(text.strip()))
        if problem:
            problems.append(problem)
    if problems:
        raise RecipeError(problems, "--set")
    return result


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _set(values: dict[str, Any], keys: list[str], value: Any) -> Problem | None:
    node: Any = values
    for depth, key in enumerate(keys):
        last = depth == len(keys) - 1
        where = ".".join(keys[: depth + 1])
        if isinstance(node, list):
            if not (key.isascii() and key.isdecimal()) or int(key) >= len(node):
                return Problem(
                    where, f"no item {key!r}", f"items 0 to {len(node) - 1}" if node else "it is empty"
                )
            if last:
                node[int(key)] = value
            else:
                node = node[int(key)]
        elif isinstance(node, dict):
            if last:
                node[key] = value
            else:
                node = node.setdefault(key, {})
        else:
            return Problem(where, "nothing lies below a plain value")
    return None
