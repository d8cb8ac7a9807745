"""A pulse of the event loop: how late each beat comes is how long a click would have waited."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from array import array
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

INTERVAL_MS = 5
_LONG_MS = 50.0  # stalls of this length are explained, if wanted
_KEPT = 12
_FRAMES = 8


@dataclass(frozen=True)
class Stall:
    """One late beat: by how much, what had been asked of the window last, and where its thread was meanwhile."""

    ms: float
    doing: str
    where: str


class Heartbeat(QObject):
    """Beats in the thread it is made in. `doing` is what the window is being asked to do."""

    def __init__(self, *, explain: bool = False) -> None:
        super().__init__()
        self.doing = ""
        self._late = array("d")
        self._last = 0.0
        self._worst: list[Stall] = []
        self._seen = ""
        self._timer = QTimer(self, interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._ended = threading.Event()
        self._watch: threading.Thread | None = None
        if explain:
            thread = threading.get_ident()
            self._watch = threading.Thread(target=self._look, args=(thread,), name="stalls", daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._last = time.perf_counter()
        self._timer.start()
        if self._watch:
            self._watch.start()

    def stop(self) -> None:
        """Count no more."""
        self._timer.stop()
        self._ended.set()
        if self._watch:
            self._watch.join()

    @property
    def beats(self) -> int:
        """How many there were."""
        return len(self._late)

    def percentile(self, share: float) -> float:
        """The lateness in ms that this share (0 to 100) of the beats does not exceed."""
        return float(np.percentile(np.frombuffer(self._late), share)) if self._late else 0.0

    @property
    def longest(self) -> float:
        """The latest beat, in ms."""
        return max(self._late, default=0.0)

    @property
    def worst(self) -> list[Stall]:
        """The longest stalls, longest first."""
        return sorted(self._worst, key=lambda stall: -stall.ms)

    def _beat(self) -> None:
        now = time.perf_counter()
        late = max(0.0, (now - self._last) * 1000 - INTERVAL_MS)
        self._late.append(late)
        if len(self._worst) < _KEPT or late > self._worst[-1].ms:
            self._worst = sorted([*self._worst, Stall(late, self.doing, self._seen)], key=lambda one: -one.ms)
            del self._worst[_KEPT:]
        self._seen = ""
        self._last = now

    def _look(self, thread: int) -> None:
        """In a thread of its own: where the window's thread is when a beat is overdue."""
        while not self._ended.wait(_LONG_MS / 4000):
            if not self._seen and (time.perf_counter() - self._last) * 1000 > _LONG_MS / 2:
                frame = sys._current_frames().get(thread)
                stack = traceback.extract_stack(frame)[-_FRAMES:] if frame else []
                self._seen = " < ".join(f"{one.name}:{one.lineno}" for one in reversed(stack))
