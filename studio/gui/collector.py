"""Python's search for reference cycles, kept in the window's thread.

Python starts that search in whichever thread happens to allocate. In the thread that reads a worker's events it
would then destroy objects of Qt that belong to the window's thread: their timers cannot be stopped from there,
stay listed, and fire into freed memory. Reference counts free almost everything the window lets go, but what is
left in a cycle (an event loop that was closed, a widget held by an exception's frames) only this search finds.
"""

from __future__ import annotations

import contextlib
import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 200  # milliseconds


class Collector(contextlib.AbstractContextManager["Collector"]):
    """Inside, cycles are looked for in turns of the event loop of the thread that made this, and nowhere else."""

    def __init__(self, parent: QObject) -> None:
        self._timer = QTimer(parent, interval=_INTERVAL)
        self._timer.timeout.connect(_collect_what_is_due)

    def __enter__(self) -> Collector:
        gc.disable()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._timer.deleteLater()
        gc.unfreeze()
        gc.enable()


def spare_what_is_there() -> None:
    """Never look again through what exists by now: a full search took 60 ms of the window's time, then 15 ms.

    That is the modules and the window itself; it holds until the `Collector` ends.
    """
    gc.freeze()


def _collect_what_is_due() -> None:
    """One search by Python's own thresholds; it goes on counting while its automatic search is off."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    if counts[0] > thresholds[0]:
        gc.collect(max(age for age in range(3) if counts[age] > thresholds[age]))
