"""What the lab knows how to answer, and what it keeps at hand for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from studio import tasks
from studio.data.dataset import Dataset
from studio.data.errors import Cancelled, DataError
from studio.data.prepare import cached
from studio.data.preview import preview
from studio.engine.device import DeviceError, choose_device
from studio.engine.environment import device_name
from studio.export.folder import ExportError, export_folder
from studio.inference.load import Found, Loaded, find, load
from studio.models.tagger import SyllableTagger
from studio.recipe import Recipe, parse
from studio.runs.folder import RunError
from studio.runs.requests import (
    DataPreviewed,
    EstimateRun,
    ExportModel,
    ModelExported,
    Predict,
    Predicted,
    PreviewData,
    Refused,
    RunEstimated,
)
from studio.tasks.model_folder import ModelFolderError

KNOWN_ERRORS = (DataError, ModelFolderError, ExportError, RunError, DeviceError, Cancelled, OSError)
_MODELS = 3  # kept loaded, so that comparing two does not load one for each key
_UNITS_GUESSED = 9_700  # candidates in the vocabulary of the default data
_ADAM = 4  # weights, gradients and two moments


def refusal(id: str, error: BaseException) -> Refused:
    """An error of the kind that people can do something about, as an answer."""
    if isinstance(error, DataError):
        return Refused(id=id, kind="data", message=error.message, remedy=error.remedy)
    if isinstance(error, Cancelled):
        return Refused(id=id, kind="cancelled", message="The request was taken back.")
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Refused(
            id=id, kind="disk", message=f"{where}{error.strerror or error}", remedy="Choose another place."
        )
    kind = (
        "model" if isinstance(error, ModelFolderError) else type(error).__name__.removesuffix("Error").lower()
    )
    return Refused(id=id, kind=kind, message=str(error))


@dataclass
class _Kept:
    loaded: Loaded
    stamp: tuple[float, int]


class Bench:
    """Loaded models and the answers made with them."""

    def __init__(self) -> None:
        self._models: dict[Path, _Kept] = {}
        self._tasks: dict[str, tasks.PinyinToHanzi] = {}

    def predict(self, request: Predict) -> Predicted:
        """Decode with the newest weights that the request's folder has.

        Raises:
            ModelFolderError: if it has none, or they are damaged.
        """
        loaded, live = self._model(Path(request.model))
        decoded = loaded.predictor.predict(request.text, request.top_k)
        return Predicted(
            id=request.id,
            text=request.text,
            candidates=decoded.candidates,
            syllables=decoded.syllables,
            step=loaded.config.step,
            live=live,
            milliseconds=decoded.milliseconds,
        )

    def preview(self, request: PreviewData, cancelled: Callable[[], bool]) -> DataPreviewed:
        """Show what the data section of a recipe makes of its sources."""
        data = parse(request.recipe).data
        shown = preview(data, request.documents, cancelled=cancelled)
        return DataPreviewed(id=request.id, sources=shown.sources, rows=shown.rows, notes=shown.notes)

    def estimate(self, request: EstimateRun, recipe: Recipe) -> RunEstimated:
        """Count parameters: exactly where the data are prepared, else for a vocabulary of the usual size."""
        dataset = cached(recipe.data)
        task = self._prepared(dataset) if dataset is not None else None
        with torch.device("meta"):
            if task is not None:
                model = task.build_model(recipe)
            else:
                starts = torch.tensor([0, _UNITS_GUESSED], device="cpu")
                model = SyllableTagger(recipe.model, starts, torch.zeros(_UNITS_GUESSED), torch.zeros(2, 2))
        parameters = sum(p.numel() for p in model.parameters())
        return RunEstimated(
            id=request.id,
            parameters=parameters,
            memory=4 * _ADAM * parameters,
            device=device_name(choose_device(recipe.compute)),
            exact=dataset is not None,
        )

    def export(self, request: ExportModel, target: Path) -> ModelExported:
        """Write a model as a folder."""
        made = export_folder(Path(request.model), target, overwrite=request.overwrite)
        return ModelExported(id=request.id, path=str(made.path), files=made.files, size=made.size)

    def _prepared(self, dataset: Dataset) -> tasks.PinyinToHanzi:
        if dataset.fingerprint not in self._tasks:
            self._tasks = {dataset.fingerprint: tasks.create("pinyin_to_hanzi").prepare(dataset)}
        return self._tasks[dataset.fingerprint]

    def _model(self, path: Path) -> tuple[Loaded, bool]:
        found = find(path)
        kept = self._models.get(found.folder)
        if kept is None or kept.stamp != _stamp(found):
            kept = _Kept(load(path), _stamp(found))
            self._models.pop(found.folder, None)
            self._models[kept.loaded.found.folder] = kept
            while len(self._models) > _MODELS:
                del self._models[next(iter(self._models))]
        return kept.loaded, found.live


def _stamp(found: Found) -> tuple[float, int]:
    try:
        status = (found.folder / "model.safetensors").stat()
    except OSError:
        return (0.0, 0)
    return (status.st_mtime, status.st_size)
