"""Batches made ready by a thread while the device is busy with the one before."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from studio.engine.order import Position, TrainingOrder, shared
from studio.tasks.base import Batch
from studio.tasks.varying import Vary

_DEPTH = 4  # batches in waiting
_MEASURED = 200  # batches whose making is timed before it is decided
_WORTHWHILE = 0.03  # share of a step's time: less is not worth a thread
_POLL = 0.1  # seconds between looks at whether anybody still wants batches


@dataclass(frozen=True)
class Prepared:
    """A batch with the position after it and the epochs seen by then."""

    batch: Batch
    position: Position
    epoch: float


class Supply:
    """The batches of a run from a position on, made as they are asked for or ahead of that.

    Which of the two makes no difference to what comes: the position that a run saves is that of the batches it
    has used. A thread pays only where making a batch takes a fair part of a step and something else than this
    process's cores computes the step: on a processor that is busy with the step, the thread takes from it what
    it saves. So both times are measured first. Of several processes each makes only its own batches.
    """

    def __init__(
        self,
        order: TrainingOrder,
        start: Position,
        collate: Callable[[np.ndarray], Batch],
        device: torch.device,
        rank: int = 0,
        size: int = 1,
        vary: Vary | None = None,
    ) -> None:
        self._order, self._collate, self._vary = order, collate, vary
        self._rank, self._size = rank, size
        self._source: Iterator[Prepared] = self._made(start)
        self._position = start
        self._device = device
        self._times: list[float] = []
        self._began = time.perf_counter()
        self.ahead = False

    def next(self) -> Prepared:
        """The next batch; never the last."""
        began = time.perf_counter()
        prepared = next(self._source)
        self._position = prepared.position
        if len(self._times) < _MEASURED:
            self._times.append(time.perf_counter() - began)
            if len(self._times) == _MEASURED and self._is_worthwhile():
                self.make_ahead()
        return prepared

    def make_ahead(self) -> None:
        """Let a thread make the batches from here on."""
        self.ahead = True
        self._source = _ahead(self._made(self._position))

    def close(self) -> None:
        """End the thread, if there is one."""
        if isinstance(self._source, Generator):
            self._source.close()

    def _made(self, start: Position) -> Generator[Prepared, None, None]:
        # With the epoch of each batch itself: the position behind all processes' may be in the next.
        batches = (((found, at.epoch_before), at, seen) for found, at, seen in self._order.follow(start))
        for (chosen, number), position, epoch in shared(batches, self._rank, self._size):
            batch = self._collate(chosen)
            yield Prepared(self._vary(batch, chosen, number) if self._vary else batch, position, epoch)

    def _is_worthwhile(self) -> bool:
        # The first batch brings the epoch's shuffling with it.
        making = sorted(self._times)[len(self._times) // 2] * len(self._times)
        whole = time.perf_counter() - self._began
        return self._device.type != "cpu" and making > _WORTHWHILE * whole


def _ahead(source: Generator[Prepared, None, None]) -> Generator[Prepared, None, None]:
    waiting: queue.Queue[Prepared | BaseException] = queue.Queue(_DEPTH)
    ended = threading.Event()

    def put(item: Prepared | BaseException) -> None:
        while not ended.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(item, timeout=_POLL)
                return

    def work() -> None:
        try:
            while not ended.is_set():
                put(next(source))
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=work, name="studio-batches", daemon=True)
    thread.start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        ended.set()
        thread.join()
        source.close()
