"""Data prepared in a process of its own, from both sides: a long loop in the lab would hold up every key.

The child ends when its standard input closes. What it prepares it leaves in the cache, where runs find it, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn

from studio.runs.batch_requests import DataPrepared, PreparationProgress, PrepareData
from studio.runs.lab_messages import Response
from studio.worker.child import answered, asked_with_progress
from studio.worker.refused import of_data

_TOLD_EVERY = 0.1  # seconds between two lines about the progress of one phase
_NICENESS = 5


def prepared(
    request: PrepareData, report: Callable[[Response], object], cancelled: Callable[[], bool] = lambda: False
) -> Response:
    """Prepare data in a child process and wait for it.

    Args:
        report: called with each `PreparationProgress`.
        cancelled: asked some ten times a second; when true, the child is killed and leaves nothing behind.

    Raises:
        Cancelled: if the request was taken back.
    """
    return asked_with_progress("prepare", request, PreparationProgress, report, cancelled, "preparation")


def serve() -> NoReturn:
    """Read a request, prepare, write progress and answer."""
    answered(PrepareData, _answer, _NICENESS)


def _answer(request: PrepareData, send: Callable[[Response], object]) -> Response:
    from studio.data.errors import DataError
    from studio.data.prepare import prepare
    from studio.recipe import RecipeError, parse

    told, phase_told = 0.0, ""

    def progress(phase: str, done: int, total: int) -> None:
        nonlocal told, phase_told
        if phase != phase_told or time.monotonic() - told > _TOLD_EVERY:
            told, phase_told = time.monotonic(), phase
            send(PreparationProgress(id=request.id, phase=phase, done=done, total=total))

    try:
        recipe = parse(request.recipe)
        dataset = prepare(recipe.data, recipe.task, progress=progress)
    except (RecipeError, DataError, OSError) as error:
        return of_data(request.id, error)
    return DataPrepared(id=request.id, examples=len(dataset.train), positions=dataset.train.positions)
