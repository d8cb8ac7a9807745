"""Find what a test left running: threads, Qt threads, timers and pools, child processes.

Whatever outlives its test goes on working into the next one: it fails there, elsewhere, on some days only. So the test
that started it fails, at once and with what it left named. tests/conftest.py holds the fixture.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil

GRACE_SECONDS = 2.0
POLL_SECONDS = 0.02

# Threads and processes that libraries start once and keep for the life of the process, by the start of their name.
KEPT_THREADS = ("pytest_timeout", "Dummy-", "tqdm_monitor", "TMonitor")
KEPT_PROCESSES = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


@dataclass
class Snapshot:
    """What runs already before a test."""

    threads: set[int] = field(default_factory=set)
    processes: set[tuple[int, float]] = field(default_factory=set)


def snapshot() -> Snapshot:
    """Take note of what runs now."""
    return Snapshot(
        threads={thread.ident for thread in threading.enumerate() if thread.ident is not None},
        processes={(child.pid, child.create_time()) for child in _children()},
    )


def _children() -> list[psutil.Process]:
    """The living descendants of this process; one that has ended but was not waited for yet is not living."""
    living = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.create_time()
            if child.status() != psutil.STATUS_ZOMBIE and not any(
                kept in " ".join(child.cmdline()) for kept in KEPT_PROCESSES
            ):
                living.append(child)
    return living


def _new_threads(before: Snapshot) -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread.ident not in before.threads
        and thread is not threading.current_thread()
        and not thread.name.startswith(KEPT_THREADS)
        and type(thread).__name__ not in KEPT_THREADS
    ]


def _new_processes(before: Snapshot) -> list[psutil.Process]:
    return [child for child in _children() if (child.pid, child.create_time()) not in before.processes]


def _where(thread: threading.Thread) -> str:
    """The stack of a running thread, or of where it was when it ended."""
    frame = sys._current_frames().get(thread.ident or -1)
    return "".join(traceback.format_stack(frame)[-4:]).rstrip() if frame else "(just ended)"


class QtWatch:
    """Remembers the QThreads and QTimers that Python code starts, and where it started them.

    Qt offers no list of its threads and timers, so the two `start` methods are wrapped for the length of a test.
    What Qt starts inside itself is not our concern.
    """

    def __init__(self, core: Any) -> None:
        self._core = core
        self._started: list[tuple[weakref.ref[Any], str]] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Wrap the `start` methods until the block ends."""
        kinds = (self._core.QThread, self._core.QTimer)
        originals = [(kind, kind.start) for kind in kinds]
        for kind, original in originals:
            kind.start = self._remembering(original)
        try:
            yield
        finally:
            for kind, original in originals:
                kind.start = original

    def _remembering(self, original: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(original)
        def start(started: Any, *arguments: Any, **options: Any) -> None:
            stack = "".join(traceback.format_stack(limit=4)[:-1]).rstrip()
            self._started.append((weakref.ref(started), stack))
            original(started, *arguments, **options)

        return start

    def running(self) -> list[tuple[Any, str]]:
        """What was started and still runs, each once."""
        import shiboken6

        found: dict[int, tuple[Any, str]] = {}
        for reference, stack in self._started:
            thing = reference()
            if thing is None or not shiboken6.isValid(thing):
                continue
            is_thread = isinstance(thing, self._core.QThread)
            if thing.isRunning() if is_thread else thing.isActive():
                found[id(thing)] = (thing, stack)
        return list(found.values())

    def busy_pool_threads(self) -> int:
        """How many threads of Qt's global pool work."""
        return int(self._core.QThreadPool.globalInstance().activeThreadCount())

    def settle(self) -> None:
        """Let pending deletions and queued signals arrive, as the event loop would."""
        if self._core.QCoreApplication.instance() is not None:
            self._core.QCoreApplication.sendPostedEvents(None, self._core.QEvent.Type.DeferredDelete)
            self._core.QCoreApplication.processEvents()


def qt_watch() -> QtWatch | None:
    """A watch where Qt is loaded; a test of code that knows no Qt must not load it."""
    core = sys.modules.get("PySide6.QtCore")
    return QtWatch(core) if core is not None else None


def leftovers(before: Snapshot, watch: QtWatch | None, grace: float = GRACE_SECONDS) -> list[str]:
    """Describe what still runs once the grace is over; empty as soon as all has ended."""
    deadline = time.monotonic() + grace
    while True:
        if watch is not None:
            watch.settle()
        threads, processes = _new_threads(before), _new_processes(before)
        qt_things = watch.running() if watch is not None else []
        pool = watch.busy_pool_threads() if watch is not None else 0
        if not (threads or processes or qt_things or pool):
            return []
        if time.monotonic() >= deadline:
            break
        time.sleep(POLL_SECONDS)
    found = [f"thread {thread.name!r}, now at\n{_where(thread)}" for thread in threads]
    for process in processes:
        with contextlib.suppress(psutil.Error):
            found.append(f"child process {process.pid}: {' '.join(process.cmdline())[:300]}")
    for thing, stack in qt_things:
        found.append(f"{type(thing).__name__} {thing.objectName()!r}, started at\n{stack}")
    if pool:
        found.append(f"{pool} busy thread(s) of QThreadPool.globalInstance()")
    return found


def end_leftovers(before: Snapshot, watch: QtWatch | None) -> None:
    """Stop what can be stopped from outside, so that the next test is not disturbed by this one's failure."""
    for process in _new_processes(before):
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(1)
    for thing, _ in watch.running() if watch is not None else []:
        if hasattr(thing, "stop"):
            thing.stop()
        else:
            thing.requestInterruption()
            thing.quit()
            thing.wait(1000)
