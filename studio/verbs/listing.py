"""`studio runs`."""

from __future__ import annotations

import argparse
import json
from typing import Any

from studio import paths
from studio.runs.control import last_step
from studio.runs.folder import RunFolder, list_runs

_SHOWN = ("character_accuracy", "sentence_accuracy", "accuracy", "macro_f1", "perplexity", "validation_loss")


def runs(options: argparse.Namespace) -> int:
    """List the runs of the default folder, newest first."""
    rows = [_row(run) for run in list_runs(paths.runs_home())]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    if not rows:
        print(f"no runs in {paths.runs_home()}; `studio train pinyin-quick` makes one")
    for row in rows:
        figures = "  ".join(
            f"{name} {row['metrics'][name]:.4f}" for name in _SHOWN if row["metrics"].get(name) is not None
        )
        print(f"{row['state']:<12} {'step ' + str(row['step']):<12} {row['path']}  {figures}".rstrip())
    return 0


def _row(run: RunFolder) -> dict[str, Any]:
    index = run.read_index()
    best = next((entry for entry in index.entries if entry.step == index.best), None)
    return {
        "path": str(run.path),
        "state": run.state(),
        "step": last_step(run),
        "best": None if best is None else best.step,
        "metrics": {} if best is None else best.metrics,
    }
