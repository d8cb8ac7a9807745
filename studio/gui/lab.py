"""The lab seen from the window: a warm child process that answers what is interactive.

`await lab.ask(request)` starts the child when it is first needed. Cancelling the awaiting task takes the
request back. If the child dies, whoever waits gets `Refused(kind="lab_crashed")`, and the child is started
again, unless it dies over and over: then the next request tries once more.
"""

from __future__ import annotations

import asyncio
import collections
import collections.abc
import contextlib
import importlib
import itertools
import time
from types import ModuleType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.gui.i18n import tr
from studio.runs import requests as rq
from studio.runs.processes import (
    exit_words,
    group_options,
    kill_tree,
    terminate,
    worker_command,
    worker_environment,
)

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

_LINE_LIMIT = 64 * 1024 * 1024
_CRASHES = 3  # in this many seconds the lab is no longer restarted by itself
_WITHIN = 60.0


class LabClient(QObject):
    """Owner of the lab process.

    `changed` carries its state: off, starting, ready or crashed; `progressed` what is told before an answer.
    """

    changed = Signal(str)
    progressed = Signal(object)

    def __init__(
        self, command: list[str] | None = None, parent: QObject | None = None, start_within: float = 60.0
    ) -> None:
        super().__init__(parent)
        self._command = command or worker_command("lab")
        self._start_within = start_within
        self._state = "off"
        self._process: asyncio.subprocess.Process | None = None
        self._ready: asyncio.Future[None] | None = None
        self._waiting: dict[str, asyncio.Future[Response]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._said: collections.deque[str] = collections.deque(maxlen=40)
        self._crashes: collections.deque[float] = collections.deque(maxlen=_CRASHES)
        self._ids = itertools.count(1)
        self._closing = False

    @property
    def state(self) -> str:
        """Off, starting, ready or crashed."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The process id while there is a process."""
        return self._process.pid if self._process else None

    def new_id(self) -> str:
        """An id for a request, not used before."""
        return f"q{next(self._ids)}"

    async def start(self) -> None:
        """Start the child unless it runs; returns when it is ready or has failed to be."""
        if self._closing:
            return
        if self._ready is None:
            self._ready = asyncio.get_running_loop().create_future()
            self._spawn(self._run(self._ready))
        # Shielded: one impatient asker must not take the start away from the others.
        await asyncio.shield(self._ready)

    async def ask(self, request: Request) -> Response:
        """The answer to a request; a `Refused` if there is none. Never raises but for cancellation."""
        if self._closing:
            return _refused(request, "lab_closed", tr("The lab is shutting down."))
        try:
            await asyncio.wait_for(self.start(), self._start_within)
        except TimeoutError:
            return _refused(
                request, "lab_slow", tr("The lab did not start in time."), tr("Try again in a moment.")
            )
        process = self._process
        if process is None or self._state != "ready":
            return self._crashed(request.id)
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = answer
        try:
            self._write(process, request)
            return await answer
        except asyncio.CancelledError:
            if self._process is process:
                self._write(process, rq.CancelRequest(id=request.id))
            raise
        finally:
            self._waiting.pop(request.id, None)

    async def close(self) -> None:
        """End the child within a few seconds, kindly if it lets us."""
        self._closing = True
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError, RuntimeError):
                if process.stdin:
                    process.stdin.close()
            for wait, then in ((1.5, terminate), (1.0, kill_tree), (1.0, kill_tree)):
                try:
                    await asyncio.wait_for(process.wait(), wait)
                    break
                except TimeoutError:
                    then(process.pid)
        tasks = list(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=2.0)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._refuse_all()
        self._set_state("off")

    # --- inside ----------------------------------------------------------------------------------------

    def _spawn(self, coroutine: collections.abc.Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)  # the loop itself keeps only weak references
        task.add_done_callback(self._tasks.discard)

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit(state)

    def _write(self, process: asyncio.subprocess.Process, request: Request) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            if process.stdin and not process.stdin.is_closing():
                process.stdin.write(_messages().encode_request(request).encode() + b"\n")

    async def _run(self, ready: asyncio.Future[None]) -> None:
        """One life of the child, from its start to its last word."""
        self._set_state("starting")
        self._said.clear()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_LINE_LIMIT,
                env=worker_environment(),
                **group_options(),  # type: ignore[arg-type]
            )
        except OSError as error:
            self._said.append(str(error))
            self._over(ready)
            return
        self._process = process
        assert process.stdout is not None and process.stderr is not None
        errors = asyncio.get_running_loop().create_task(self._listen_to_errors(process.stderr))
        try:
            await self._listen(process.stdout, ready)
        finally:
            kill_tree(process.pid)
            with contextlib.suppress(TimeoutError):
                code = await asyncio.wait_for(process.wait(), 3)
                if not self._closing:
                    self._said.append(exit_words(code))
            errors.cancel()
            await asyncio.gather(errors, return_exceptions=True)
            self._over(ready)

    async def _listen(self, stream: asyncio.StreamReader, ready: asyncio.Future[None]) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than any answer may be
                self._said.append(tr("The lab sent a line that is too long."))
                return
            if not line:
                return
            try:
                response = _messages().decode_response(line)
            except ValueError:
                self._said.append(line.decode("utf-8", "replace").rstrip()[:500])
                continue
            if isinstance(response, rq.Ready):
                self._set_state("ready")
                if not ready.done():
                    ready.set_result(None)
                continue
            if isinstance(response, _messages().Progress):
                self.progressed.emit(response)
                continue
            answer = self._waiting.get(response.id)
            if answer is not None and not answer.done():
                answer.set_result(response)

    async def _listen_to_errors(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                continue
            if not line:
                return
            self._said.append(line.decode("utf-8", "replace").rstrip()[:500])

    def _over(self, ready: asyncio.Future[None]) -> None:
        """The child is gone: answer those who wait, and start it again unless it keeps dying."""
        self._process = None
        self._ready = None
        self._set_state("off" if self._closing else "crashed")
        if not ready.done():
            ready.set_result(None)
        self._refuse_all()
        if self._closing:
            return
        now = time.monotonic()
        keeps_dying = len(self._crashes) == _CRASHES and now - self._crashes[0] < _WITHIN
        self._crashes.append(now)
        if not keeps_dying:
            self._spawn(self._restart())

    async def _restart(self) -> None:
        await asyncio.sleep(0.3)
        await self.start()

    def _refuse_all(self) -> None:
        for number, answer in list(self._waiting.items()):
            if not answer.done():
                answer.set_result(self._crashed(number))

    def _crashed(self, number: str) -> rq.Refused:
        return rq.Refused(
            id=number,
            kind="lab_crashed",
            message=tr("The lab ended unexpectedly; it is being started again."),
            remedy=tr("Ask again in a moment."),
            details=tuple(self._said),
        )


def _messages() -> ModuleType:
    """What encodes and decodes: loaded when the lab first speaks, since the window opens without it."""
    return importlib.import_module("studio.runs.lab_messages")


def _refused(request: Request, kind: str, message: str, remedy: str = "") -> rq.Refused:
    return rq.Refused(id=request.id, kind=kind, message=message, remedy=remedy)
