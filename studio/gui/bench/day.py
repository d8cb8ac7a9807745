"""`python -m studio.gui.bench.day`: the real window takes in hours of a run's events; how its memory grows."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time

import psutil

from studio.gui.app import handled, make_window, run
from studio.gui.bench import say
from studio.gui.bench.feed import PORTION, STEPS_PER_HOUR
from studio.gui.bench.window import SIZE, leave, until
from studio.gui.session import Session
from studio.runs import commands as cmd

_SETTLE = 0.5
_PORTION_WITHIN = 120.0


def main() -> int:
    """Open the window, feed it, close it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=int, required=True)
    options = parser.parse_args()
    return run(lambda _: _work(options.hours))


async def _work(hours: int) -> int:
    feed = [sys.executable, "-m", "studio.gui.bench.feed", "--hours", str(hours)]
    session = Session(train_command=feed)
    window = make_window(session)
    window.resize(*SIZE)
    with handled(window):
        window.show()
        try:
            await until(lambda: len(window.panes) == len(window.docks), 60)
            window.reset_layout()
            window.show_pane("training")
            session.set_value("training.max_steps", hours * STEPS_PER_HOUR)
            if not session.start():
                raise RuntimeError(f"the run could not be started: {session.start_obstacle()}")
            await _feed(session, hours)
        finally:
            await leave(window, session)
    return 0


async def _feed(session: Session, hours: int) -> None:
    # The plots and all else that is loaded once stand from the first portion on.
    await until(lambda: session.record.step >= PORTION, _PORTION_WITHIN)
    memory = [await _memory()]
    began = time.perf_counter()
    total = hours * STEPS_PER_HOUR
    for reached in range(2 * PORTION, total + 1, PORTION):
        session.send(cmd.PublishWeights())  # what the feed waits for
        await until(lambda reached=reached: session.record.step >= reached, _PORTION_WITHIN)  # type: ignore[misc]
        if reached % STEPS_PER_HOUR == 0:
            memory.append(await _memory())
            hour = reached // STEPS_PER_HOUR
            say("progress", f"hour {hour}: the window holds {memory[-1]:,.0f} MB")
    session.send(cmd.PublishWeights())
    say(
        "result",
        {
            "memory_growth_mb": memory[-1] - memory[0],
            "memory_mb": memory,
            "hours": hours,
            "events_seconds": time.perf_counter() - began,
            "kept_points": len(session.record.curves["loss"]),
        },
    )


async def _memory() -> float:
    """The resident set in MB, once what is due has been drawn."""
    await asyncio.sleep(_SETTLE)
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    sys.exit(main())
