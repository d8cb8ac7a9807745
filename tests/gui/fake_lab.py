"""A lab inside the test: answers when it is told to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.runs import requests as rq
from studio.runs.events import Candidate

READINGS = {"ni": "你尼泥", "hao": "好号浩", "ma": "吗妈马", "wo": "我握窝", "men": "们门闷"}


def predicted(request: rq.Predict, step: int = 350, live: bool = True) -> rq.Predicted:
    """Two candidates and a segmentation for letters made of the syllables above."""
    views, at, text = [], 0, request.text
    while at < len(text):
        if text[at] in "' ":
            at += 1
            continue
        found = next((one for one in READINGS if text.startswith(one, at)), "")
        syllable = found or next((one for one in READINGS if one.startswith(text[at:])), "")
        if not syllable:
            views = []
            break
        end = min(at + len(syllable), len(text))
        chances = tuple(Candidate(text=one, score=0.6 / (n + 1)) for n, one in enumerate(READINGS[syllable]))
        views.append(
            rq.SyllableView(start=at, end=end, syllable=syllable, partial=not found, alternatives=chances)
        )
        at = end
    best = "".join(item.alternatives[0].text for item in views)
    other = best[:-1] + views[-1].alternatives[1].text if views else ""
    candidates = (Candidate(text=best, score=0.7), Candidate(text=other, score=0.2)) if views else ()
    return rq.Predicted(
        id=request.id,
        text=text,
        candidates=candidates,
        syllables=tuple(views),
        step=step,
        live=live,
        milliseconds=2.0,
    )


class _Telling(QObject):
    progressed = Signal(object)


class FakeLab:
    """Stands in for `LabClient`. With `hold` answers wait until `release()`."""

    def __init__(self) -> None:
        self._telling = _Telling()
        self.progressed = self._telling.progressed
        self.asked: list[Any] = []
        self.cancelled: list[Any] = []
        self.answers: dict[type, Callable[[Any], Any]] = {rq.Predict: predicted}
        self.hold = False
        self.state = "ready"
        self._gate = asyncio.Event()
        self._number = 0

    def new_id(self) -> str:
        self._number += 1
        return f"f{self._number}"

    async def ask(self, request: Any) -> Any:
        self.asked.append(request)
        try:
            if self.hold:
                await self._gate.wait()
            else:
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(request)
            raise
        return self.answers[type(request)](request)

    def release(self) -> None:
        """Give all answers that are held, and hold none any more."""
        self.hold = False
        self._gate.set()

    def texts(self) -> list[str]:
        """The letters that predictions were asked for."""
        return [item.text for item in self.asked if isinstance(item, rq.Predict)]

    async def start(self) -> None:
        return None

    async def close(self) -> None:
        return None


async def until(what: Callable[[], object], seconds: float = 5.0) -> None:
    """Let the event loop turn until something holds."""
    for _ in range(round(seconds / 0.005)):
        if what():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to pass in time")
