"""`studio stop` against `studio train` in another terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.runs.folder import RunFolder
from tests.verbs.conftest import Studio


@pytest.mark.parametrize("cancel", [False, True])
def test_a_run_of_another_terminal(cancel: bool, studio: Studio, recipe_file: Path, tmp_path: Path) -> None:
    many = [
        "--set",
        "training.max_steps=1000000",
        "--set",
        "training.evaluate_every=20",
        "--set",
        "training.checkpoint_every=20",
    ]
    command = [sys.executable, "-m", "studio", "train", str(recipe_file), "--run-dir", str(tmp_path / "run")]
    with subprocess.Popen(
        [*command, *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "validation at step" in line)
        done = studio("stop", tmp_path / "run", *(["--cancel"] if cancel else []))
        process.communicate(timeout=60)
    assert done.status == 0, done.err
    state = "cancelled" if cancel else "stopped"
    assert done.out.startswith(f"{state} at step ")
    assert process.returncode == 130
    run = RunFolder(tmp_path / "run")
    assert run.state() == state
    assert run.read_index().last >= 20
