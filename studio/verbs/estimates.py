"""`studio recipe estimate`: what a run would take, before it is started."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from studio.recipe import Recipe, resolve
from studio.runs.estimates import RunEstimated

_PARTS = {
    "process": "process",
    "data": "data",
    "weights": "weights",
    "gradients": "gradients",
    "optimizer": "optimiser state",
    "average": "average of weights",
    "activations": "activations",
    "starting": "starting",
    "training": "training",
    "evaluating": "evaluating",
    "saving": "saving",
    "testing": "testing",
    "checkpoints": "checkpoints",
    "live": "published weights",
    "records": "records",
}
_VERDICTS = {"fits": "fits", "tight": "tight", "too_large": "too large"}
_NOTES = {
    "not_prepared": "The data are not prepared: their lengths are assumed, and preparation comes on top.",
    "may_stop_early": "Early stopping may end the run sooner.",
    "too_large_to_try": "Too large to try here: no times, and the activations are a rule of thumb.",
    "trial_memory": "The trial ran out of memory.",
    "trial_slow": "The trial took too long.",
    "trial_failed": "The trial failed.",
}


def run(options: argparse.Namespace) -> int:
    """Print an estimate: 0 if there is one, 3 if the device or the data are not there."""
    recipe = resolve(options.recipe, options.set)
    from studio.engine.threads import share_the_cores

    share_the_cores()
    from studio.data.errors import DataError
    from studio.engine.device import DeviceError

    try:
        estimate = _estimate(recipe, trial=not options.no_trial)
    except (DataError, DeviceError) as error:
        print(f"studio: {error}", file=sys.stderr)
        return 3
    if options.json:
        verdicts = {"verdict": estimate.verdict, "memory_verdict": estimate.memory_verdict}
        totals = {
            "memory_total": estimate.memory_total,
            "seconds_total": estimate.seconds_total,
            "disk_total": estimate.disk_total,
            "disk_verdict": estimate.disk_verdict,
        }
        values = {key: value for key, value in asdict(estimate).items() if key not in ("type", "id")}
        print(json.dumps(values | totals | verdicts, ensure_ascii=False))
    else:
        _show(estimate)
    return 0


def _estimate(recipe: Recipe, *, trial: bool) -> RunEstimated:
    from studio.data.prepare import cached
    from studio.engine.estimate import estimate
    from studio.engine.starting import task_for
    from studio.worker.trial import tried

    dataset = cached(recipe.data, recipe.task)
    task = task_for(recipe, dataset) if dataset is not None else None
    counted = estimate(recipe, task, dataset)
    return tried(recipe, counted, lambda: False) if trial else counted


def _show(estimate: RunEstimated) -> None:
    console = Console(markup=False, highlight=False)
    where = ", ".join(part for part in (estimate.device, estimate.precision) if part)
    learnt = f" ({estimate.trainable:,} of them trained)" if estimate.trainable < estimate.parameters else ""
    console.print(f"{estimate.parameters:,} parameters{learnt}, {estimate.steps:,} steps on {where}")
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()

    def rows(title: str, parts: dict[str, str], total: str, remark: str) -> None:
        table.add_row(title, total, remark)
        for name, figure in parts.items():
            table.add_row(f"  {_PARTS[name]}", figure, "")

    rows(
        "memory",
        {name: size(value) for name, value in estimate.memory.items() if value},
        size(estimate.memory_total),
        f"of {size(estimate.memory_free)} free: {_VERDICTS[estimate.memory_verdict]}",
    )
    if estimate.seconds_total is not None and estimate.step_seconds is not None:
        parts = {name: duration(value) for name, value in estimate.seconds.items()}
        rows("time", parts, duration(estimate.seconds_total), f"{estimate.step_seconds:.3g} s a step")
    rows(
        "disk",
        {name: size(value) for name, value in estimate.disk.items()},
        size(estimate.disk_total),
        f"of {size(estimate.disk_free)} free: {_VERDICTS[estimate.disk_verdict]}",
    )
    console.print(table)
    for note in estimate.notes:
        console.print(" ".join(part for part in (_NOTES.get(note, note), estimate.error) if part))
    console.print(_VERDICTS[estimate.verdict])


def size(value: int) -> str:
    """`3.4 MB`."""
    number = float(value)
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def duration(seconds: float) -> str:
    """`2 h 5 min`, `3 min`, `8 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
