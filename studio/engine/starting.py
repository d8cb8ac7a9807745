"""A run that begins with another's weights: found, held against the recipe, and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from studio.data.symbols import MASK, Symbols
from studio.inference.opened import Opened, open_model
from studio.recipe import Problem, Recipe, RecipeError
from studio.runs import start
from studio.runs.events import StartedFrom
from studio.runs.folder import RunFolder
from studio.tasks.model_folder import ModelFolderError, read_model
from studio.tasks.passing import Passed, pass_weights

PATH = "training.start_from"
# What two networks must have in common for the weights of one to mean anything in the other.
_SHAPE = ("family", "width", "heads", "feed_forward", "cell")


@dataclass(frozen=True)
class Start:
    """What a run begins with.

    Attributes:
        known: characters that keep the numbers they have in another model.
        source: the model to take weights from; None where they begin at random, or where the run goes on with its own.
    """

    known: tuple[str, ...] = ()
    source: Opened | None = None

    def fill(self, model: nn.Module, task: Any) -> Passed | None:
        """Pass the source's weights on to a new model; None if there is no source."""
        if self.source is None:
            return None
        return pass_weights(self.source.model, self.source.task, model, task)

    def told(self, run: RunFolder, passed: Passed) -> StartedFrom:
        """The event that says what was passed on, which is also written into the run's folder.

        Raises:
            OSError: if the disk does not take it.
        """
        assert self.source is not None
        config, folder = self.source.config, self.source.found.folder
        event = StartedFrom(
            name=config.recipe,
            task=config.task,
            step=config.step,
            path=str(folder),
            taken=passed.taken,
            resized=dict(passed.resized),
            new=passed.new,
            left=passed.left,
        )
        sources, before = _record_of(self.source)
        start.keep(run, event, sources, before)
        return event


def begin(recipe: Recipe, run: RunFolder, last: int) -> Start:
    """What a run begins with, or goes on with from the checkpoint of step `last`, -1 if it has none.

    Raises:
        RecipeError: if the model to start from is missing, damaged, or of another shape.
        ModelFolderError: if the run's own checkpoint is damaged.
    """
    if not recipe.training.start_from:
        return Start()
    if last >= 0:
        # Its own vocabulary, so that the source may be gone by now.
        _, own, _ = read_model(run.checkpoint(last))
        return Start(_known(recipe, own))
    source = _opened(recipe)
    return Start(_known(recipe, source.task), source)


def _known(recipe: Recipe, task: Any) -> tuple[str, ...]:
    """The characters of a model's vocabulary in order, for a task that reads characters, too."""
    symbols = getattr(task, "symbols", None)
    if not isinstance(symbols, Symbols) or getattr(recipe.task, "unit", "character") != "character":
        return ()
    return tuple(text for text in symbols.texts if len(text) == 1 or text == MASK)


def _opened(recipe: Recipe) -> Opened:
    wanted = Path(recipe.training.start_from)
    try:
        opened = open_model(wanted)
    except ModelFolderError as error:
        remedy = "choose a run that has a checkpoint, or leave the field empty"
        raise RecipeError(
            [Problem(PATH, f"the weights to start from cannot be read: {error}", remedy)]
        ) from error
    _require_fit(recipe, opened.config.model, str(opened.found.folder))
    return opened


def _require_fit(recipe: Recipe, theirs: dict[str, Any], folder: str) -> None:
    ours = recipe.model.model_dump(mode="json")
    problems = [
        Problem(
            f"model.{name}",
            f"the model that training.start_from names ({folder}) has {name} {theirs[name]}, this recipe {ours[name]}",
            f"set model.{name} to {theirs[name]}, or start from another model",
        )
        for name in _SHAPE
        if name in ours and name in theirs and ours[name] != theirs[name]
    ]
    if problems:
        # Of another family nothing else can be compared.
        raise RecipeError(problems[:1] if ours["family"] != theirs["family"] else problems)


def _record_of(source: Opened) -> tuple[list[Any], dict[str, Any]]:
    """What a model had learnt from, and what it had begun with, as far as its run's record is there."""
    folder = source.found.folder
    for home in (folder, folder.parent.parent):
        environment = RunFolder.read_json(home / "environment.json")
        if environment:
            data = environment.get("data")
            sources = data.get("sources") if isinstance(data, dict) else None
            return (sources if isinstance(sources, list) else []), start.read(home)
    return [], start.read(folder)
