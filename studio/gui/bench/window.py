"""`python -m studio.gui.bench.window`: the real window beside a run and under a user's hands; its stalls."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
from PySide6.QtWidgets import QApplication

from studio import paths
from studio.gui.app import handled, make_window, run
from studio.gui.bench import say
from studio.gui.bench.heartbeat import Heartbeat
from studio.gui.bench.user import User
from studio.gui.main_window import MainWindow
from studio.gui.record import TRAIN_CURVES
from studio.gui.session import Session
from studio.runs import atomic
from studio.runs.folder import RunFolder

SIZE = (1440, 960)
_SETTLE = 1.0  # seconds for the layout before anything is counted
_UNTIL_TRAINING = 300.0
_UNTIL_GONE = 30.0


def main() -> int:
    """Open the window, measure, close it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--points", type=int, required=True)
    parser.add_argument("--recipe", required=True, help="trained meanwhile; empty for nothing")
    parser.add_argument("--explain", action="store_true")
    options = parser.parse_args()
    return run(lambda _: _work(options))


async def _work(options: argparse.Namespace) -> int:
    session = Session()
    window = make_window(session)
    window.resize(*SIZE)
    with handled(window):
        window.show()
        try:
            await until(lambda: len(window.panes) == len(window.docks), 60)
            window.reset_layout()
            session.spawn(session.lab.start())
            if options.recipe:
                await _train(session, options.recipe)
            else:
                _open_nothing(session)
            fill(session, options.points)
            await asyncio.sleep(_SETTLE)
            say("progress", f"watching the window for {options.seconds:g} s")
            await _watch(window, session, options)
        finally:
            await leave(window, session)
    return 0


async def _train(session: Session, recipe: str) -> None:
    if not session.load_file(recipe) or not session.start():
        raise RuntimeError(f"the run could not be started: {session.start_obstacle()}")
    say("progress", "waiting until a run keeps all cores busy")
    await until(lambda: session.record.step > 0 or not session.running, _UNTIL_TRAINING)
    if not session.running:
        raise RuntimeError(f"the run has ended: {session.record.end}")


def _open_nothing(session: Session) -> None:
    """Show a run that nobody goes on with."""
    folder = RunFolder.create(paths.runs_home(), "practice")
    atomic.write_text(folder.recipe, "")
    session.open_run(folder.path)


def fill(session: Session, points: int) -> None:
    """Put a long past before the run: as many points into each training curve, at steps below 0.

    What the run has told so far comes behind them again, since steps never fall.
    """
    x = np.arange(-points, 0, dtype=np.float64)
    noise = np.random.default_rng(0).normal(size=points)
    figures = {
        "loss": 1 + 4 * np.exp(-4 * np.linspace(0, 1, points)) + 0.2 * noise,
        "learning_rate": 0.002 * (1 - np.linspace(0, 1, points)),
        "positions_per_second": 8000 + 500 * noise,
        "gradient_norm": 1 + 0.1 * noise,
    }
    for name in TRAIN_CURVES:
        curve = session.record.curves[name]
        later = curve.x.copy(), curve.y.copy()
        curve.cut(-np.inf)
        curve.extend(x, figures[name])
        curve.extend(*later)
    session.run_changed.emit()


async def _watch(window: MainWindow, session: Session, options: argparse.Namespace) -> None:
    heartbeat = Heartbeat(explain=options.explain)
    user = User(window, heartbeat)
    before, began = session.record.step, time.perf_counter()
    heartbeat.start()
    user.start()
    await asyncio.sleep(options.seconds)
    user.stop()
    heartbeat.stop()
    say(
        "result",
        {
            "stall_max_ms": heartbeat.longest,
            "stall_p99_ms": heartbeat.percentile(99),
            "stall_median_ms": heartbeat.percentile(50),
            "beats": heartbeat.beats,
            "turns": user.turns,
            "seconds": time.perf_counter() - began,
            "points": min(len(session.record.curves[name]) for name in TRAIN_CURVES),
            "steps": session.record.step - before,
            "worst": [asdict(stall) for stall in heartbeat.worst],
        },
    )


async def until(done: Callable[[], bool], seconds: float) -> None:
    """Wait for something; TimeoutError when it does not come."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not there after {seconds:g} s")
        await asyncio.sleep(0.02)


async def leave(window: MainWindow, session: Session) -> None:
    """Close the window as a person would who keeps nothing."""
    if session.running:
        session.cancel()
        await until(lambda: not session.running, _UNTIL_GONE)
    window.close()
    await session.close()
    window.deleteLater()
    QApplication.sendPostedEvents()


if __name__ == "__main__":
    sys.exit(main())
