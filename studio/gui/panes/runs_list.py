"""What is known of run folders without opening them: read in a thread, since a disk may be slow. Knows no widgets."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from studio.gui.i18n import tr
from studio.gui.widgets.figures import NONE
from studio.gui.widgets.task_figures import best_text
from studio.recipe import RecipeError, load
from studio.runs.folder import RunError, RunFolder, list_runs


@dataclass(frozen=True)
class RunSummary:
    """One line of the list. `reason` says why a folder cannot be used; `state` is then `unreadable`."""

    path: Path
    name: str
    state: str
    changed: float
    step: int
    figure: str
    size: int
    reason: str = ""


def summarise(folder: RunFolder) -> RunSummary:
    """Read the small files of one run folder. Never raises: what is wrong with it becomes its reason."""
    changed, number, figure, step = 0.0, 0, NONE, -1
    name, state, reason = folder.path.name, "unreadable", ""
    try:
        changed = folder.recipe.stat().st_mtime
        number = sum(file.stat().st_size for file in folder.path.rglob("*") if file.is_file())
        folder = RunFolder.open(folder.path)
        name = load(folder.recipe).name
        state = folder.state()
        outcome = folder.outcome()
        index = folder.read_index()
        best = next((entry for entry in index.entries if entry.step == index.best), None)
        figure = best_text(best.metrics) if best else NONE
        step = max(outcome.step if outcome else -1, index.last)
        if outcome and outcome.state == "failed":
            reason = f"{outcome.cause}\n{outcome.fix}"
    except RunError as error:
        reason = str(error)
    except RecipeError as error:
        reason = tr("Its recipe cannot be read: {reason}", reason="; ".join(map(str, error.problems)))
    except OSError as error:
        reason = f"{error.filename or folder.path}: {error.strerror}"
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        reason = tr("A file in it is damaged: {reason}", reason=repr(error))
        state = "unreadable"
    return RunSummary(folder.path, name, state, changed, step, figure, number, reason)


class RunLister(QThread):
    """Reads all run folders below a parent once."""

    found = Signal(object)

    def __init__(self, parent_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = parent_folder

    def run(self) -> None:
        folders: list[RunFolder] = []
        with contextlib.suppress(OSError):
            folders = list_runs(self._folder)
        summaries = []
        for folder in folders:
            if self.isInterruptionRequested():
                return
            summaries.append(summarise(folder))
        self.found.emit(summaries)
