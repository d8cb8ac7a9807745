"""Runs of a few steps that begin from what others have trained, and what they tell."""

from __future__ import annotations

from pathlib import Path

from studio.recipe import Recipe, dump
from studio.runs.events import Event, Failed, StartedFrom
from studio.runs.folder import RunFolder
from tests import tiny

ADAPTERS = "training.lora={ rank = 2, alpha = 4, dropout = 0.2 }"
TWO_STEPS = ("training.max_steps=2", "training.evaluate_every=2", "training.checkpoint_every=2")


def trained(recipe: Recipe, parent: Path) -> tuple[RunFolder, list[Event]]:
    run = RunFolder.create(parent, recipe.name)
    run.recipe.write_text(dump(recipe), encoding="utf-8")
    return run, list(tiny.training(recipe, run))


def failed(recipe: Recipe, parent: Path) -> Failed:
    _, events = trained(recipe, parent)
    assert isinstance(events[-1], Failed)
    assert events[-1].kind in ("recipe", "data"), events[-1]
    return events[-1]


def told_in(events: list[Event]) -> StartedFrom:
    return next(event for event in events if isinstance(event, StartedFrom))
