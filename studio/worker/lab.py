"""The lab: answers what is interactive, one request at a time, the newest prediction first."""

from __future__ import annotations

import os
import threading
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path

from studio.recipe import RecipeError, parse
from studio.runs import requests
from studio.runs.requests import (
    CancelRequest,
    EstimateRun,
    ExportModel,
    Predict,
    PreviewData,
    Refused,
    Request,
    Response,
)
from studio.worker import answers
from studio.worker.channel import Channel

_PATIENCE = 0.2


class Desk:
    """Requests that wait, and who is no longer wanted among them. Filled and emptied by different threads."""

    def __init__(self, send: Callable[[Response], object]) -> None:
        self._send = send
        self._waiting: deque[Request] = deque()
        self._there = threading.Condition()
        self._cancelled: OrderedDict[str, None] = OrderedDict()
        self.closed = False

    def put(self, request: Request) -> None:
        """Add a request; of predictions for one channel only the newest stays."""
        with self._there:
            if isinstance(request, CancelRequest):
                waiting = next((item for item in self._waiting if item.id == request.id), None)
                if waiting is not None:
                    self._waiting.remove(waiting)
                    self._refuse(request.id, "cancelled", "The request was taken back.")
                else:
                    self._cancelled[request.id] = None
                    while len(self._cancelled) > 100:
                        self._cancelled.popitem(last=False)
                return
            if isinstance(request, Predict):
                older = [
                    item
                    for item in self._waiting
                    if isinstance(item, Predict) and item.channel == request.channel
                ]
                for item in older:
                    self._waiting.remove(item)
                    self._refuse(item.id, "superseded", "Something newer was typed.")
                # A keystroke does not wait behind previews and exports.
                self._waiting.appendleft(request)
            else:
                self._waiting.append(request)
            self._there.notify()

    def close(self) -> None:
        """Let `take` return None."""
        with self._there:
            self.closed = True
            self._there.notify()

    def take(self) -> Request | None:
        """The next request, waiting for one; None once the desk is closed."""
        with self._there:
            while not self._waiting and not self.closed:
                self._there.wait(_PATIENCE)
            return None if self.closed else self._waiting.popleft()

    def is_cancelled(self, id: str) -> bool:
        """Whether a request that is being worked on was taken back."""
        return id in self._cancelled

    def _refuse(self, id: str, kind: str, message: str) -> None:
        self._send(Refused(id=id, kind=kind, message=message))


def serve() -> int:
    """Answer requests until standard input closes."""
    channel = Channel()

    def send(response: Response) -> bool:
        return channel.send(requests.encode_response(response))

    desk = Desk(send)

    def handle(line: bytes) -> None:
        try:
            desk.put(requests.decode_request(line))
        except ValueError as error:
            send(Refused(id="", kind="protocol", message=str(error)))

    channel.read_in_background(handle, desk.close)
    send(requests.Ready(pid=os.getpid()))
    answers.warm_up()
    bench = answers.Bench()
    while (request := desk.take()) is not None:
        send(_answer(bench, request, desk))
    return 0


def _answer(bench: answers.Bench, request: Request, desk: Desk) -> Response:
    def cancelled() -> bool:
        return desk.closed or desk.is_cancelled(request.id)

    try:
        if isinstance(request, Predict):
            return bench.predict(request)
        if isinstance(request, PreviewData):
            return bench.preview(request, cancelled)
        if isinstance(request, EstimateRun):
            return bench.estimate(request, parse(request.recipe))
        if isinstance(request, ExportModel):
            return bench.export(request, Path(request.target))
        raise TypeError(f"no answer is known to {type(request).__name__}")
    except RecipeError as error:
        details = tuple(str(problem) for problem in error.problems)
        return Refused(id=request.id, kind="recipe", message=str(error), details=details)
    except answers.KNOWN_ERRORS as error:
        return answers.refusal(request.id, error)
    except Exception as error:
        trace = traceback.format_exc()
        return Refused(
            id=request.id,
            kind="internal",
            message=f"{type(error).__name__}: {error}",
            remedy="This is a fault of the studio: report it with the trace.",
            details=(trace,),
        )


__all__ = ["Desk", "serve"]
