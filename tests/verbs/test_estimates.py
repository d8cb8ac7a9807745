"""`studio recipe estimate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.verbs.estimates import duration, size
from tests import tiny
from tests.verbs.conftest import Studio


@pytest.mark.slow
def test_a_table_and_a_line_of_json(studio: Studio, recipe_file: Path) -> None:
    tiny.finished_run()  # its data are prepared
    done = studio("recipe", "estimate", recipe_file)
    assert done.status == 0, done.err
    for word in ("parameters", "memory", "activations", "optimiser state", "time", "a step", "disk", "fits"):
        assert word in done.out
    done = studio("recipe", "estimate", recipe_file, "--json", "--set", "training.max_steps=12")
    assert done.status == 0
    values = json.loads(done.out)
    assert len(done.out.splitlines()) == 1
    assert values["verdict"] == "fits"
    assert values["tried"] is True
    assert values["steps"] == 12
    assert values["memory_total"] == sum(values["memory"].values())
    assert values["seconds_total"] > 0


def test_counting_only(studio: Studio, recipe_file: Path) -> None:
    done = studio("recipe", "estimate", recipe_file, "--no-trial", "--json")
    values = json.loads(done.out)
    assert (values["tried"], values["seconds_total"]) == (False, None)
    large = studio("recipe", "estimate", recipe_file, "--set", "model.ngram_buckets=4194304", "--set",
                   "model.ngram_width=1024", "--set", "training.checkpoints.keep=1000", "--set",
                   "training.checkpoint_every=1", "--set", "training.max_steps=1000")  # fmt: skip
    assert large.status == 0
    assert "too large" in large.out
    assert "rule of thumb" in large.out


def test_what_is_wrong_is_said(studio: Studio, recipe_file: Path) -> None:
    assert studio("recipe", "estimate", recipe_file, "--set", "model.width=1").status == 2
    done = studio("recipe", "estimate", recipe_file, "--set", "compute.device=cuda:77")
    assert done.status == 3
    assert "cuda:77" in done.err


def test_figures() -> None:
    assert [size(n) for n in (12, 1_500, 123_456_789, 21_500_000_000)] == [
        "12 B",
        "1.5 KB",
        "123 MB",
        "21.5 GB",
    ]
    assert [duration(s) for s in (1.23, 12, 100, 7_500, 300_000)] == [
        "1.2 s",
        "12 s",
        "2 min",
        "2 h 5 min",
        "3 d 11 h",
    ]
