"""What the lab knows how to answer, and what it keeps at hand for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from studio.data.errors import Cancelled, DataError
from studio.data.prepare import cached
from studio.data.preview import preview
from studio.engine.device import DeviceError
from studio.engine.estimate import estimate
from studio.export.folder import ExportError, export_folder
from studio.inference.explain import explain
from studio.inference.load import Loaded, find, load, stamp
from studio.inference.personal.recall import Recall
from studio.recipe import Recipe, parse
from studio.runs.estimates import RunEstimated
from studio.runs.explanations import Explained
from studio.runs.folder import RunError
from studio.runs.personal_requests import Learn, PhrasesLearnt
from studio.runs.requests import (
    DataPreviewed,
    EstimateRun,
    Explain,
    ExportModel,
    ModelExported,
    Predict,
    Predicted,
    PreviewData,
    Refused,
)
from studio.tasks.model_folder import ModelFolderError
from studio.worker import personal, trial
from studio.worker.batches import Shelf
from studio.worker.counts import Counter
from studio.worker.refused import of_data
from studio.worker.texts import TextModels
from studio.worker.vocabulary import Vocabularies

KNOWN_ERRORS = (DataError, ModelFolderError, ExportError, RunError, DeviceError, Cancelled, OSError)
_MODELS = 5  # kept loaded, so that comparing four does not load one for each key


def refusal(id: str, error: BaseException) -> Refused:
    """An error of the kind that people can do something about, as an answer."""
    if isinstance(error, DataError):
        return of_data(id, error)
    if isinstance(error, Cancelled):
        return Refused(id=id, kind="cancelled", message="The request was taken back.")
    if isinstance(error, OSError):
        return replace(of_data(id, error), remedy="Choose another place.")
    kind = (
        "model" if isinstance(error, ModelFolderError) else type(error).__name__.removesuffix("Error").lower()
    )
    return Refused(id=id, kind=kind, message=str(error))


@dataclass
class _Kept:
    loaded: Loaded
    stamp: tuple[object, ...]


class Bench:
    """Loaded models and the answers made with them."""

    def __init__(self) -> None:
        self._models: dict[Path, _Kept] = {}
        self._recall = Recall()
        self.texts = TextModels()
        self.shelf = Shelf()
        self.counter = Counter()
        self.vocabularies = Vocabularies()

    def predict(self, request: Predict) -> Predicted:
        """Decode with the newest weights that the request's folder has.

        Raises:
            ModelFolderError: if it has none, or they are damaged.
        """
        loaded, live = self._model(Path(request.model))
        personal.remind(self._recall, loaded.predictor)
        decoded = loaded.predictor.predict(
            request.text,
            request.top_k,
            left=request.left,
            judge=request.judge,
            prefixes=request.prefixes,
            fuzzy=request.fuzzy,
            slips=request.slips,
        )
        return Predicted(
            id=request.id,
            text=request.text,
            candidates=decoded.candidates,
            syllables=decoded.syllables,
            step=loaded.config.step,
            live=live,
            milliseconds=decoded.milliseconds,
            prefixes=decoded.prefixes,
            more=decoded.more,
        )

    def learn(self, request: Learn) -> PhrasesLearnt:
        """Remember what was committed; in the thread that predicts.

        Raises:
            ModelFolderError: if the request's folder has no model.
            RunError: if it cannot be written down.
        """
        loaded, _ = self._model(Path(request.model))
        return personal.learn(self._recall, loaded.predictor, request)

    def explain(self, request: Explain) -> Explained:
        """Show how the newest weights that the request's folder has decode.

        Raises:
            ModelFolderError: if it has none, or they are damaged.
        """
        loaded, _ = self._model(Path(request.model))
        personal.remind(self._recall, loaded.predictor)
        return explain(
            loaded.predictor,
            request.text,
            request.id,
            left=request.left,
            judge=request.judge,
            fuzzy=request.fuzzy,
            slips=request.slips,
        )

    def preview(self, request: PreviewData, cancelled: Callable[[], bool]) -> DataPreviewed:
        """Show what the data section of a recipe makes of its sources."""
        data = parse(request.recipe).data
        shown = preview(data, request.documents, cancelled=cancelled)
        return DataPreviewed(id=request.id, sources=shown.sources, rows=shown.rows, notes=shown.notes)

    def estimate(self, request: EstimateRun, recipe: Recipe) -> RunEstimated:
        """Count what a run would take, for a vocabulary of the usual size: making the real one takes seconds."""
        return estimate(recipe, None, cached(recipe.data, recipe.task), request.id)

    def try_out(self, request: EstimateRun, recipe: Recipe, cancelled: Callable[[], bool]) -> RunEstimated:
        """Measure what a run would take, in a child process; what was counted, and why, where that fails.

        Raises:
            Cancelled: if the request was taken back.
        """
        return trial.tried(recipe, self.estimate(request, recipe), cancelled)

    def export(self, request: ExportModel, target: Path) -> ModelExported:
        """Write a model as a folder."""
        made = export_folder(Path(request.model), target, overwrite=request.overwrite)
        return ModelExported(id=request.id, path=str(made.path), files=made.files, size=made.size)

    def _model(self, path: Path) -> tuple[Loaded, bool]:
        found = find(path)
        kept = self._models.get(found.folder)
        if kept is None or kept.stamp != stamp(found):
            kept = _Kept(load(path), stamp(found))
            self._models.pop(found.folder, None)
            self._models[kept.loaded.found.folder] = kept
            while len(self._models) > _MODELS:
                del self._models[next(iter(self._models))]
        return kept.loaded, found.live
