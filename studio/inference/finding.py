"""From a path that a person gives to a model folder: a run, a checkpoint, published weights or an export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.runs.bundled import bundled
from studio.runs.folder import RunError, RunFolder, list_runs, steps_in
from studio.tasks.model_folder import CONFIG, WEIGHTS, ModelFolderError


@dataclass(frozen=True)
class Found:
    """A model folder.

    Attributes:
        live: it holds the newest published weights of a run that goes on.
        warning: why it is not the one that a person would expect; empty if it is.
    """

    folder: Path
    live: bool
    warning: str = ""


def find(path: Path) -> Found:
    """The model folder that a path means.

    Of a run that goes on, its newest published weights; of one that has ended, its best checkpoint; of a
    folder of runs, the newest run. A checkpoint or an exported folder means itself. The name of a model that
    comes with the studio means that one, unless a folder of this name is there.

    Raises:
        ModelFolderError: if there is no model.
    """
    if not path.exists() and str(path) in bundled():
        path = bundled()[str(path)]
    path = path.expanduser().absolute()
    if (path / CONFIG).is_file():
        return Found(path, live=False)
    if not path.is_dir():
        raise ModelFolderError(f"there is no folder {path}; give a run, a checkpoint or an exported folder")
    if not (path / "recipe.toml").is_file():
        runs = list_runs(path)
        if not runs:
            raise ModelFolderError(f"{path} is no run, checkpoint or exported folder")
        return find(runs[0].path)
    try:
        run = RunFolder.open(path)
    except RunError as error:
        raise ModelFolderError(str(error)) from error
    index = run.read_index()
    running = run.state() == "running"
    lost = "".join(f"the checkpoint of step {item.step} is not whole: {item.damage}; " for item in index.lost)
    if running or index.best < 0:
        # A disk may lose a file of what was published; what came before it is nearly as good.
        for folder in reversed(steps_in(run.live)):
            if all((folder / name).is_file() for name in (CONFIG, WEIGHTS)):
                warning = f"{lost}the weights published at {folder.name} are used"
                return Found(folder, live=running, warning=warning if lost and not running else "")
    if index.best < 0 and lost:
        raise ModelFolderError(f"{path}: {lost}there is no other")
    if index.best < 0:
        raise ModelFolderError(f"the run {path} has saved no checkpoint yet; wait for its first evaluation")
    warning = f"{lost}that of step {index.best} is used" if lost else ""
    return Found(run.checkpoint(index.best), live=False, warning=warning)
