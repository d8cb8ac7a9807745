"""The evaluation of a model in a process of its own, from both sides: no keystroke waits for it.

`appraise` starts `python -m studio.worker evaluate`, gives it the request as a line of JSON, and passes its progress
on. The child ends when its standard input closes, and keeps the figures in the run folder before it says them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn

from studio.runs.evaluations import EvaluationProgress, ModelEvaluated
from studio.runs.requests import EvaluateModel, Refused, Response
from studio.worker.child import answered, asked_with_progress

_TOLD_EVERY = 0.2  # seconds between two lines about the progress
_NICENESS = 10


def appraise(
    request: EvaluateModel,
    report: Callable[[EvaluationProgress], object],
    cancelled: Callable[[], bool] = lambda: False,
) -> ModelEvaluated | Refused:
    """Evaluate a model in a child process and wait for it.

    Args:
        report: called with each line about the progress.
        cancelled: asked some ten times a second; when true, the child is killed.

    Raises:
        Cancelled: if the request was taken back.
    """
    answer = asked_with_progress("evaluate", request, EvaluationProgress, report, cancelled, "evaluation")
    assert isinstance(answer, ModelEvaluated | Refused)
    return answer


def serve() -> NoReturn:
    """Read a request, evaluate, write progress and figures."""
    answered(EvaluateModel, _answer, _NICENESS)


def _answer(request: EvaluateModel, send: Callable[[Response], object]) -> Response:
    from studio.worker import answers

    try:
        return _evaluated(request, send)
    except answers.KNOWN_ERRORS as error:
        return answers.refusal(request.id, error)


def _evaluated(request: EvaluateModel, send: Callable[[Response], object]) -> ModelEvaluated:
    from pathlib import Path

    import torch

    from studio.inference.ablation import decode_test_split
    from studio.inference.evaluation import own_data
    from studio.inference.load import load
    from studio.runs import evaluations

    torch.set_num_threads(1)
    send(EvaluationProgress(id=request.id, done=0, total=0))
    loaded = load(Path(request.model))
    dataset, run = own_data(loaded)
    told = 0.0

    def tick(done: int, total: int, so_far: evaluations.Decoded) -> None:
        nonlocal told
        if time.monotonic() - told > _TOLD_EVERY or done == total:
            told = time.monotonic()
            send(EvaluationProgress(id=request.id, done=done, total=total, decoded=so_far))

    decoded = decode_test_split(
        loaded, dataset, limit=request.limit, shortest=request.shortest, longest=request.longest, tick=tick
    )
    kept = True
    try:
        evaluations.keep(run.path, decoded)
    except OSError:
        kept = False
    return ModelEvaluated(id=request.id, decoded=decoded, folder=str(run.path), kept=kept)
