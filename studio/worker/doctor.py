"""The lab's part in looking for faults in texts, and in showing what steps and augmentation do.

An examination may take minutes, so it runs in a process of its own: see `studio.worker.child`. Previews look at some
documents and are made in the lab itself.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from studio.data.augmentation.preview import preview as augmented
from studio.data.augmentation.preview import slipped
from studio.data.doctor.examine import examine
from studio.data.errors import Cancelled, DataError
from studio.data.items import items_for
from studio.data.sources import Document, locate
from studio.data.steps.pipeline import Pipeline, preview
from studio.recipe import PinyinToHanzi, Recipe, RecipeError, parse
from studio.recipe.augmentation import AnyAugmentation, Augmentation, TypingSlips
from studio.recipe.files import problems_of
from studio.runs.doctor_requests import (
    AugmentationPreviewed,
    DataExamined,
    ExaminationProgress,
    ExamineData,
    PreviewAugmentation,
    PreviewSteps,
    StepRow,
    StepsPreviewed,
    StepTally,
)
from studio.runs.lab_messages import Response
from studio.worker.child import answered, asked_with_progress
from studio.worker.refused import of_data

_TOLD_EVERY = 0.2  # seconds between two lines about the progress
_NICENESS = 10
_SHOWN = 4000  # characters of a document that a preview looks at
_EXAMPLE = 200  # characters of a text that an augmentation is shown on
_LONGEST_ROOM = 512  # positions of a model of which the recipe says nothing

_augmentations: TypeAdapter[tuple[AnyAugmentation, ...]] = TypeAdapter(tuple[Augmentation, ...])


def examined(
    request: ExamineData, report: Callable[[Response], object], cancelled: Callable[[], bool] = lambda: False
) -> Response:
    """Look for faults in a child process and wait for it.

    Args:
        report: called with each `ExaminationProgress`.
        cancelled: asked some ten times a second; when true, the child is killed.

    Raises:
        Cancelled: if the request was taken back.
    """
    return asked_with_progress("examine", request, ExaminationProgress, report, cancelled, "examination")


def preview_steps(request: PreviewSteps, cancelled: Callable[[], bool]) -> StepsPreviewed:
    """Show documents before and after the steps of a recipe.

    Raises:
        RecipeError: if the recipe's data section is no good.
        DataError: if a source cannot be read.
        Cancelled: if `cancelled` said so.
    """
    recipe = data_recipe(request.recipe)
    texts = [("", text) for text in request.texts]
    if not texts:
        texts = list(_first_documents(recipe, request.documents, cancelled))
    if request.step >= len(recipe.data.steps):
        raise DataError(f"the recipe has no step {request.step + 1}", "choose one of its steps")
    rows, tallies = preview(recipe.data.steps, [text for _, text in texts], request.step)
    names = [name for name, _ in texts]
    return StepsPreviewed(
        id=request.id,
        rows=tuple(StepRow(source=names[place], before=before, after=after) for place, before, after in rows),
        tallies=tuple(
            StepTally(kind=t.kind, seen=t.seen, changed=t.changed, dropped=t.dropped, lines=t.lines)
            for t in tallies
        ),
    )


def preview_augmentation(
    request: PreviewAugmentation, cancelled: Callable[[], bool]
) -> AugmentationPreviewed:
    """Show examples before and after the augmentation of a recipe; also of kinds that its task cannot use.

    Raises:
        RecipeError: if the recipe's data section is no good.
        DataError: if a source cannot be read.
        Cancelled: if `cancelled` said so.
    """
    recipe = data_recipe(request.recipe)
    data = request.recipe.get("data")
    given = data.get("augmentation", ()) if isinstance(data, dict) else ()
    try:
        augmentation = _augmentations.validate_python(given)
    except ValidationError as error:
        raise RecipeError(
            [replace(p, path=f"data.augmentation.{p.path}") for p in problems_of(error)]
        ) from error
    training = request.recipe.get("training")
    seed = training.get("seed", 0) if isinstance(training, dict) else 0
    texts = list(request.texts)
    if not texts:
        texts = list(
            itertools.islice(_first_examples(recipe, request.documents, cancelled), request.documents)
        )
    rows = augmented(augmentation, texts, seed if isinstance(seed, int) and seed >= 0 else 0, request.epoch)
    slips = fed = 0
    if isinstance(recipe.task, PinyinToHanzi) and any(isinstance(item, TypingSlips) for item in augmentation):
        slips, fed = slipped(rows)
    return AugmentationPreviewed(id=request.id, rows=tuple(rows), slips=slips, fed=fed)


def data_recipe(values: dict[str, Any]) -> Recipe:
    """The recipe of a draft's task and data, without augmentation: what is wrong elsewhere disturbs nobody here.

    Raises:
        RecipeError: with what is wrong with those.
    """
    kept: dict[str, Any] = {key: values[key] for key in ("task", "data") if key in values}
    if isinstance(kept.get("data"), dict):
        kept["data"] = {key: value for key, value in kept["data"].items() if key != "augmentation"}
    try:
        return parse(kept)
    except RecipeError as error:
        # Whether the model has room for the examples is asked of the whole recipe.
        if all("model.max_length" in problem.reason for problem in error.problems):
            return parse({**kept, "model": {"family": "recurrent"}})
        raise


def room_of(values: dict[str, Any]) -> int:
    """The longest input of a draft's model; of one without a limit, a usual length."""
    model = values.get("model")
    room = model.get("max_length") if isinstance(model, dict) else None
    return room if isinstance(room, int) and room > 0 else _LONGEST_ROOM


def _first_documents(recipe: Recipe, count: int, cancelled: Callable[[], bool]) -> Iterator[tuple[str, str]]:
    items = items_for(recipe.task, recipe.data.cleaning)
    for number, source in enumerate(recipe.data.sources):
        origin = locate(source)
        if origin.kind == "text":
            for document in itertools.islice(items.documents(source, number), count):
                if cancelled():
                    raise Cancelled
                yield origin.name, document.text[:_SHOWN]


def _first_examples(recipe: Recipe, count: int, cancelled: Callable[[], bool]) -> Iterator[str]:
    items = items_for(recipe.task, recipe.data.cleaning)
    documents = (Document("", text, 0) for _, text in _first_documents(recipe, count, cancelled))
    for document in Pipeline(recipe.data.steps).run(documents):
        if isinstance(recipe.task, PinyinToHanzi):
            yield from (text for text, _ in items.of(document))
        else:
            yield document.text[:_EXAMPLE]


def serve() -> NoReturn:
    """Read a request, examine, write progress and report."""
    answered(ExamineData, _answer, _NICENESS)


def _answer(request: ExamineData, send: Callable[[Response], object]) -> Response:
    told = 0.0

    def progress(documents: int, source: str) -> None:
        nonlocal told
        if time.monotonic() - told > _TOLD_EVERY:
            told = time.monotonic()
            send(ExaminationProgress(id=request.id, documents=documents, source=source))

    try:
        recipe = data_recipe(request.recipe)
        report = examine(
            recipe.data,
            only=request.only,
            room=room_of(request.recipe),
            runs=isinstance(recipe.task, PinyinToHanzi),
            load=items_for(recipe.task, recipe.data.cleaning).documents,
            progress=progress,
        )
    except (RecipeError, DataError, OSError) as error:
        return of_data(request.id, error)
    return DataExamined(id=request.id, report=report)
