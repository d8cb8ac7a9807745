"""From a path that a person gives to a predictor: a run, a checkpoint, published weights or an export."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from studio.inference.beam import NgramScores
from studio.inference.fusion import Mixture, mixture
from studio.inference.predictor import PinyinPredictor
from studio.models.tagger import SyllableTagger
from studio.runs import fusion, language_models
from studio.runs.bundled import bundled
from studio.runs.folder import RunError, RunFolder, list_runs, steps_in
from studio.runs.fusion import Fusion, FusionError
from studio.tasks import PinyinToHanzi, pinyin_ngrams
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
    weights, warning = _weights(found.folder)
    try:
        mixed = _mixture(task, weights)
        ngrams = _ngrams(mixed.file) if mixed else None
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"the n-grams in {found.folder} are damaged: {error}") from error
    warnings = (found.warning, warning, mixed.warning if mixed else "")
    found = replace(found, warning="; ".join(filter(None, warnings)))
    predictor = PinyinPredictor(model, task.vocabulary, ngrams, weights.network, weights.segmentation)
    return Loaded(found, model, task, config, predictor)


def stamp(found: Found) -> tuple[object, ...]:
    """Changes when a model folder has to be loaded anew: its weights, how they are fused, or with what."""
    files = (found.folder / WEIGHTS, fusion.place_of(found.folder), language_models.home())
    return tuple(_file_stamp(file) for file in files)


def _file_stamp(file: Path) -> tuple[float, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime, status.st_size


def _weights(folder: Path) -> tuple[Fusion, str]:
    """How the parts of a model are weighed, and what is wrong with the file that says it."""
    try:
        return fusion.read(folder), ""
    except FusionError as error:
        return Fusion(), f"{error}; the usual weights are used"


def _mixture(task: PinyinToHanzi, weights: Fusion) -> Mixture | None:
    own = task.ngrams_file
    return mixture(own, task.vocabulary, weights) if own else None


def _ngrams(file: Path) -> NgramScores:
    """The n-grams in a file. The weights of a run change every few seconds, its n-grams never: one copy serves all."""
    status = file.stat()
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    scores = _kept.get(key)
    if scores is None:
        scores = _kept[key] = NgramScores(pinyin_ngrams.read(file))
    return scores
