"""Recipes in and out of TOML, and every complaint about a bad one gathered at once."""

from __future__ import annotations

import contextlib
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel, ValidationError

from studio.recipe.augmentation import AUGMENTATION_KINDS
from studio.recipe.migrations import MigrationError, migrate
from studio.recipe.recipe import Recipe
from studio.recipe.steps import STEP_KINDS
from studio.recipe.task import TASKS


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a recipe: where, why, and what would be right."""

    path: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.path or 'recipe'}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")


class RecipeError(ValueError):
    """A recipe that cannot be used; `problems` holds all that is wrong with it."""

    def __init__(self, problems: list[Problem], origin: str = "") -> None:
        self.problems = problems
        self.origin = origin
        head = f"{origin}: " if origin else ""
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{head}{count} in the recipe\n" + "\n".join(f"  {problem}" for problem in problems))


def parse(values: Mapping[str, Any], origin: str = "") -> Recipe:
    """Check plain values and make a recipe of them.

    Raises:
        RecipeError: with every problem found, not only the first.
    """
    try:
        migrated = migrate(values)
    except MigrationError as error:
        raise RecipeError([Problem("version", str(error))], origin) from error
    try:
        return Recipe.model_validate(migrated)
    except ValidationError as error:
        raise RecipeError(problems_of(error), origin) from error


def load(path: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises:
        RecipeError: if the file is missing, is not UTF-8 TOML, or is a bad recipe.
    """
    return parse(read_values(path), str(path))


def read_values(path: Path) -> dict[str, Any]:
    """The plain values of a TOML file, with relative source paths resolved against its folder."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise RecipeError(
            [Problem("", f"no file at {path}", "give a TOML file or a preset's name")]
        ) from None
    except OSError as error:
        raise RecipeError([Problem("", f"cannot read {path}: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise RecipeError(
            [Problem("", f"{path} is not UTF-8 text", "recipes are TOML, saved as UTF-8")]
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError([Problem("", f"{path} is not TOML: {error}")]) from error
    anchor_sources(values, path.parent)
    return values


def anchor_sources(values: Mapping[str, Any], folder: Path) -> None:
    """Make relative paths absolute, in place: a recipe means the same wherever it is kept."""
    training = values.get("training")
    start = training.get("start_from") if isinstance(training, dict) else None
    if isinstance(training, dict) and isinstance(start, str) and start:
        with contextlib.suppress(ValueError, RuntimeError, OSError):
            place = (folder / Path(start).expanduser()).resolve()
            # A model that comes with the studio is called by its name.
            if place.exists() or len(Path(start).parts) > 1:
                training["start_from"] = str(place)
    model = values.get("model")
    encoder = model.get("source") if isinstance(model, dict) else None
    if isinstance(model, dict) and isinstance(encoder, str) and encoder:
        with contextlib.suppress(ValueError, RuntimeError, OSError):
            place = (folder / Path(encoder).expanduser()).resolve()
            # What is no folder here may be a name on the hub.
            if place.exists() or encoder.startswith((".", "~")):
                model["source"] = str(place)
    data = values.get("data")
    sources = data.get("sources") if isinstance(data, dict) else None
    for source in sources if isinstance(sources, list) else []:
        kind = source.get("kind") if isinstance(source, dict) else None
        if kind in ("file", "table", "lexicon") and isinstance(source.get("path"), str):
            # A path that no system could have is left for whoever reads it to complain about.
            with contextlib.suppress(ValueError, RuntimeError, OSError):
                source["path"] = str((folder / Path(source["path"]).expanduser()).resolve())
    task = values.get("task")
    vocabulary = task.get("vocabulary") if isinstance(task, dict) else None
    if not isinstance(vocabulary, dict):
        return
    taken = vocabulary.get("source")
    if isinstance(taken, str) and taken:
        with contextlib.suppress(ValueError, RuntimeError, OSError):
            vocabulary["source"] = str((folder / Path(taken).expanduser()).resolve())


def dump(recipe: Recipe) -> str:
    """The recipe as TOML, complete, so that later defaults cannot change its meaning."""
    return tomli_w.dumps(recipe.model_dump(mode="json"), multiline_strings=False)


_SOURCE = "model.source "  # whose complaint belongs to the field and nowhere else


def problems_of(error: ValidationError) -> list[Problem]:
    """Pydantic's complaints in a recipe's own words."""
    problems = []
    items = error.errors()
    for item in items:
        # A list that is short only because its items are bad: the items' own complaints say it all.
        if item["type"] == "too_short" and any(_is_below(other["loc"], item["loc"]) for other in items):
            continue
        path = dotted_path(item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        kind, context = item["type"], item.get("ctx", {})
        remedy = ""
        if kind == "extra_forbidden":
            name = path.rpartition(".")[2]
            names = _names_beside(item["loc"])
            close = difflib.get_close_matches(name, names, n=1)
            message = f"unknown key {name!r}"
            remedy = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(sorted(names))}"
        elif kind in ("union_tag_invalid", "union_tag_not_found"):
            tag = str(context.get("discriminator", "")).strip("'")
            path = f"{path}.{tag}" if path else tag
            expected = context.get("expected_tags", "")
            message = f"{context['tag']!r} is not known" if "tag" in context else "is missing"
            remedy = f"one of {expected}" if expected else f"add {tag!r}"
        elif kind == "missing":
            message = "is missing"
        elif kind == "value_error":
            message = str(context.get("error", message))
            alone = [c for c in getattr(context.get("error"), "complaints", ()) if c.startswith(_SOURCE)]
            problems += [Problem(_SOURCE.strip(), complaint.removeprefix(_SOURCE)) for complaint in alone]
            if alone and not (message := "; ".join(c for c in context["error"].complaints if c not in alone)):
                continue
        else:
            message = message[:1].lower() + message[1:] + f", not {item['input']!r}"
        problems.append(Problem(path, message, remedy))
    return problems


_FAMILIES = {
    "transformer_encoder",
    "recurrent",
    "text_cnn",
    "pretrained_encoder",
    "pretrained_encoder_decoder",
    "recurrent_encoder_decoder",
    "transformer_encoder_decoder",
    "t5",
    "bart",
    "causal_transformer",
    "causal_recurrent",
    "causal_cnn",
    "gpt2",
    "pretrained_decoder",
}
_TAGS = _FAMILIES | {"builtin", "file", "table", "lexicon"} | set(TASKS)
_TAGS |= {*STEP_KINDS, *AUGMENTATION_KINDS}


def dotted_path(location: tuple[int | str, ...]) -> str:
    """`('data', 'sources', 0, 'file', 'path')` -> `data.sources.0.path`: union tags left out."""
    return ".".join(str(part) for part in location if part not in _TAGS)


def _is_below(location: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(location) > len(other) and location[: len(other)] == other


def _names_beside(location: tuple[int | str, ...]) -> list[str]:
    """The field names that are allowed where an unknown one was found."""
    from studio.recipe.describe import section_at

    section: type[BaseModel] | None = section_at(location[:-1])
    return list(section.model_fields) if section else []
