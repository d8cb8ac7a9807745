"""The trial of a recipe in a short-lived process of its own, from both sides.

`measure` starts `python -m studio.worker estimate`, gives it the recipe as a line of JSON, and reads the estimate
from its last line. The child ends when its standard input closes, so that it never outlives who asked.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from studio import paths
from studio.recipe import Recipe, parse
from studio.runs.estimates import RunEstimated
from studio.runs.processes import group_options, kill_tree, worker_command, worker_environment
from studio.worker.priority import step_aside

_LIMIT = 300.0  # seconds
_POLL = 0.05
_NICENESS = 15
_ABANDONED = 3600.0  # seconds after which a folder is nobody's
_PREFIX = "trial-"


class TrialError(Exception):
    """A trial that gave no figures; the message says why, `kind` is a note of an estimate."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


def measure(
    recipe: Recipe, called_off: Callable[[], bool] = lambda: False, limit: float = _LIMIT
) -> RunEstimated | None:
    """Try a recipe in a child process and wait for it.

    Args:
        called_off: asked some 20 times a second; when true, the child is killed.
        limit: seconds for the whole.

    Returns:
        The estimate, without an id; None if the trial was called off.

    Raises:
        TrialError: if there are no figures: memory ran out, it took too long, something failed.
        OSError: if there is no room for the trial's folder.
    """
    environment = worker_environment()
    # The lab computes with one thread, a run with as many as its recipe says.
    environment.pop("OMP_NUM_THREADS", None)
    paths.cache_home().mkdir(parents=True, exist_ok=True)
    _sweep()
    with (
        tempfile.TemporaryDirectory(
            prefix=_PREFIX, dir=paths.cache_home(), ignore_cleanup_errors=True
        ) as folder,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as complaints,
    ):
        child = subprocess.Popen(
            worker_command("estimate", "--folder", folder),
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=complaints,
            env=environment,
            **group_options(),  # type: ignore[call-overload]
        )
        try:
            with contextlib.suppress(OSError):
                child.stdin.write(recipe.model_dump_json().encode("utf-8") + b"\n")
                child.stdin.flush()
            deadline = time.monotonic() + limit
            while child.poll() is None:
                if called_off():
                    return None
                if time.monotonic() > deadline:
                    raise TrialError("trial_slow", f"It took more than {limit:.0f} s.")
                time.sleep(_POLL)
            return _result(child.returncode, _text(said), _text(complaints))
        finally:
            kill_tree(child.pid)
            child.wait()
            with contextlib.suppress(OSError):
                child.stdin.close()


def tried(recipe: Recipe, counted: RunEstimated, cancelled: Callable[[], bool]) -> RunEstimated:
    """An estimate with what a trial measured; as it was, with a note and the reason, where there is none.

    Raises:
        Cancelled: if `cancelled` said so.
    """
    from studio.data.errors import Cancelled
    from studio.engine.estimate import worth_trying

    if not worth_trying(counted):
        return dataclasses.replace(counted, notes=(*counted.notes, "too_large_to_try"))
    try:
        measured = measure(recipe, cancelled)
    except TrialError as error:
        return dataclasses.replace(counted, notes=(*counted.notes, error.kind), error=str(error))
    if measured is None:
        raise Cancelled
    return dataclasses.replace(measured, id=counted.id)


def _result(status: int, said: str, complaints: str) -> RunEstimated:
    from studio.runs.lab_messages import decode_response
    from studio.runs.requests import Refused

    with contextlib.suppress(ValueError, IndexError):
        response = decode_response(said.strip().splitlines()[-1])
        if isinstance(response, RunEstimated):
            return response
        if isinstance(response, Refused):
            raise TrialError(response.kind, response.message)
    if status == -getattr(signal, "SIGKILL", 9):
        raise TrialError("trial_memory", "The system ended it, as it does when memory runs out.")
    last = complaints.strip().splitlines()[-1:] or [f"exit status {status}"]
    raise TrialError("trial_failed", last[0])


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _sweep() -> None:
    """Remove what trials left behind that were killed together with who asked for them."""
    for folder in paths.cache_home().glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED:
                shutil.rmtree(folder, ignore_errors=True)


def serve(folder: Path) -> int:
    """Read a recipe, try it in an empty folder, write the estimate."""
    from studio.runs.lab_messages import encode_response
    from studio.runs.requests import Refused
    from studio.worker.channel import Channel

    channel = Channel()
    line = next(channel.lines(), b"")
    channel.read_in_background(lambda _: None, lambda: os._exit(1))
    _go_last()
    try:
        channel.send(encode_response(_estimate(parse(json.loads(line)), folder)))
    except Exception as error:
        from studio.engine.failures import describe

        failure = describe(error, 0)
        kind = "trial_memory" if failure.kind == "out_of_memory" else "trial_failed"
        channel.send(encode_response(Refused(id="", kind=kind, message=failure.cause)))
        sys.stderr.write(failure.trace)
    # Whatever threads libraries have left: nothing is to be waited for.
    sys.stderr.flush()
    os._exit(0)


def _estimate(recipe: Recipe, folder: Path) -> RunEstimated:
    from studio.engine.threads import share_the_cores

    share_the_cores()  # as the trainer does, before torch loads
    from studio.engine.room import memory_free

    free = memory_free()
    from studio.engine.rehearsal import rehearse
    from studio.inference.probe import decode
    from studio.runs.folder import RunFolder

    return rehearse(recipe, RunFolder(folder), decode, free)


def _go_last() -> None:
    """The window, the lab and everything else go first, and stay if memory runs out."""
    step_aside(_NICENESS)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
