"""The studio's own engine, as `studio train` runs it, stopped by its own command after some seconds."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from studio.bench.children import BenchError
from studio.bench.training.job import Job, Measured
from studio.bench.training.material import Material
from studio.engine.loop import train
from studio.recipe import Recipe, load
from studio.runs import events
from studio.runs.commands import CommandQueue, StopAndSave
from studio.runs.folder import RunFolder
from studio.runs.journal import recorded
from studio.tasks.base import Metrics
from studio.tasks.model_folder import load_weights

_WARM_UP_SHARE = 0.2
_WARM_UP_STEPS = 3


class _Clock:
    """Counts positions and seconds from the engine's step events; the first ones are the warm-up.

    The seconds are those on the wall, so that everything the engine does between two steps counts: commands,
    events, the journal, publishing weights.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began: float | None = None
        self._warm: tuple[float, float] | None = None  # time and positions at the end of the warm-up
        self._trained = 0.0
        self.positions = 0.0
        self.steps = self.warm_up = 0
        self.speed = 0.0

    def done(self, event: events.Step) -> bool:
        """Take in one event; true when the time is over."""
        now = time.perf_counter()
        self._began = self._began or now
        self.positions += event.positions_per_second * (event.seconds - self._trained)
        self._trained = event.seconds
        self.steps = event.step
        if self._warm is None:
            warm = now - self._began >= _WARM_UP_SHARE * self._seconds
            if warm and event.step >= _WARM_UP_STEPS:
                self._warm, self.warm_up = (now, self.positions), event.step
            return False
        since, before = self._warm
        self.speed = (self.positions - before) / (now - since)
        return now - since >= self._seconds


def run(job: Job, say: Callable[[str], None]) -> Measured:
    """Measure the engine."""
    recipe = load(Path(job.recipe))
    clock = _Clock(job.seconds)
    queue = CommandQueue()
    built: events.ModelBuilt | None = None
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
        run = RunFolder(Path(home) / "run")
        for event in recorded(run, train(recipe, run, queue, decode=_Undecoded())):
            match event:
                case events.Phase(name="preparing_data", detail=detail) if detail:
                    say(f"preparing data: {detail} {event.done}/{event.total}")
                case events.ModelBuilt():
                    built = event
                case events.Step():
                    if clock.done(event):
                        queue.put(StopAndSave())
                case events.Failed():
                    raise BenchError(f"the engine failed: {event.cause} {event.fix}\n{event.trace}")
        assert built is not None
        loss, rows = _loss(recipe, run, torch.device(built.device))
    return Measured(
        contestant=job.contestant,
        speed=clock.speed,
        positions=round(clock.positions),
        steps=clock.steps,
        warm_up=clock.warm_up,
        rows=rows,
        loss=loss,
        device=built.device,
        precision=built.precision,
        threads=torch.get_num_threads(),
    )


def _loss(recipe: Recipe, run: RunFolder, device: torch.device) -> tuple[float, float]:
    """Validation loss of the checkpoint with which the run ended, and the mean rows of its batches."""
    material = Material(recipe)
    model = material.model()
    load_weights(model, run.checkpoint(run.read_index().last))
    return material.loss(model.to(device), device), material.rows


class _Undecoded:
    """Decodes nothing: the recipe pins no probes, and no figure of it is of typed sentences."""

    def __call__(self, *_: object) -> tuple[events.Candidate, ...]:
        return ()

    def typed(self, *_: object) -> Metrics:
        return {}
