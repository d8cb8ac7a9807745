"""A question that is answered in a process of its own: progress, then the answer, one JSON object a line."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, NoReturn, TypeVar

from studio.runs import lab_messages
from studio.runs.lab_messages import Request, Response
from studio.runs.processes import group_options, kill_tree, worker_command, worker_environment
from studio.runs.requests import Refused
from studio.worker.priority import step_aside

_POLL = 0.1

R = TypeVar("R")
P = TypeVar("P")


class ChildError(Exception):
    """A child that ended without an answer; the message says what it said last."""


def asked_child(
    role: str,
    request: Request,
    told: Callable[[Response], bool],
    cancelled: Callable[[], bool] = lambda: False,
) -> Response:
    """Start `python -m studio.worker ROLE`, give it a request as a line, and wait for its answer.

    Args:
        told: called with each line; whether that is progress rather than the answer.
        cancelled: asked some ten times a second; when true, the child is killed.

    Raises:
        Cancelled: if `cancelled` said so.
        ChildError: if the child ended without an answer.
    """
    from studio.data.errors import Cancelled

    child = subprocess.Popen(
        worker_command(role),
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
    try:
        with contextlib.suppress(OSError):
            child.stdin.write(lab_messages.encode_request(request).encode("utf-8") + b"\n")
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
            response = _decoded(line)
            if response is not None and not told(response):
                return response
    finally:
        kill_tree(child.pid)
        child.wait()
        for thread in threads:
            thread.join(2)
        for stream in (child.stdin, child.stdout, child.stderr):
            with contextlib.suppress(OSError):
                stream.close()
    said = b"".join(complaints).decode("utf-8", "replace").strip().splitlines()[-1:]
    raise ChildError(said[0] if said else f"exit status {child.returncode}")


def asked_with_progress(
    role: str,
    request: Request,
    progress: type[P],
    report: Callable[[P], object],
    cancelled: Callable[[], bool],
    work: str,
) -> Response:
    """What a child answers; a refusal if it ended without.

    Args:
        role: the child's, as the worker's command line has it.
        progress: the kind of lines that are no answer yet; `report` is called with each.
        cancelled: asked some ten times a second; when true, the child is killed.
        work: what it does, in a word: the kind of the refusal.

    Raises:
        Cancelled: if the request was taken back.
    """

    def told(response: Response) -> bool:
        if isinstance(response, progress):
            report(response)
            return True
        return False

    try:
        return asked_child(role, request, told, cancelled)
    except ChildError as error:
        return Refused(id=request.id, kind=work, message=f"the {work} ended unexpectedly: {error}")


def answered(
    kind: type[R], answer: Callable[[R, Callable[[Response], object]], Response], niceness: int
) -> NoReturn:
    """The child's side: read a request, work at lower priority, write progress and the answer, and end.

    Ends at once when standard input closes: nobody waits any more.

    Args:
        answer: is given the request and what sends progress.
    """
    from studio.worker.channel import Channel

    channel = Channel()
    line = next(channel.lines(), b"")
    channel.read_in_background(lambda _: None, lambda: os._exit(1))
    step_aside(niceness)
    request = lab_messages.decode_request(line)
    assert isinstance(request, kind)

    def send(response: Response) -> None:
        channel.send(lab_messages.encode_response(response))

    send(answer(request, send))
    sys.stderr.flush()
    os._exit(0)


def _pass_on(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _decoded(line: bytes) -> Response | None:
    with contextlib.suppress(ValueError):
        return lab_messages.decode_response(line)
    return None
