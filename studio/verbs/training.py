"""`studio train` and `studio resume`: a run with a progress bar."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from studio import paths
from studio.engine.threads import share_the_cores
from studio.recipe import Recipe, dump, load, resolve
from studio.runs import atomic, events
from studio.runs.commands import Cancel, CommandQueue, StopAndSave
from studio.runs.control import obeying
from studio.runs.folder import RunError, RunFolder
from studio.runs.journal import recorded
from studio.runs.resuming import obstacle
from studio.runs.tensorboard import mirrored
from studio.worker.awake import awake

_NAMED = 12  # weights of each kind that are named in the terminal; started_from.json has all of them
_PHASES = {
    "starting": "starting",
    "downloading": "downloading",
    "preparing_data": "preparing data",
    "building_model": "building the model",
    "training": "training",
    "evaluating": "evaluating",
    "saving": "saving",
    "ending": "ending",
}


def train(options: argparse.Namespace) -> int:
    """Train a recipe: 0 when finished, 2 for a bad recipe, 3 for a failed run, 130 when interrupted."""
    recipe = resolve(options.recipe, options.set)
    run = _folder(options.run_dir, recipe)
    with run.locked():
        atomic.write_text(run.recipe, dump(recipe))
        return _follow(recipe, run)


def resume(options: argparse.Namespace) -> int:
    """Go on with a run from its last checkpoint."""
    run = RunFolder.open(options.run)
    why_not = obstacle(run)
    if why_not is not None and why_not.kind != "running":  # the lock says more of that
        raise RunError(f"{run.path} {why_not}")
    recipe = load(run.recipe)
    with run.locked():
        return _follow(recipe, run)


def _folder(wanted: Path | None, recipe: Recipe) -> RunFolder:
    if wanted is None:
        return RunFolder.create(paths.runs_home(), recipe.name)
    if wanted.exists() and not wanted.is_dir():
        raise RunError(f"{wanted} is a file; give a folder, which may be new")
    if (wanted / "recipe.toml").exists():
        raise RunError(f"{wanted} holds a run already; choose another folder, or `studio resume {wanted}`")
    if wanted.is_dir() and any(wanted.iterdir()):
        raise RunError(f"{wanted} is not empty; choose a new or empty folder for the run")
    wanted.mkdir(parents=True, exist_ok=True)
    return RunFolder(wanted)


def _follow(recipe: Recipe, run: RunFolder) -> int:
    share_the_cores()
    from studio.engine.loop import train as engine
    from studio.inference.probe import decode

    console = Console(stderr=True)
    console.print(f"run: {run.path}", highlight=False, markup=False, soft_wrap=True)
    queue = CommandQueue()
    last: events.Event | None = None
    shown = _Display(console, recipe.training.max_steps)
    with _interruptible(queue, console), obeying(run, queue, os.getpid()), awake(), shown as display:
        told = mirrored(run, recipe, engine(recipe, run, queue, decode=decode))
        for event in recorded(run, told):
            display.show(event)
            last = event
    if isinstance(last, events.Failed):
        print(f"studio: the run failed ({last.kind}): {last.cause}\n  {last.fix}", file=sys.stderr)
        if last.remedy:
            changes = " ".join(f"--set {change}" for change in last.remedy)
            print(f"  Likely to help: studio train {run.recipe} {changes}", file=sys.stderr)
        if last.kind == "internal":
            print(last.trace, file=sys.stderr)
        return 3
    print(run.path)
    return 130 if isinstance(last, events.Finished) and last.reason in ("stopped", "cancelled") else 0


@contextlib.contextmanager
def _interruptible(queue: CommandQueue, console: Console) -> Iterator[None]:
    """Ctrl-C stops and saves; a second one cancels."""
    asked = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        queue.put(Cancel() if asked else StopAndSave())
        console.print("cancelling" if asked else "stopping and saving; once more to cancel")
        asked = True

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Display:
    """The run in the terminal: one bar, and a line for each evaluation."""

    def __init__(self, console: Console, steps: int) -> None:
        self._steps = steps
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[figures]}"),
            console=console,
            refresh_per_second=4,
        )
        self._bar = self._progress.add_task("starting", total=None, figures="")
        self._step = 0

    def __enter__(self) -> _Display:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, event: events.Event) -> None:
        """Bring the bar up to date."""
        if isinstance(event, events.Phase):
            described = " ".join(part for part in (_PHASES[event.name], event.detail) if part)
            if event.name in ("downloading", "preparing_data", "evaluating") and event.total:
                self._progress.update(
                    self._bar, description=described, completed=event.done, total=event.total
                )
            elif event.name == "training":
                self._progress.update(
                    self._bar, description=described, completed=self._step, total=self._steps
                )
            else:
                self._progress.update(self._bar, description=described)
        elif isinstance(event, events.Step):
            self._step = event.step
            left = "" if event.remaining is None else f", {_duration(event.remaining)} left"
            loss = "loss -" if event.loss is None else f"loss {event.loss:.3f}"
            figures = f"step {event.step}/{self._steps}, {loss}, {event.positions_per_second:,.0f} positions/s{left}"
            self._progress.update(self._bar, completed=event.step, total=self._steps, figures=figures)
        elif isinstance(event, events.Evaluation):
            figures = ", ".join(
                f"{name} {value:.4f}" for name, value in event.metrics.items() if value is not None
            )
            self._print(f"{event.split} at step {event.step}: {figures}")
        elif isinstance(event, events.StartedFrom):
            self._show_start(event)
        elif isinstance(event, events.Warned):
            self._print(f"warning: {event.message}")
        elif isinstance(event, events.Finished):
            self._progress.update(
                self._bar, description=event.reason.replace("_", " "), completed=event.step, total=self._steps
            )

    def _show_start(self, event: events.StartedFrom) -> None:
        """A line for the whole, and one for each weight that is not simply the other model's."""
        counts = (
            f"{len(event.taken)} weights taken, {len(event.resized)} matched by row, {len(event.new)} new"
        )
        what = f"({event.task}, step {event.step})"
        if event.task.startswith("pretrained_"):
            kind = event.task.removeprefix("pretrained_").replace("_", "-")
            what = f"(of others, {kind}; licence: {event.licence or 'not stated'})"
        self._print(f"started from {event.name} {what}: {counts}")
        if event.layers:
            numbers = ", ".join("new" if number < 0 else str(number + 1) for number in event.layers)
            self._print(f"  layers, by their numbers there: {numbers}")
        for name, (found, count) in event.resized.items():
            self._print(f"  {name}: {found:,} of {count:,} rows found")
        for kind, names in (("new", event.new), ("not used", event.left)):
            if names:
                more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
                self._print(f"  {kind}: {', '.join(names[:_NAMED])}{more}")

    def _print(self, text: str) -> None:
        self._progress.console.print(text, highlight=False, markup=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
