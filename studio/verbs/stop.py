"""`studio stop`: end a run that another process trains."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def register(verbs: Any) -> None:
    """Add `stop` to the verbs of the command line."""
    stop = verbs.add_parser(
        "stop",
        help="end a run that goes on elsewhere",
        description="End a run that a window or another terminal trains, saving a checkpoint first. "
        "A trainer that does not heed this in time is killed.",
    )
    stop.add_argument("run", type=Path, metavar="RUN", help="the run's folder")
    stop.add_argument("--cancel", action="store_true", help="leave off at once, without saving")
    stop.add_argument(
        "--grace", type=_seconds, metavar="SECONDS", help="before force (default 120, with --cancel 20)"
    )


def run(options: argparse.Namespace) -> int:
    """0 when the run has ended, 2 if it was not running, 3 if it cannot be ended."""
    from dataclasses import replace

    from studio.runs.control import Patience, stop
    from studio.runs.folder import RunFolder

    folder = RunFolder.open(options.run)
    patience = Patience()
    if options.grace is not None:
        patience = replace(patience, stop=options.grace, cancel=options.grace)
    outcome = stop(folder, cancel=options.cancel, patience=patience)
    if outcome.state == "failed":
        print(f"studio: {outcome.cause}\n  {outcome.fix}", file=sys.stderr)
    print(f"{outcome.state} at step {outcome.step}: {folder.path}")
    return 0


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds
