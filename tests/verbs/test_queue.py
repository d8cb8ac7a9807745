"""`studio queue` and `studio stop` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.runs.queue import RunQueue
from tests import tiny
from tests.verbs.conftest import Studio


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    pass


def test_add_list_move_remove(studio: Studio, recipe_file: Path) -> None:
    assert "empty" in studio("queue", "list").out
    assert json.loads(studio("queue", "list", "--json").out) == []
    done = studio("queue", "add", recipe_file, "--set", "training.max_steps=2", "--name", "2")
    assert (done.status, done.out) == (0, "1\t2\n")
    assert studio("queue", "add", recipe_file).status == 0
    rows = json.loads(studio("queue", "list", "--json").out)
    assert [(row["id"], row["name"], row["state"], row["run"]) for row in rows] == [
        ("1", "2", "waiting", None),
        ("2", "tiny", "waiting", None),
    ]
    assert studio("queue", "move", "2", "1").status == 0
    assert [item.id for item in RunQueue().items()] == ["2", "1"]
    assert "waiting" in studio("queue", "list").out
    assert studio("queue", "remove", "1").status == 0
    done = studio("queue", "remove", "1")
    assert (done.status, "no '1'; there are 2" in done.err) == (2, True)


def test_a_bad_recipe_is_not_queued(studio: Studio, recipe_file: Path) -> None:
    done = studio("queue", "add", recipe_file, "--set", "training.max_step=2", "--name", "a/b")
    assert done.status == 2
    assert "2 problems" in done.err
    assert RunQueue().items() == ()


def test_nothing_to_run_and_nothing_to_stop(studio: Studio) -> None:
    assert studio("queue", "run").status == 0
    done = studio("queue", "stop")
    assert (done.status, "not running" in done.err) == (2, True)


def test_stop_refuses_what_does_not_run(studio: Studio, tmp_path: Path) -> None:
    done = studio("stop", tmp_path)
    assert (done.status, "not a run folder" in done.err) == (2, True)
    done = studio("stop", tiny.finished_run().path, "--cancel")
    assert (done.status, "it is finished" in done.err) == (2, True)
    assert studio("stop", tmp_path, "--grace", "-1").status == 2
