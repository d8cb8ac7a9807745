"""The evaluation of a model in a process of its own, from both sides: no keystroke waits for it.

`appraise` starts `python -m studio.worker evaluate`, gives it the request as a line of JSON, and passes its progress
on. The child ends when its standard input closes, and keeps the figures in the run folder before it says them. It types
sentences (`EvaluateModel`), judges a model item by item (`AppraiseModel`), or holds two against each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from studio.runs.appraisal_requests import AppraiseModel, CompareModels, ModelAppraised, ModelsCompared
from studio.runs.evaluations import Decoded, EvaluationProgress, ModelEvaluated
from studio.runs.lab_messages import Response
from studio.runs.requests import EvaluateModel, Refused
from studio.worker.child import answered, asked_with_progress

_TOLD_EVERY = 0.2  # seconds between two lines about the progress
_NICENESS = 10

Asked = EvaluateModel | AppraiseModel | CompareModels
Found = ModelEvaluated | ModelAppraised | ModelsCompared | Refused
Send = Callable[[Response], object]


def appraise(
    request: Asked,
    report: Callable[[EvaluationProgress], object],
    cancelled: Callable[[], bool] = lambda: False,
) -> Found:
    """Evaluate a model, or two, in a child process and wait for it.

    Args:
        report: called with each line about the progress.
        cancelled: asked some ten times a second; when true, the child is killed.

    Raises:
        Cancelled: if the request was taken back.
    """
    answer = asked_with_progress("evaluate", request, EvaluationProgress, report, cancelled, "evaluation")
    assert isinstance(answer, Found)
    return answer


def serve() -> NoReturn:
    """Read a request, evaluate, write progress and figures."""
    kinds: Any = Asked
    answered(kinds, _answer, _NICENESS)


def _answer(request: Asked, send: Send) -> Response:
    from studio.worker import answers

    try:
        import torch

        torch.set_num_threads(1)
        send(EvaluationProgress(id=request.id, done=0, total=0))
        if isinstance(request, AppraiseModel):
            return _appraised(request, send)
        return _compared(request, send) if isinstance(request, CompareModels) else _typed(request, send)
    except answers.KNOWN_ERRORS as error:
        return answers.refusal(request.id, error)


class _Progress:
    """Tells how far an evaluation is, some five times a second."""

    def __init__(self, id: str, send: Send) -> None:
        self._id, self._send, self._told = id, send, 0.0

    def __call__(self, done: int, total: int, so_far: Decoded | None = None) -> None:
        if time.monotonic() - self._told > _TOLD_EVERY or done == total:
            self._told = time.monotonic()
            self._send(EvaluationProgress(id=self._id, done=done, total=total, decoded=so_far))


def _typed(request: EvaluateModel, send: Send) -> ModelEvaluated:
    from studio.inference.ablation import decode_test_split
    from studio.inference.evaluation import own_data
    from studio.inference.load import load
    from studio.runs import evaluations

    loaded = load(Path(request.model))
    dataset, run = own_data(loaded)
    decoded = decode_test_split(
        loaded,
        dataset,
        limit=request.limit,
        shortest=request.shortest,
        longest=request.longest,
        tick=_Progress(request.id, send),
    )
    kept = True
    try:
        evaluations.keep(run.path, decoded)
    except OSError:
        kept = False
    return ModelEvaluated(id=request.id, decoded=decoded, folder=str(run.path), kept=kept)


def _appraised(request: AppraiseModel, send: Send) -> ModelAppraised:
    from studio.inference.evaluation import evaluate_split
    from studio.inference.opened import open_model

    opened = open_model(Path(request.model))
    found = evaluate_split(opened, request.split, request.limit, _Progress(request.id, send))
    return ModelAppraised(
        id=request.id, appraisal=found.appraisal, folder=str(found.folder), kept=not found.trouble
    )


def _compared(request: CompareModels, send: Send) -> ModelsCompared:
    from studio.data.errors import DataError
    from studio.inference.appraisal.compare import compare
    from studio.inference.evaluation import evaluate_split, kept
    from studio.inference.opened import open_model, task_of

    paths = [Path(request.first), Path(request.second)]
    tasks = [task_of(path) for path in paths]
    if tasks[0] != tasks[1]:
        raise DataError(
            f"one model was trained for {tasks[0]}, the other for {tasks[1]}", "choose two models of one task"
        )
    sides = []
    for path in paths:
        there = kept(path, request.split, request.limit)
        if there is None:
            tick = _Progress(request.id, send)
            found = evaluate_split(open_model(path), request.split, request.limit, tick)
            if found.items is None:
                reason = f"the items cannot be kept: {found.folder}: {found.trouble}"
                raise DataError(reason, "make the folder writable")
            there = found.items, found.appraisal
        sides.append(there)
    return ModelsCompared(id=request.id, compared=compare(*sides))
