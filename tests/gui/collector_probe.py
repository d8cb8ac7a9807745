"""Leave a cycle that holds a running timer of Qt, let a thread of Python's make garbage, see whether Qt survives.

Run as a program by test_collector.py: without the collector the timer fires into freed memory.
"""

from __future__ import annotations

import asyncio
import threading

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from studio.gui.app import run


class Ticking(QObject):
    """A QObject with timers of its own, in a cycle with itself."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self
        self.startTimer(20)


def litter() -> list[list[int]]:
    """More than enough allocations for searches of all three generations; they count for as long as they are kept."""
    return [[number] for number in range(200_000)]


async def main(_: QApplication) -> int:
    for _ in range(100):
        Ticking()
    thread = threading.Thread(target=litter)
    thread.start()
    thread.join()
    await asyncio.sleep(0.4)
    return 0


if __name__ == "__main__":
    raise SystemExit(run(main))
