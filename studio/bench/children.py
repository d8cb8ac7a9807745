"""Measurements in processes of their own: a child tells its progress and, last, its result as JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any

from studio.runs.processes import group_options, kill_tree, terminate, worker_environment

PROGRESS, RESULT = "progress", "result"
_TAIL = 2000  # characters of a failed child's complaints that are shown
_GRACE = 20.0  # seconds in which a child that was asked to end may do so


class BenchError(Exception):
    """A measurement that could not be made; the message says which one and why."""


def tell(line: str) -> None:
    """In a child: say how far it is."""
    print(json.dumps({PROGRESS: line}, ensure_ascii=False), flush=True)


def deliver(result: Mapping[str, Any]) -> None:
    """In a child: hand over what was measured."""
    print(json.dumps({RESULT: result}, ensure_ascii=False), flush=True)


def module(name: str, *arguments: str) -> list[str]:
    """The command of a child that runs a module of the studio.

    Raises:
        BenchError: in a frozen program, which has no `python -m`.
    """
    if getattr(sys, "frozen", False):
        raise BenchError("the benchmarks need the studio as a Python package, not as a frozen program")
    return [sys.executable, "-m", name, *arguments]


def measure(
    command: list[str], *, name: str, limit: float, variables: Mapping[str, str] | None = None
) -> Generator[str, None, dict[str, Any]]:
    """Run a child to its end; yields what it tells and returns its result.

    Args:
        command: what to run; every line of its standard output that is not JSON is passed over.
        name: of the measurement, for errors.
        limit: seconds after which it is ended.

    Raises:
        BenchError: if it ends without a result.
    """
    result: dict[str, Any] | None = None
    with tempfile.TemporaryFile() as complaints, _child(command, complaints, variables or {}) as child:
        timer = threading.Timer(limit, kill_tree, (child.pid,))
        began = time.monotonic()
        timer.start()
        try:
            for message in _messages(child):
                if PROGRESS in message:
                    yield str(message[PROGRESS])
                result = message.get(RESULT, result)
            child.wait()
        finally:
            timer.cancel()
            timer.join()
        if result is None:
            late = time.monotonic() - began >= limit
            how = f"was ended after {limit:.0f} s" if late else "gave no result"
            raise BenchError(f"{name} {how} (exit status {child.returncode})\n{tail(complaints)}")
    return result


def first_result(
    command: list[str], complaints: IO[bytes], variables: Mapping[str, str], limit: float
) -> tuple[dict[str, Any] | None, subprocess.Popen[bytes]]:
    """Start a child that goes on after its result; None if none comes in time. The caller ends it."""
    child = start(command, complaints, variables)
    timer = threading.Timer(limit, kill_tree, (child.pid,))
    timer.start()
    try:
        found = (message[RESULT] for message in _messages(child) if RESULT in message)
        return next(found, None), child
    finally:
        timer.cancel()
        timer.join()


def tail(complaints: IO[bytes]) -> str:
    """The last of what a child wrote to its standard error."""
    complaints.seek(0)
    return complaints.read().decode("utf-8", "replace").strip()[-_TAIL:]


def _messages(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert child.stdout is not None
    for line in child.stdout:
        with suppress(ValueError):
            message = json.loads(line)
            if isinstance(message, dict):
                yield message


@contextmanager
def _child(
    command: list[str], complaints: IO[bytes], variables: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    child = start(command, complaints, variables)
    try:
        yield child
    finally:
        end(child)


def start(command: list[str], complaints: IO[bytes], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a child whose whole tree can be ended; `complaints` is a file for its standard error."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env={**worker_environment(), **variables},
        **group_options(),  # type: ignore[call-overload]
    )


def end(child: subprocess.Popen[bytes]) -> None:
    """End a child, kindly first, and all that is left of its tree."""
    if child.poll() is None:
        terminate(child.pid)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
    kill_tree(child.pid)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()
