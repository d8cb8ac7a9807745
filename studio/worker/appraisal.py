"""The evaluation of a model in a process of its own, from both sides: no keystroke waits for it.

`appraise` starts `python -m studio.worker evaluate`, gives it the request as a line of JSON, and passes its progress
on. The child ends when its standard input closes, and keeps the figures in the run folder before it says them.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO

from studio.runs import requests
from studio.runs.evaluations import EvaluationProgress, ModelEvaluated
from studio.runs.processes import group_options, kill_tree, worker_command, worker_environment
from studio.runs.requests import EvaluateModel, Refused, Response

_POLL = 0.1
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
    from studio.data.errors import Cancelled

    child = subprocess.Popen(
        worker_command("evaluate"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=worker_environment(),
        **group_options(),  # type: ignore[call-overload]
    )
    lines: queue.Queue[bytes | None] = queue.Queue()
    complaints: list[bytes] = []
    threads = [
        threading.Thread(target=_pass_on, args=(child.stdout, lines), daemon=True),
        threading.Thread(target=lambda: complaints.append(child.stderr.read()[-4000:]), daemon=True),
    ]
    for thread in threads:
        thread.start()
    answer: Response | None = None
    try:
        with contextlib.suppress(OSError):
            child.stdin.write(requests.encode_request(request).encode("utf-8") + b"\n")
            child.stdin.flush()
        while True:
            if cancelled():
                raise Cancelled
            try:
                line = lines.get(timeout=_POLL)
            except queue.Empty:
                continue
            if line is None:
                break
            answer = _decoded(line) or answer
            if isinstance(answer, EvaluationProgress):
                report(answer)
    finally:
        kill_tree(child.pid)
        child.wait()
        for thread in threads:
            thread.join(2)
        for stream in (child.stdin, child.stdout, child.stderr):
            with contextlib.suppress(OSError):
                stream.close()
    if isinstance(answer, ModelEvaluated | Refused):
        return answer
    said = b"".join(complaints).decode("utf-8", "replace").strip().splitlines()[-1:]
    reason = said[0] if said else f"exit status {child.returncode}"
    return Refused(id=request.id, kind="evaluation", message=f"the evaluation ended unexpectedly: {reason}")


def _pass_on(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _decoded(line: bytes) -> Response | None:
    with contextlib.suppress(ValueError):
        return requests.decode_response(line)
    return None


def serve() -> int:
    """Read a request, evaluate, write progress and figures."""
    from studio.worker.channel import Channel

    channel = Channel()
    line = next(channel.lines(), b"")
    channel.read_in_background(lambda _: None, lambda: os._exit(1))
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    request = requests.decode_request(line)
    assert isinstance(request, EvaluateModel)
    channel.send(
        requests.encode_response(_answer(request, lambda p: channel.send(requests.encode_response(p))))
    )
    sys.stderr.flush()
    os._exit(0)


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
