"""What recipes and files allow: to start a recipe, to go on with a run, to type with it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from studio import paths
from studio.gui.forms.words import sentence
from studio.gui.i18n import tr
from studio.gui.widgets.figures import count
from studio.recipe import FileSource, Problem, Recipe
from studio.runs.folder import RunFolder, list_runs
from studio.runs.resuming import obstacle, passed_over


def has_weights(folder: RunFolder) -> bool:
    """Whether the Playground can type with a run."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        live = any(folder.live.glob("step-*/model.safetensors"))
        return live or bool(folder.read_index().entries)
    return False


def newest_with_weights() -> str | None:
    """The path of the newest run that can be typed with, or None."""
    with contextlib.suppress(OSError):
        found = next((run for run in list_runs(paths.runs_home()) if has_weights(run)), None)
        return str(found.path) if found else None
    return None


def recipe_obstacle(problems: Sequence[Problem]) -> str:
    """Why a recipe with these problems cannot be started, in words; empty if there are none."""
    if not problems:
        return ""
    first = sentence(problems[0])
    if len(problems) == 1:
        return tr("The recipe has a problem. {first}", first=first)
    return tr("The recipe has {count} problems. First: {first}", count=len(problems), first=first)


def resume_obstacle(folder: RunFolder | None) -> str:
    """Why a run cannot be resumed, in words; empty if it can. Looks at sizes and headers of files."""
    if folder is None:
        return tr("No run is shown. Open one in the Runs pane.")
    found = obstacle(folder)
    if found is None:
        return ""
    words = {
        "running": tr("Another process is writing this run."),
        "finished": tr("This run is finished."),
        "no_checkpoint": tr("This run has saved no checkpoint to go on from."),
        "not_whole": tr("No checkpoint is whole: {file} of step {step} is damaged or missing."),
        "no_state": tr("The last checkpoint holds weights but no training state."),
        "state_damaged": tr("The training state of step {step} is damaged: {file}."),
        "read_only": tr("This run folder cannot be written."),
    }[found.kind].format(file=found.file, step=count(found.step))
    if found.older >= 0:
        words += " " + tr("Remove that checkpoint to go on from step {step}.", step=count(found.older))
    return words


def resume_note(folder: RunFolder | None) -> str:
    """From where a run would be gone on with, in words, if that is not its newest checkpoint; else empty."""
    lost = passed_over(folder) if folder is not None else None
    if folder is None or lost is None:
        return ""
    return tr(
        "The checkpoint of step {lost} is damaged: Resume goes on from step {step}.",
        lost=count(lost.step),
        step=count(folder.read_index().last),
    )


def missing_source(recipe: Recipe | None) -> str:
    """Which file of a recipe's sources cannot be trained on, in words; empty if none is known to be so.

    What takes reading (encodings, text without hanzi) is found by the preview and by the run itself.
    """
    for source in recipe.data.sources if recipe else ():
        if isinstance(source, FileSource) and (complaint := _complaint(Path(source.path))):
            return complaint
    return ""


def _complaint(path: Path) -> str:
    try:
        if path.is_dir():
            return tr("{0} is a folder.").format(path)
        if not path.is_file():
            return tr("There is no file {0}.").format(path)
        return "" if path.stat().st_size else tr("{0} is empty.").format(path)
    except OSError as error:
        return tr("{0} cannot be read: {1}.").format(path, error.strerror)
