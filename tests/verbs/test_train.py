"""`studio train` and `studio resume`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio import paths
from studio.recipe import load
from studio.runs import events
from studio.runs.folder import RunFolder, list_runs
from studio.verbs import training
from tests import tiny
from tests.verbs.conftest import Studio


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr("studio.engine.meter._EVERY", 0.0)


def test_a_finished_run(studio: Studio, recipe_file: Path, tmp_path: Path) -> None:
    done = studio("train", recipe_file, "--run-dir", tmp_path / "run", "--set", "training.max_steps=3")
    assert done.status == 0
    assert done.out.strip() == str(tmp_path / "run")
    assert "validation at step 3" in done.err
    run = RunFolder(tmp_path / "run")
    assert run.state() == "finished"
    assert load(run.recipe) == tiny.recipe("training.max_steps=3")


def test_a_run_without_a_folder_gets_one(studio: Studio, recipe_file: Path, fresh_home: Path) -> None:
    done = studio("train", recipe_file, "--set", "training.max_steps=1")
    assert done.status == 0
    (run,) = list_runs(paths.runs_home())
    assert done.out.strip() == str(run.path)
    listed = studio("runs", "--json")
    assert listed.status == 0
    (row,) = json.loads(listed.out)
    assert (row["path"], row["state"], row["best"]) == (str(run.path), "finished", 1)
    assert str(run.path) in studio("runs").out


def test_a_used_folder_is_refused(studio: Studio, recipe_file: Path, tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    before = run.metrics.read_bytes()
    done = studio("train", recipe_file, "--run-dir", run.path)
    assert done.status == 2
    assert "holds a run already" in done.err
    assert run.metrics.read_bytes() == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    assert "not empty" in studio("train", recipe_file, "--run-dir", tmp_path / "other").err
    done = studio("train", recipe_file, "--run-dir", recipe_file)
    assert (done.status, "is a file" in done.err) == (2, True)


def test_three_mistakes_are_told_at_once(studio: Studio, recipe_file: Path, tmp_path: Path) -> None:
    mistakes = ("training.max_step=3", "model.width=wide", "training.learning_rate=-1")
    options = [part for mistake in mistakes for part in ("--set", mistake)]
    done = studio("train", recipe_file, "--run-dir", tmp_path / "run", *options)
    assert done.status == 2
    for words in ("3 problems", "did you mean 'max_steps'", "'wide'", "greater than 0"):
        assert words in done.err
    assert not (tmp_path / "run").exists()
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("pinyin-quik", "did you mean 'pinyin-quick'"),
        ("nothing.toml", "no file at nothing.toml"),
        ("/nowhere/at/all", "no file at"),
    ],
)
def test_an_unknown_recipe(recipe: str, words: str, studio: Studio) -> None:
    done = studio("train", recipe)
    assert done.status == 2
    assert words in done.err


def test_a_failed_run(studio: Studio, recipe_file: Path, tmp_path: Path) -> None:
    done = studio(
        "train", recipe_file, "--run-dir", tmp_path / "run", "--set", "data.sources.0.path=/nowhere/gone.txt"
    )
    assert done.status == 3
    assert "(data)" in done.err
    assert "gone.txt" in done.err
    assert "check the path" in done.err
    assert "Traceback" not in done.err
    assert RunFolder(tmp_path / "run").state() == "failed"


def test_a_path_given_on_the_command_line_is_frozen_whole(
    studio: Studio, recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that going on and evaluating find it from anywhere."""
    (tmp_path / "here").mkdir()
    tiny.write_text(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    options = ("--set", "data.sources.0.path=text.txt", "--set", "training.max_steps=1")
    assert studio("train", recipe_file, "--run-dir", "../run", *options).status == 0
    monkeypatch.chdir(tmp_path)
    assert studio("evaluate", "run").status == 0


def interrupting(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> None:
    """Send signals to this process at the first step."""
    show, left = training._Display.show, list(numbers)

    def showing(self: training._Display, event: events.Event) -> None:
        show(self, event)
        if isinstance(event, events.Step):
            while left:
                signal.raise_signal(left.pop(0))

    monkeypatch.setattr(training._Display, "show", showing)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_and_saves(
    number: int, studio: Studio, recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    interrupting(monkeypatch, number)
    done = studio("train", recipe_file, "--run-dir", tmp_path / "run")
    assert done.status == 130
    assert "once more to cancel" in done.err
    run = RunFolder(tmp_path / "run")
    assert run.state() == "stopped"
    assert run.read_index().last == 1
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == handlers

    monkeypatch.undo()
    done = studio("resume", run.path)
    assert (done.status, run.state(), run.read_index().last) == (0, "finished", 6)
    done = studio("resume", run.path)
    assert done.status == 2
    assert "finished" in done.err


def test_a_second_ctrl_c_cancels(
    studio: Studio, recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupting(monkeypatch, signal.SIGINT, signal.SIGINT)
    done = studio("train", recipe_file, "--run-dir", tmp_path / "run")
    assert done.status == 130
    run = RunFolder(tmp_path / "run")
    assert run.state() == "cancelled"
    assert run.read_index().last == -1
    done = studio("resume", run.path)
    assert done.status == 2
    assert "no checkpoint" in done.err


def test_resuming_what_is_no_run(studio: Studio, tmp_path: Path) -> None:
    done = studio("resume", tmp_path)
    assert done.status == 2
    assert "no recipe.toml" in done.err


def test_ctrl_c_in_a_real_terminal(recipe_file: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "studio.cli",
        "train",
        str(recipe_file),
        "--run-dir",
        str(tmp_path / "run"),
    ]
    many = ["--set", "training.max_steps=1000000", "--set", "training.evaluate_every=20"]
    with subprocess.Popen(
        [*command, *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "validation at step" in line:
                break
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.strip() == str(tmp_path / "run")
    assert RunFolder(tmp_path / "run").state() == "stopped"
