"""How near the estimate of a run comes to what the run then takes, over eight kinds of recipes.

Each recipe is estimated as the window does it, then trained to its end in a child process: the same number of
steps, with its evaluations, checkpoints and test. What was foreseen and what came are compared as they are.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.bench import children
from studio.bench.machine import Machine, this_machine
from studio.recipe import Recipe, apply_overrides, dump, parse
from studio.recipe.presets import values_of
from studio.runs import atomic
from studio.runs.estimates import RunEstimated

_LIMIT = 3600.0  # seconds for one run
_SMALL = {"family": "transformer_encoder", "width": 256, "layers": 2, "heads": 4, "feed_forward": 512}
_RECURRENT = {"family": "recurrent", "width": 256, "layers": 1}
# What each recipe has of its own; the rest is as in the base recipe.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "transformer": (_SMALL, {"token_budget": 2048}),
    "transformer, deep": (
        {**_SMALL, "width": 384, "layers": 6, "heads": 6, "feed_forward": 1536},
        {"token_budget": 4096},
    ),
    "transformer, large batches": (_SMALL, {"token_budget": 16384, "ema_decay": 0.999}),
    "transformer, no n-grams": (
        {**_SMALL, "width": 64, "feed_forward": 128, "ngram_buckets": 0},
        {"token_budget": 512, "optimizer": "sgd"},
    ),
    "gru": (_RECURRENT | {"cell": "gru"}, {"token_budget": 2048}),
    "gru, accumulation": (_RECURRENT | {"cell": "gru"}, {"token_budget": 1024, "accumulation": 6}),
    "lstm": (_RECURRENT | {"cell": "lstm", "layers": 2}, {"token_budget": 4096, "optimizer": "adafactor"}),
    "rnn": (_RECURRENT | {"cell": "rnn"}, {"token_budget": 1024, "optimizer": "lion"}),
}


@dataclass(frozen=True)
class Row:
    """One recipe: bytes at the highest point, seconds of a step and of the whole run, bytes on the disk.

    Errors are shares of what was measured; above 0 the estimate was too high.
    """

    name: str
    parameters: int
    device: str
    memory_estimated: int
    memory: int
    step_estimated: float
    step: float
    seconds_estimated: float
    seconds: float
    disk_estimated: int
    disk: int
    memory_error: float
    step_error: float
    seconds_error: float
    disk_error: float
    trial_seconds: float


@dataclass(frozen=True)
class EstimateResult:
    """The worst errors by kind, and the rows they come from."""

    worst_memory: float
    worst_step: float
    worst_seconds: float
    worst_disk: float
    steps: int
    rows: list[Row]
    machine: Machine


def bench(
    *,
    steps: int = 50,
    recipe: str = "pinyin-quick",
    names: Sequence[str] = (),
    overrides: Sequence[str] = (),
) -> Generator[str, None, EstimateResult]:
    """Estimate each recipe, then run it.

    Args:
        steps: of each run; evaluated twice and saved once on the way and once at the end.
        recipe: a preset's name or a file: the data, and whatever a case does not change.
        names: of `CASES`, or beginnings of them; all of them if there are none.
        overrides: `dotted.key=value` changes to every recipe.

    Raises:
        RecipeError: for a bad recipe.
        BenchError: if a run or a trial fails.
    """
    machine = this_machine()
    chosen = [n for n in CASES if not names or any(n.startswith(name) for name in names)]
    if not chosen:
        raise children.BenchError(f"no recipe is called so; there are: {'; '.join(CASES)}")
    rows: list[Row] = []
    prepared = False
    for name in chosen:
        made = _recipe(recipe, name, steps, overrides)
        with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
            file = Path(home) / "recipe.toml"
            atomic.write_text(file, dump(made))
            if not prepared:
                yield "preparing the data"
                yield from _child("prepare", file, name="preparation")
                prepared = True
            yield f"{name}: estimating"
            began = time.monotonic()
            estimated = _estimated(made, name)
            trial = time.monotonic() - began
            yield f"{name}: running"
            measured = yield from _child("run", file, name=name)
        rows.append(_row(name, estimated, measured, trial))
        yield _line(rows[-1])
    yield from _table(rows)
    return EstimateResult(
        worst_memory=max(abs(row.memory_error) for row in rows),
        worst_step=max(abs(row.step_error) for row in rows),
        worst_seconds=max(abs(row.seconds_error) for row in rows),
        worst_disk=max(abs(row.disk_error) for row in rows),
        steps=steps,
        rows=rows,
        machine=machine,
    )


def _recipe(base: str, case: str, steps: int, overrides: Sequence[str]) -> Recipe:
    values, origin = values_of(base)
    model, training = CASES[case]
    common = {
        name: values["model"][name] for name in ("ngram_buckets", "ngram_width") if name in values["model"]
    }
    often = max(1, steps // 2)
    values = {
        **values,
        "name": "estimated",
        "model": common | model,
        "training": values["training"]
        | {"max_steps": steps, "evaluate_every": often, "checkpoint_every": often}
        | training,
    }
    return parse(apply_overrides(values, list(overrides)), origin)


def _estimated(recipe: Recipe, name: str) -> RunEstimated:
    from studio.worker.trial import TrialError, measure

    try:
        estimated = measure(recipe)
    except TrialError as error:
        raise children.BenchError(f"{name} could not be tried: {error}") from error
    assert estimated is not None
    return estimated


def _child(task: str, recipe: Path, *, name: str) -> Generator[str, None, dict[str, Any]]:
    command = children.module("studio.bench.estimate", task, str(recipe))
    return (yield from children.measure(command, name=name, limit=_LIMIT))


def _row(name: str, estimated: RunEstimated, measured: dict[str, Any], trial: float) -> Row:
    step, seconds = estimated.step_seconds or 0.0, estimated.seconds_total or 0.0
    return Row(
        name=name,
        parameters=estimated.parameters,
        device=estimated.device,
        memory_estimated=estimated.memory_total,
        memory=measured["memory"],
        step_estimated=step,
        step=measured["step"],
        seconds_estimated=seconds,
        seconds=measured["seconds"],
        disk_estimated=estimated.disk_total,
        disk=measured["disk"],
        memory_error=estimated.memory_total / measured["memory"] - 1,
        step_error=step / measured["step"] - 1,
        seconds_error=seconds / measured["seconds"] - 1,
        disk_error=estimated.disk_total / measured["disk"] - 1,
        trial_seconds=trial,
    )


def _table(rows: Sequence[Row]) -> Generator[str, None, None]:
    yield ""
    yield "estimated and measured"
    heads = "".join(f"{head:>23}" for head in ("memory, MB", "a step, ms", "run, s", "disk, MB"))
    yield f"{'':<28}{heads}"
    for row in rows:
        yield _line(row)


def _line(row: Row) -> str:
    cells = (
        (row.memory_estimated / 1e6, row.memory / 1e6, row.memory_error),
        (row.step_estimated * 1e3, row.step * 1e3, row.step_error),
        (row.seconds_estimated, row.seconds, row.seconds_error),
        (row.disk_estimated / 1e6, row.disk / 1e6, row.disk_error),
    )
    return f"{row.name:<28}" + "".join(f"{a:>8,.0f} {b:>7,.0f} {error:>+6.0%}" for a, b, error in cells)


# --- in the child --------------------------------------------------------------------------------------------


def _prepare(recipe: Recipe) -> None:
    from studio.data.prepare import prepare

    prepare(recipe.data)
    children.deliver({})


def _run(recipe: Recipe) -> None:
    from studio.engine.threads import share_the_cores

    share_the_cores()  # as the trainer does, before torch loads
    import psutil

    from studio.engine.loop import train
    from studio.engine.room import own_bytes, peak_memory
    from studio.inference.probe import decode
    from studio.runs import events
    from studio.runs.commands import CommandQueue
    from studio.runs.folder import RunFolder
    from studio.runs.journal import recorded

    told: list[events.Step] = []
    with tempfile.TemporaryDirectory(prefix="studio-bench-run-") as home:
        run = RunFolder(Path(home))
        for event in recorded(run, train(recipe, run, CommandQueue(), decode=decode)):
            if isinstance(event, events.Step):
                told.append(event)
            elif isinstance(event, events.Failed):
                sys.exit(f"{event.cause} {event.trace}")
        seconds = time.time() - psutil.Process().create_time()
        disk = sum(own_bytes(folder) for folder in (run.path, *run.path.rglob("*")) if folder.is_dir())
    first, last = told[0], told[-1]
    later = len(told) > 1 and last.step > first.step
    # The first step warms up; where nothing came after it, it has to do.
    step = (last.seconds - first.seconds) / (last.step - first.step) if later else last.seconds / last.step
    children.deliver(
        {"memory": _peak(recipe) or peak_memory(), "step": step, "seconds": seconds, "disk": disk}
    )


def _peak(recipe: Recipe) -> int:
    """Bytes of a GPU's memory at the highest point; 0 where none was used."""
    import torch

    from studio.engine.device import choose_device

    device = choose_device(recipe.compute)
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0


if __name__ == "__main__":
    from studio.recipe import load

    {"prepare": _prepare, "run": _run}[sys.argv[1]](load(Path(sys.argv[2])))
