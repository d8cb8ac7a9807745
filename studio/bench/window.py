"""How the window reacts while a run keeps the machine busy, how fast it is there, and how its memory grows."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.bench import children
from studio.bench.cold import forget_files, loaded_files
from studio.bench.machine import Machine, this_machine
from studio.bench.practice import write_recipe

_WARM_STARTS = 5
_START_LIMIT = 120.0
_PREPARATION = 600.0  # seconds that a child may take besides what it is to measure
# The command line decides between the window and the work without one by whether there is a display. The real
# window can be had without one too, which is what is measured then.
_OFFSCREEN_START = "import sys, studio.cli as cli; cli._has_display = lambda: True; sys.exit(cli.main([]))"


@dataclass(frozen=True)
class WindowResult:
    """Stalls are how much later than due the event loop came to a timer of 5 ms.

    Attributes:
        painted_s: from the command to the first painted window, median of the warm starts.
        usable_s: until all panes in view stand and it answers, median of the warm starts.
        filled_s: until those behind tabs stand too.
        usable_cold_s: the same for a start whose files had been dropped from the system's cache where that is
            possible, and the very first start where it is not.
        memory_growth_mb: over the simulated hours; `memory_mb` is hour by hour.
        points: in each of the training curves; steps: that the run made meanwhile.
        worst: the longest stalls and what the window had been asked to do last.
    """

    stall_max_ms: float
    stall_p99_ms: float
    stall_median_ms: float
    usable_s: float
    usable_cold_s: float
    painted_s: float
    filled_s: float
    memory_growth_mb: float
    memory_mb: list[float]
    hours: int
    points: int
    seconds: float
    beats: int
    turns: int
    steps: int
    worst: list[dict[str, Any]]
    offscreen: bool
    machine: Machine


def bench(
    *,
    seconds: float = 60.0,
    points: int = 1_000_000,
    hours: int = 24,
    training: bool = True,
    explain: bool = False,
) -> Generator[str, None, WindowResult]:
    """Measure starts, then stalls beside a run, then memory.

    Args:
        seconds: to watch the event loop for.
        points: put into each training curve before.
        hours: of training whose events the window takes in for the memory; 0 leaves that out.
        training: whether a run keeps all cores busy during the watching.
        explain: also say where the window's thread was in long stalls; costs a little.

    Raises:
        BenchError: if the window does not come, or a measurement fails.
    """
    machine = this_machine()
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
        variables = {"STUDIO_HOME": home, **_platform()}
        starts = yield from _starts(variables)
        found = yield from _stalls(Path(home), variables, seconds, points, training, explain)
        day = yield from _day(variables, hours)
    result = WindowResult(
        stall_max_ms=found["stall_max_ms"],
        stall_p99_ms=found["stall_p99_ms"],
        stall_median_ms=found["stall_median_ms"],
        usable_s=statistics.median(one["usable_s"] for one in starts[1:]),
        usable_cold_s=starts[0]["usable_s"],
        painted_s=statistics.median(one["painted_s"] for one in starts[1:]),
        filled_s=statistics.median(one["filled_s"] for one in starts[1:]),
        memory_growth_mb=day["memory_growth_mb"],
        memory_mb=day["memory_mb"],
        hours=hours,
        points=found["points"],
        seconds=found["seconds"],
        beats=found["beats"],
        turns=found["turns"],
        steps=found["steps"],
        worst=found["worst"],
        offscreen="QT_QPA_PLATFORM" in _platform(),
        machine=machine,
    )
    yield from _table(result)
    return result


def _platform() -> dict[str, str]:
    """What makes Qt draw into memory where nobody could see a window."""
    seen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform != "linux"
    if seen and os.environ.get("QT_QPA_PLATFORM") not in ("offscreen", "minimal"):
        return {}
    return {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "qt.qpa.*=false"}


# --- starting ------------------------------------------------------------------------------------------------


def _starts(variables: dict[str, str]) -> Generator[str, None, list[dict[str, Any]]]:
    """One cold start and some warm ones; before them one that shows which files a start reads."""
    first = _start(variables)
    dropped = forget_files(first["files"])
    cold = _start(variables) if dropped else first
    how = f"with {dropped} files to be read anew" if dropped else "the first one"
    yield f"cold start, {how}: usable after {cold['usable_s']:.2f} s"
    found = [cold]
    for number in range(1, _WARM_STARTS + 1):
        found.append(_start(variables))
        yield (
            f"warm start {number}: painted after {found[-1]['painted_s']:.2f} s, "
            f"usable after {found[-1]['usable_s']:.2f} s, filled after {found[-1]['filled_s']:.2f} s"
        )
    return found


def _start(variables: dict[str, str]) -> dict[str, Any]:
    """Give the command, wait until the window says that it can be used, and end it."""
    command = children.module("studio")
    if "QT_QPA_PLATFORM" in variables:
        command = [command[0], "-c", _OFFSCREEN_START]
    with tempfile.TemporaryFile() as complaints:
        clock = {"STUDIO_STARTED": repr(time.time())}
        result, child = children.first_result(command, complaints, {**variables, **clock}, _START_LIMIT)
        try:
            if result is None:
                raise children.BenchError(f"the window did not come\n{children.tail(complaints)}")
            result["files"] = [*result["files"], *loaded_files(child.pid)]
        finally:
            children.end(child)
    return result


# --- stalls and memory ---------------------------------------------------------------------------------------


def _stalls(
    home: Path, variables: dict[str, str], seconds: float, points: int, training: bool, explain: bool
) -> Generator[str, None, dict[str, Any]]:
    command = children.module("studio.gui.bench.window", "--seconds", f"{seconds}", "--points", f"{points}")
    command += ["--recipe", str(write_recipe(home)) if training else ""]
    command += ["--explain"] if explain else []
    return (
        yield from children.measure(command, name="stalls", limit=seconds + _PREPARATION, variables=variables)
    )


def _day(variables: dict[str, str], hours: int) -> Generator[str, None, dict[str, Any]]:
    if not hours:
        return {"memory_growth_mb": 0.0, "memory_mb": []}
    yield f"memory: the events of {hours} hours of training"
    command = children.module("studio.gui.bench.day", "--hours", str(hours))
    limit = _PREPARATION + 60.0 * hours
    return (yield from children.measure(command, name="memory", limit=limit, variables=variables))


def _table(result: WindowResult) -> Generator[str, None, None]:
    yield ""
    yield f"longest stall   {result.stall_max_ms:8.1f} ms"
    yield f"99th percentile {result.stall_p99_ms:8.1f} ms   of {result.beats:,} beats"
    yield f"usable, warm    {result.usable_s:8.2f} s"
    yield f"usable, cold    {result.usable_cold_s:8.2f} s"
    if result.hours:
        yield f"memory growth   {result.memory_growth_mb:8.1f} MB  over {result.hours} h of training"
    for stall in result.worst:
        where = f"   {stall['where']}" if stall["where"] else ""
        yield f"  {stall['ms']:7.1f} ms  {stall['doing']}{where}"
