"""The lab's part in showing how documents are divided: in a process of its own, as all of them are read."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn

from studio.runs.doctor_requests import ExaminationProgress
from studio.runs.lab_messages import Response
from studio.runs.split_requests import ShowSplits, SplitsShown
from studio.worker.child import answered, asked_with_progress
from studio.worker.refused import of_data

_TOLD_EVERY = 0.2  # seconds between two lines about the progress
_NICENESS = 10


def shown(
    request: ShowSplits, report: Callable[[Response], object], cancelled: Callable[[], bool] = lambda: False
) -> Response:
    """Divide a recipe's documents in a child process and wait for it.

    Args:
        report: called with each `ExaminationProgress`.
        cancelled: asked some ten times a second; when true, the child is killed.

    Raises:
        Cancelled: if the request was taken back.
    """
    return asked_with_progress("divide", request, ExaminationProgress, report, cancelled, "examination")


def serve() -> NoReturn:
    """Read a request, divide, write progress and answer."""
    answered(ShowSplits, _answer, _NICENESS)


def _answer(request: ShowSplits, send: Callable[[Response], object]) -> Response:
    from studio.data.errors import DataError
    from studio.data.prepare import cached
    from studio.data.split_report import split_report
    from studio.recipe import RecipeError
    from studio.worker.doctor import data_recipe

    told = 0.0

    def progress(documents: int, source: str) -> None:
        nonlocal told
        if time.monotonic() - told > _TOLD_EVERY:
            told = time.monotonic()
            send(ExaminationProgress(id=request.id, documents=documents, source=source))

    try:
        recipe = data_recipe(request.recipe)
        found = split_report(recipe.data, recipe.task, cached(recipe.data, recipe.task), progress)
    except (RecipeError, DataError, OSError) as error:
        return of_data(request.id, error)
    return SplitsShown(
        id=request.id,
        splits=found.splits,
        labels=found.labels,
        sources=found.sources,
        findings=found.findings,
        label_examples=found.label_examples,
        source_examples=found.source_examples,
        notes=found.notes,
    )
