"""`bench window`: the real window in child processes, a little of everything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from studio.bench.cold import forget_files
from studio.bench.practice import write_recipe
from studio.recipe import load


def test_the_practice_run_is_a_good_recipe(tmp_path: Path) -> None:
    recipe = load(write_recipe(tmp_path))
    assert recipe.compute.threads == 0, "all cores"
    assert recipe.training.max_steps >= 100_000
    assert len(Path(recipe.data.sources[0].path).read_text("utf-8").splitlines()) > 5000  # type: ignore[union-attr]


def test_forgetting_files_harms_none(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("x = 1\n")
    count = forget_files([str(file), str(tmp_path / "missing"), str(file)])
    assert count == (1 if sys.platform == "linux" else 0)
    assert file.read_text() == "x = 1\n"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_measurement() -> None:
    options = ["--seconds", "3", "--points", "20000", "--hours", "1", "--explain"]
    done = subprocess.run(
        [sys.executable, "-m", "studio", "bench", "window", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert result["stall_max_ms"] >= result["stall_p99_ms"] >= result["stall_median_ms"] >= 0
    assert 0 < result["painted_s"] <= result["usable_s"] <= result["filled_s"]
    assert result["usable_cold_s"] > 0
    assert result["points"] >= 20_000 and result["steps"] > 0, "a run went on"
    assert result["seconds"] >= 2.9 and result["turns"] > 10 and result["beats"] > 20
    assert len(result["memory_mb"]) == result["hours"] + 1 == 2
    assert result["memory_growth_mb"] == result["memory_mb"][-1] - result["memory_mb"][0]
    assert result["worst"][0]["ms"] == result["stall_max_ms"]
    assert "longest stall" in done.stderr
