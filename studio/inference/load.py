"""From a path that a person gives to a predictor: a run, a checkpoint, published weights or an export."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path

import torch

from studio.inference.beam import NgramScores
from studio.inference.predictor import PinyinPredictor
from studio.models.tagger import SyllableTagger
from studio.runs.folder import RunError, RunFolder, list_runs, steps_in
from studio.tasks import PinyinToHanzi
from studio.tasks.model_folder import CONFIG, WEIGHTS, ModelConfig, ModelFolderError, read_model

_kept: weakref.WeakValueDictionary[tuple[int, ...], NgramScores] = weakref.WeakValueDictionary()


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


@dataclass(frozen=True)
class Loaded:
    """A model ready to predict and where it came from."""

    found: Found
    model: SyllableTagger
    task: PinyinToHanzi
    config: ModelConfig
    predictor: PinyinPredictor


def find(path: Path) -> Found:
    """The model folder that a path means.

    Of a run that goes on, its newest published weights; of one that has ended, its best checkpoint; of a
    folder of runs, the newest run. A checkpoint or an exported folder means itself.

    Raises:
        ModelFolderError: if there is no model.
    """
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


def load(path: Path, device: torch.device | str = "cpu") -> Loaded:
    """Load what `find` finds.

    Raises:
        ModelFolderError: if there is no model, or it is damaged.
    """
    found = find(path)
    try:
        model, task, config = read_model(found.folder, device)
    except ModelFolderError:
        # Published weights are replaced while a run goes on; what was just removed has a successor.
        again = find(path)
        if again == found:
            raise
        found = again
        model, task, config = read_model(found.folder, device)
    if not isinstance(model, SyllableTagger):
        raise ModelFolderError(
            f"the model in {found.folder} is made for {config.task}, not for typing pinyin"
        )
    try:
        ngrams = _ngrams(task)
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"the n-grams in {found.folder} are damaged: {error}") from error
    return Loaded(found, model, task, config, PinyinPredictor(model, task.vocabulary, ngrams))


def _ngrams(task: PinyinToHanzi) -> NgramScores | None:
    """The task's n-grams. The weights of a run change every few seconds, its n-grams never: one copy serves all."""
    file = task.ngrams_file
    if file is None:
        return None
    status = file.stat()
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    scores = _kept.get(key)
    if scores is None:
        model = task.ngrams()
        assert model is not None
        scores = _kept[key] = NgramScores(model)
    return scores
