"""Long work that reports by callback, turned into a stream of events that stays open to commands."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import TypeVar

from studio.runs.events import Phase, PhaseName

Result = TypeVar("Result")
Report = Callable[[str, int, int], None]
_POLL = 0.05  # seconds between looks at the commands


class Interrupted(Exception):  # noqa: N818 - it is no error
    """The work was called off."""


def phases(
    name: PhaseName, work: Callable[[Report, Callable[[], bool]], Result], called_off: Callable[[], bool]
) -> Generator[Phase, None, Result]:
    """Run `work` in a thread and yield its progress as phases of this name.

    Args:
        work: gets a function to report progress with and one that says whether to give up.
        called_off: asked from the caller's thread, some 20 times a second.

    Returns:
        what `work` returned; what it raised is raised.
    """
    reports: queue.SimpleQueue[Phase] = queue.SimpleQueue()
    give_up = threading.Event()
    outcome: list[Result] = []
    errors: list[BaseException] = []

    def report(detail: str, done: int, total: int) -> None:
        reports.put(Phase(name=name, detail=detail, done=done, total=total))

    def run() -> None:
        try:
            outcome.append(work(report, give_up.is_set))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name=f"studio-{name}", daemon=True)
    thread.start()
    shown = ("", -1)
    try:
        while thread.is_alive():
            thread.join(_POLL)
            if called_off():
                give_up.set()
            latest = None
            while not reports.empty():
                latest = reports.get()
            if latest and shown != (latest.detail, latest.done):
                shown = (latest.detail, latest.done)
                yield latest
    finally:
        give_up.set()
        thread.join()
    if errors:
        raise errors[0]
    return outcome[0]
