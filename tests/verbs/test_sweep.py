"""`studio sweep` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from studio.runs.sweeps import SweepFolder, list_sweeps
from tests.verbs.conftest import Studio

QUICK = ("--set", "training.max_steps=1", "--set", "training.evaluate_every=1")


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    pass


def test_a_table_and_a_line(studio: Studio, recipe_file: Path) -> None:
    params = ("--param", "training.learning_rate=1e-3..1e-2:log", "--param", "model.layers=1..2")
    done = studio("sweep", recipe_file, *params, "--trials", 1, "--name", "my search", *QUICK)
    assert done.status == 0, done.err
    *table, best = done.out.splitlines()
    assert best.endswith("my-search-t01-" + best.split("-")[-1]) and best.endswith("recipe.toml")
    assert Path(best).is_file()
    assert "training.learning_rate" in table[0] and "finished" in table[1] and table[1].startswith("*")
    assert "trial 1 of 1" in done.err
    done = studio("sweep", "--resume", "--name", "my search", "--json")
    assert done.status == 0
    summary = json.loads(done.out)
    assert summary["metric"] == "character_accuracy"
    assert summary["best"]["recipe"] == best
    assert len(summary["trials"]) == 1


def test_all_mistakes_at_once(studio: Studio, recipe_file: Path) -> None:
    params = (
        "--param",
        "training.learning_rat=1..2",
        "--param",
        "model.layers=0..4",
        "--param",
        "model.dropout=0.1",
    )
    done = studio("sweep", recipe_file, *params, "--trials", 2, "--metric", "beauty")
    assert done.status == 2
    for words in ("4 problems", "training.learning_rate", "at least 1", "one value only", "'beauty'"):
        assert words in done.err
    assert list_sweeps() == []
    assert studio("sweep", recipe_file, "--param", "model.layers=1..2", "--trials", "0").status == 2
    assert "no recipe" in studio("sweep", "--param", "model.layers=1..2").err


@pytest.mark.slow
def test_names(studio: Studio, recipe_file: Path) -> None:
    param = ("--param", "model.layers=1..2", "--trials", 1, *QUICK)
    assert studio("sweep", recipe_file, *param).status == 0
    assert studio("sweep", recipe_file, *param, "--json").status == 0
    assert {folder.path.name for folder in list_sweeps()} == {"tiny", "tiny-2"}
    done = studio("sweep", recipe_file, *param, "--name", "tiny")
    assert (done.status, "--resume" in done.err) == (2, True)
    done = studio("sweep", recipe_file, "--resume", "--param", "model.layers=1..3")
    assert (done.status, "another --param" in done.err) == (2, True)
    done = studio("sweep", "--resume", "--name", "huge")
    assert (done.status, "there are: " in done.err) == (2, True)
    done = studio("sweep", "--resume")
    assert (done.status, "which search" in done.err) == (2, True)
    assert SweepFolder("tiny").spec().trials == 1


def test_start_up_stays_light() -> None:
    code = "import sys, studio.cli, studio.verbs.sweep, studio.runs.sweeps, studio.recipe.ranges\n"
    code += "assert not {'optuna', 'torch', 'sqlalchemy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
