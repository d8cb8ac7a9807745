"""A trial as a process: what it gives, how it is called off, how it fails."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path

import pytest

from studio import paths
from studio.data.errors import Cancelled
from studio.engine.estimate import estimate
from studio.runs.lab_messages import encode_response
from studio.runs.processes import worker_command
from studio.runs.requests import Refused
from studio.worker import trial
from tests import tiny

REFUSED = encode_response(Refused(id="", kind="trial_memory", message="none left"))


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that stands in for the child; what is written there is run."""
    script = tmp_path / "child.py"

    def stand_in(*arguments: str) -> list[str]:
        return [worker_command()[0], str(script), *arguments]

    monkeypatch.setattr(trial, "worker_command", stand_in)
    return script


def test_figures_of_a_tiny_recipe() -> None:
    tiny.finished_run()  # its data are prepared
    found = trial.measure(tiny.recipe())
    assert found is not None
    assert found.tried
    assert found.exact
    assert found.memory["process"] > 10_000_000
    assert 0 < (found.step_seconds or 0) < 10
    assert not list(paths.cache_home().glob("trial-*"))


def test_called_off_it_is_gone_at_once(command: Path) -> None:
    command.write_text("import time; time.sleep(60)")
    began = time.monotonic()
    assert trial.measure(tiny.recipe(), called_off=lambda: time.monotonic() > began + 0.3) is None
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("import time; time.sleep(60)", "trial_slow", "more than 1 s"),
        ("import os; os.kill(os.getpid(), 9)", "trial_memory", "memory runs out"),
        ("raise ValueError('so it is')", "trial_failed", "so it is"),
        ("print('nothing of use')", "trial_failed", "exit status 0"),
        (f"print({REFUSED!r})", "trial_memory", "none left"),
    ],
)
def test_failures_have_a_kind_and_a_reason(command: Path, script: str, kind: str, words: str) -> None:
    command.write_text(script)
    with pytest.raises(trial.TrialError, match=words) as caught:
        trial.measure(tiny.recipe(), limit=1.0 if kind == "trial_slow" else 30.0)
    assert caught.value.kind == kind


def test_a_failed_trial_leaves_the_count_and_says_why(command: Path) -> None:
    command.write_text("raise ValueError('so it is')")
    counted = estimate(tiny.recipe(), None, None, "x")
    found = trial.tried(tiny.recipe(), counted, lambda: False)
    assert found.memory == counted.memory
    assert not found.tried
    assert "trial_failed" in found.notes
    assert "so it is" in found.error
    command.write_text("import time; time.sleep(60)")
    with pytest.raises(Cancelled):
        trial.tried(tiny.recipe(), counted, lambda: True)


def test_what_is_too_large_is_not_tried(command: Path) -> None:
    command.write_text("raise ValueError('it was tried')")
    counted = dataclasses.replace(estimate(tiny.recipe(), None, None), memory_free=1)
    found = trial.tried(tiny.recipe(), counted, lambda: False)
    assert found.notes[-1] == "too_large_to_try"
    assert not found.error


def test_a_bad_device_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(trial.TrialError, match="cuda:77"):
        trial.measure(tiny.recipe("compute.device=cuda:77"))


def test_folders_of_killed_trials_go_after_a_while(command: Path, fresh_home: Path) -> None:
    paths.cache_home().mkdir(parents=True)
    old, new = paths.cache_home() / "trial-old", paths.cache_home() / "trial-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (1, 1))
    command.write_text("")
    with pytest.raises(trial.TrialError):
        trial.measure(tiny.recipe())
    assert not old.exists()
    assert new.exists()
