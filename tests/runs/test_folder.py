"""A run as a folder: who may write, in which state it is, and damage that must not matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.runs.folder import (
    FORMAT,
    CheckpointEntry,
    CheckpointIndex,
    Outcome,
    RunError,
    RunFolder,
    list_runs,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)

NO_TENSORS = (2).to_bytes(8, "little") + b"{}"  # a whole safetensors file


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder.create(tmp_path, "试验 run/1")
    folder.recipe.write_text("version = 1\n")
    return folder


def add_checkpoint(run: RunFolder, step: int) -> CheckpointEntry:
    run.checkpoint(step).mkdir(parents=True)
    (run.checkpoint(step) / "model.safetensors").write_bytes(NO_TENSORS)
    (run.checkpoint(step) / "config.json").write_text("{}")
    return CheckpointEntry(step, f"checkpoints/step-{step:06d}", 7, {"validation_loss": 1.5})


def a_dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


# --- names ---------------------------------------------------------------------------------------------


def test_a_new_folder_is_named_for_people(run: RunFolder) -> None:
    date, name = run.path.name[:10], run.path.name[11:-7]
    assert [len(part) for part in date.split("-")] == [4, 2, 2]
    assert name == "试验-run-1"
    assert run.checkpoint(500).name == "step-000500"


@given(name=st.text(min_size=1, max_size=60))
def test_any_name_makes_a_folder(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    parent = tmp_path_factory.mktemp("runs")
    assert RunFolder.create(parent, name).path.parent == parent


def test_a_place_that_cannot_hold_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="choose another place"):
        RunFolder.create(tmp_path / "file", "x")


def test_what_is_no_run_and_what_is_too_new(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="holds no recipe"):
        RunFolder.open(tmp_path)
    assert RunFolder.open(run.path).path == run.path
    run.environment.write_text(json.dumps({"format": FORMAT + 1}))
    with pytest.raises(RunError, match="update Hanzi Studio"):
        RunFolder.open(run.path)
    run.environment.write_text("{")
    assert RunFolder.open(run.path).path == run.path


# --- the lock ------------------------------------------------------------------------------------------


def test_only_one_writes(run: RunFolder) -> None:
    with run.locked():
        assert run.owner() == os.getpid()
        assert run.state() == "running"
        with pytest.raises(RunError, match=f"process {os.getpid()} is writing"), run.locked():
            pass
    assert run.owner() is None
    assert not run.lock_file.exists()


def test_the_lock_of_a_dead_process_is_taken_over(run: RunFolder) -> None:
    run.lock_file.write_text(json.dumps({"pid": a_dead_process(), "started": 1.0}))
    assert run.state() == "interrupted"
    with run.locked():
        assert run.owner() == os.getpid()


def test_a_process_id_given_to_another_process_is_no_owner(run: RunFolder) -> None:
    started = psutil.Process().create_time()
    run.lock_file.write_text(json.dumps({"pid": os.getpid(), "started": started - 3600}))
    assert run.owner() is None
    with run.locked():
        assert run.owner() == os.getpid()


@given(lock=st.one_of(JSON, st.fixed_dictionaries({"pid": JSON, "started": JSON})))
def test_a_damaged_lock_locks_nothing(lock: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    run.lock_file.write_text(json.dumps(lock))
    assert run.owner() is None


def test_a_folder_that_takes_no_lock(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "gone")
    with pytest.raises(RunError, match="cannot write"), run.locked():
        pass


# --- outcome and state ---------------------------------------------------------------------------------


def test_outcomes_come_back(run: RunFolder) -> None:
    assert run.state() == "interrupted"
    for outcome in (
        Outcome("finished", 5, reason="max_steps"),
        Outcome("failed", 3, kind="disk_full", cause="满", fix="b", trace="c\nd"),
    ):
        run.write_outcome(outcome)
        assert run.outcome() == outcome
        assert run.state() == outcome.state


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"state": "dancing", "step": 1}', "[" * 100_000])
def test_a_damaged_outcome_means_interrupted(content: str, run: RunFolder) -> None:
    run.outcome_file.write_text(content)
    assert run.state() == "interrupted"


@given(value=st.one_of(JSON, st.fixed_dictionaries({"state": JSON, "step": JSON})))
def test_any_outcome_file_is_borne(value: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    run.outcome_file.write_text(json.dumps(value))
    assert run.state() == "interrupted"


# --- the index of checkpoints --------------------------------------------------------------------------


def test_the_index_comes_back(run: RunFolder) -> None:
    index = CheckpointIndex((add_checkpoint(run, 5), add_checkpoint(run, 10)), best=5, last=10)
    run.write_index(index)
    assert run.read_index() == index


def test_the_index_names_only_what_is_there(run: RunFolder) -> None:
    entries = [add_checkpoint(run, step) for step in (5, 10)]
    gone = CheckpointEntry(15, "checkpoints/step-000015", 1, {})
    run.write_index(CheckpointIndex((*entries, gone), best=15, last=15))
    read = run.read_index()
    assert [entry.step for entry in read.entries] == [5, 10]
    assert (read.best, read.last) == (10, 10)


def test_bad_entries_are_passed_over(run: RunFolder) -> None:
    good = add_checkpoint(run, 5)
    add_checkpoint(run, 7)
    bad = [
        {},
        {"step": 7},
        "checkpoints/step-000007",
        None,
        {"step": "seven", "path": "checkpoints/step-000007", "size": 1, "metrics": {}},
        {"step": 7, "path": "../elsewhere", "size": 1, "metrics": {}},
        {"step": 7, "path": "checkpoints/step-000007", "size": 1, "metrics": {"loss": "low"}},
    ]
    run.index.write_text(json.dumps({"entries": [*bad, good.__dict__], "best": [5], "last": None}))
    assert run.read_index() == CheckpointIndex((good,), best=5, last=5)


def test_an_index_cannot_point_outside_the_run(run: RunFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "model.safetensors").touch()
    entry = {"step": 5, "path": str(elsewhere), "size": 1, "metrics": {}}
    run.index.write_text(json.dumps({"entries": [entry], "best": 5, "last": 5}))
    assert run.read_index().entries == ()


@pytest.mark.parametrize("content", [None, "", "{", "[1]", '{"entries": 5}', "[" * 100_000])
def test_without_an_index_checkpoints_are_found(content: str | None, run: RunFolder) -> None:
    for step in (5, 10):
        add_checkpoint(run, step)
    (run.checkpoints / "step-x").mkdir()
    (run.checkpoints / "step-000020").mkdir()
    if content is not None:
        run.index.write_text(content)
    read = run.read_index()
    assert [entry.step for entry in read.entries] == [5, 10]
    assert (read.best, read.last) == (10, 10)


@given(
    value=st.fixed_dictionaries(
        {
            "entries": st.lists(JSON | st.fixed_dictionaries({"step": JSON, "path": JSON, "metrics": JSON}))
            | JSON,
            "best": JSON,
            "last": JSON,
        }
    )
)
def test_any_index_is_borne(value: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    run.index.write_text(json.dumps(value))
    assert run.read_index() == CheckpointIndex()


# --- lists ---------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    made = [RunFolder.create(tmp_path, name) for name in "abc"]
    for age, run in enumerate(made):
        run.recipe.write_text("")
        os.utime(run.recipe, (1000 - age, 1000 - age))
    (tmp_path / "no run").mkdir()
    (tmp_path / "a file").touch()
    assert [run.path for run in list_runs(tmp_path)] == [run.path for run in made]


def test_a_missing_parent_has_no_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert list_runs(tmp_path / "none") == list_runs(tmp_path / "file") == []


def test_a_run_that_vanishes_while_listed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = (RunFolder.create(tmp_path, name) for name in "ab")
    for run in (kept, gone):
        run.recipe.touch()
    stat = Path.stat

    def vanishing(self: Path, **options: Any) -> os.stat_result:
        if self == gone.recipe:
            raise PermissionError(13, "Permission denied")
        return stat(self, **options)

    monkeypatch.setattr(Path, "stat", vanishing)
    assert [run.path for run in list_runs(tmp_path)] == [kept.path]
