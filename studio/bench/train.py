"""How fast the engine trains, beside `transformers.Trainer` and a plain PyTorch loop with the same model and data."""

from __future__ import annotations

import json
import math
import statistics
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from studio.bench import children
from studio.bench.machine import Machine, installed, this_machine, usable_cores
from studio.bench.training.job import OURS, PLAIN, RIVALS, TRAINER, TRAINER_FULL_SOFTMAX, Job, Measured
from studio.recipe import dump, resolve
from studio.runs import atomic

BUDGETS = (256, 1024, 4096, 16384)
# Nothing but steps: no evaluation, checkpoint or probe falls into the measurement, and the rate does not depend
# on how far a contestant comes.
_ONLY_STEPS = (
    "training.max_steps=100000000",
    "training.evaluate_every=100000000",
    "training.checkpoint_every=100000000",
    "training.schedule=constant",
    "training.early_stopping.enabled=false",
    "training.accumulation=1",
    "training.probes=[]",
)
_LIMIT = 3600.0  # seconds for one measurement, data preparation included
_SLOWEST = 30.0  # times as long as ours that a rival may take


@dataclass(frozen=True)
class Row:
    """One batch size: real positions a second by contestant, and what they had learnt by then.

    Attributes:
        budget: positions of our batches, padding included; `rows` are the examples of the others' batches.
        loss: validation loss by contestant after `positions` of training. With the full softmax it is among
            all characters rather than a syllable's own, so that it is comparable to none of the others. None where
            it was not finite.
        trainer_full_softmax: None where it was not asked for.
    """

    budget: int
    rows: int
    ours: float
    trainer: float
    plain: float
    trainer_full_softmax: float | None
    loss: dict[str, float | None]
    positions: dict[str, int]
    steps: int


@dataclass(frozen=True)
class TrainResult:
    """Ratios are medians over the batch sizes; above 1 the engine is faster."""

    ratio_to_trainer: float
    ratio_to_plain: float
    ratio_to_trainer_full_softmax: float | None
    rows: list[Row]
    recipe: str
    seconds: float
    threads: int
    device: str
    precision: str
    transformers: str
    machine: Machine


def bench(
    *,
    seconds: float = 20.0,
    budgets: Sequence[int] = BUDGETS,
    recipe: str = "pinyin-quick",
    overrides: Sequence[str] = (),
    full_softmax: bool = False,
) -> Generator[str, None, TrainResult]:
    """Measure every contestant at every batch size.

    Ours trains for `seconds` after its warm-up; the others then make as many optimiser steps as ours did, with
    batches that hold as many real positions on average.

    Args:
        budgets: `training.token_budget` values.
        recipe: a preset's name or a file.
        overrides: `dotted.key=value` changes to it.
        full_softmax: also measure the Trainer with the usual layer over all characters, which takes longest by far.

    Raises:
        RecipeError: for a bad recipe.
        BenchError: if a contestant fails.
    """
    machine = this_machine()
    threads = resolve(recipe, list(overrides)).compute.threads or usable_cores()
    rows: list[Row] = []
    last: Measured | None = None
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
        for budget in budgets:
            changes = [*overrides, *_ONLY_STEPS, f"training.token_budget={budget}"]
            file = Path(home) / f"{budget}.toml"
            atomic.write_text(file, dump(resolve(recipe, changes)))
            found = yield from _compare(file, budget, min(threads, usable_cores()), seconds, full_softmax)
            last = found[OURS]
            rows.append(_row(budget, found))
    if last is None:
        raise children.BenchError("no batch size was given")
    yield from _table(rows)
    return TrainResult(
        ratio_to_trainer=statistics.median(row.ours / row.trainer for row in rows),
        ratio_to_plain=statistics.median(row.ours / row.plain for row in rows),
        ratio_to_trainer_full_softmax=_median(
            [row.ours / row.trainer_full_softmax for row in rows if row.trainer_full_softmax]
        ),
        rows=rows,
        recipe=recipe,
        seconds=seconds,
        threads=last.threads,
        device=last.device,
        precision=last.precision,
        transformers=installed("transformers"),
        machine=machine,
    )


def _compare(
    recipe: Path, budget: int, threads: int, seconds: float, full_softmax: bool
) -> Generator[str, None, dict[str, Measured]]:
    ours = yield from _measure(Job(OURS, str(recipe), threads, seconds=seconds), budget, _LIMIT)
    found = {OURS: ours}
    for rival in RIVALS:
        if rival == TRAINER_FULL_SOFTMAX and not full_softmax:
            continue
        job = Job(rival, str(recipe), threads, steps=ours.steps, warm_up=ours.warm_up)
        found[rival] = yield from _measure(job, budget, 300 + _SLOWEST * seconds)
    return found


def _measure(job: Job, budget: int, limit: float) -> Generator[str, None, Measured]:
    name = f"budget {budget}: {job.contestant}"
    yield name
    command = children.module("studio.bench.training", json.dumps(asdict(job)))
    measured = Measured(**(yield from children.measure(command, name=name, limit=limit)))
    yield (
        f"{name}: {measured.speed:,.0f} positions/s; loss {measured.loss:.4f} "
        f"after {measured.positions:,} positions in {measured.steps:,} steps"
    )
    return measured


def _row(budget: int, found: dict[str, Measured]) -> Row:
    return Row(
        budget=budget,
        rows=round(found[TRAINER].rows),
        ours=found[OURS].speed,
        trainer=found[TRAINER].speed,
        plain=found[PLAIN].speed,
        trainer_full_softmax=found[TRAINER_FULL_SOFTMAX].speed if TRAINER_FULL_SOFTMAX in found else None,
        loss={name: one.loss if math.isfinite(one.loss) else None for name, one in found.items()},
        positions={name: one.positions for name, one in found.items()},
        steps=found[OURS].steps,
    )


def _median(ratios: Sequence[float]) -> float | None:
    return statistics.median(ratios) if ratios else None


def _table(rows: Sequence[Row]) -> Generator[str, None, None]:
    yield ""
    yield "real positions a second, and validation loss after as many positions"
    contestants = [(OURS, "ours"), (TRAINER, "trainer"), (PLAIN, "plain")]
    if any(row.trainer_full_softmax for row in rows):
        contestants.append((TRAINER_FULL_SOFTMAX, "full softmax"))
    yield (
        f"{'budget':>8}"
        + "".join(f"{name:>22}" for _, name in contestants)
        + f"{'/trainer':>10}{'/plain':>8}"
    )
    for row in rows:
        cells = ""
        for key, _ in contestants:
            loss = row.loss[key]
            cells += f"{getattr(row, key):>13,.0f} ({'-' if loss is None else f'{loss:.3f}':>5}) "
        yield f"{row.budget:>8}{cells}{row.ours / row.trainer:>10.2f}{row.ours / row.plain:>8.2f}"
