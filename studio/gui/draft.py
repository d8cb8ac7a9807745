"""The recipe being edited: plain values that may be wrong for a while, and every step back. Knows no Qt."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import tomli_w

from studio import paths
from studio.recipe import Problem, Recipe, RecipeError, dump, parse
from studio.recipe.files import read_values
from studio.recipe.presets import user_presets_folder, values_of
from studio.recipe.usual import suited, with_one_table
from studio.runs import atomic

_STEPS = 200
_MERGE = 1.0  # seconds: changes to one field in quick succession are one step of undo


def kept_draft() -> Path:
    """Where an unsaved draft waits for the next start."""
    return paths.config_home() / "draft.toml"


class Draft:
    """Values, what is wrong with them, and where they came from.

    Attributes:
        values: complete plain values while the draft is a good recipe; otherwise as they were given.
        recipe: the recipe they make, or None.
        problems: all that keeps them from being one.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.recipe: Recipe | None = None
        self.problems: list[Problem] = []
        self.origin = ""
        self.file: Path | None = None
        self._saved: dict[str, Any] = {}
        self._undo: list[dict[str, Any]] = []
        self._redo: list[dict[str, Any]] = []
        self._last: tuple[str, float] = ("", 0.0)

    @property
    def modified(self) -> bool:
        """Whether it differs from what was loaded or last saved."""
        return self.values != self._saved

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def set(self, path: str, value: Any) -> bool:
        """Set one value by its dotted path; False if it is that already or the path leads nowhere."""
        changed = copy.deepcopy(self.values)
        node: Any = changed
        *parents, last = path.split(".")
        for key in parents:
            if isinstance(node, list):
                if not key.isdigit() or int(key) >= len(node):
                    return False
                node = node[int(key)]
            elif isinstance(node, dict):
                node = node.setdefault(key, {})
            else:
                return False
        if isinstance(node, list):
            if not last.isdigit() or int(last) >= len(node):
                return False
            node[int(last)] = value
        elif isinstance(node, dict):
            node[last] = copy.deepcopy(value)
        else:
            return False
        if changed == self.values:
            return False
        if path == "task":
            changed = suited(changed)
        if path == "model":
            changed = with_one_table(changed)
        now = time.monotonic()
        if not (self._last[0] == path and now - self._last[1] < _MERGE and self._undo):
            self._undo = [*self._undo[1 - _STEPS :], self.values]
        self._last = (path, now)
        self._redo.clear()
        self.values = changed
        self._check()
        return True

    def step_back(self) -> bool:
        """Undo one change."""
        return self._swap(self._undo, self._redo)

    def step_forward(self) -> bool:
        """Redo one change."""
        return self._swap(self._redo, self._undo)

    def load_named(self, name_or_path: str) -> None:
        """Load a preset by name, or a file or run folder.

        Raises:
            RecipeError: if there is nothing readable there; a readable but bad recipe becomes a bad draft.
        """
        values, origin = values_of(name_or_path)
        self.replace(values, origin)

    def load_file(self, path: Path) -> None:
        """Load a TOML file; raises as `load_named` does."""
        self.replace(read_values(path), str(path))
        self.file = path

    def replace(self, values: dict[str, Any], origin: str) -> None:
        """Start over from these values; the way back stays open."""
        if self.values:
            self._undo = [*self._undo[1 - _STEPS :], self.values]
        self._redo.clear()
        self._last = ("", 0.0)
        self.values = copy.deepcopy(values)
        self.origin, self.file = origin, None
        self._check()
        if self.recipe is not None:
            self.values = self.recipe.model_dump(mode="json")
        self._saved = copy.deepcopy(self.values)

    def save(self, path: Path) -> None:
        """Write it as TOML, wrong values included. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(path, dump(self.recipe) if self.recipe else tomli_w.dumps(self.values))
        self.origin, self.file = str(path), path
        self._saved = copy.deepcopy(self.values)

    def put_aside(self, path: Path) -> None:
        """Write what is not saved, right or wrong; it still counts as unsaved. Raises OSError."""
        if not self.modified:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(path, tomli_w.dumps(self.values))

    def take_up(self, path: Path) -> None:
        """Go on with what `put_aside` wrote: it still counts as modified. Raises RecipeError."""
        self.replace(read_values(path), "")
        self._saved = {}

    def save_as_preset(self, name: str) -> Path:
        """Write it where the user's presets are. Raises OSError."""
        path = user_presets_folder() / f"{name}.toml"
        self.save(path)
        self.origin, self.file = name, None
        return path

    def _swap(self, source: list[dict[str, Any]], target: list[dict[str, Any]]) -> bool:
        if not source:
            return False
        target.append(self.values)
        self.values = source.pop()
        self._last = ("", 0.0)
        self._check()
        return True

    def _check(self) -> None:
        try:
            self.recipe, self.problems = parse(self.values, self.origin), []
        except RecipeError as error:
            self.recipe, self.problems = None, error.problems
