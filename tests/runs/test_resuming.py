"""Whether a run can be gone on with, and why not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.runs.folder import Outcome, RunFolder
from studio.runs.resuming import Obstacle, obstacle, passed_over
from tests import tiny


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """Two checkpoints, of steps 3 and 6, and no word of how it ended."""
    run = tiny.copied(tmp_path)
    run.outcome_file.unlink()
    return run


def cut(run: RunFolder, step: int, name: str) -> None:
    file = run.checkpoint(step) / name
    file.write_bytes(file.read_bytes()[:-1])


def test_a_whole_run_can_be_gone_on_with(run: RunFolder) -> None:
    assert obstacle(run) is None
    assert passed_over(run) is None


def finished(run: RunFolder) -> None:
    run.write_outcome(Outcome("finished", 6))


def lost(name: str, *steps: int) -> Callable[[RunFolder], None]:
    return lambda run: [(run.checkpoint(step) / name).unlink() for step in steps] and None


def damaged(name: str, *steps: int) -> Callable[[RunFolder], None]:
    return lambda run: [cut(run, step, name) for step in steps] and None


@pytest.mark.parametrize(
    ("harm", "wanted", "words"),
    [
        (finished, Obstacle("finished"), "is finished"),
        (
            lost("model.safetensors", 3, 6),
            Obstacle("not_whole", 6, "model.safetensors"),
            "of that of step 6, model.safetensors is damaged or missing",
        ),
        (
            damaged("config.json", 3, 6),
            Obstacle("not_whole", 6, "config.json"),
            "config.json is damaged",
        ),
        (
            lost("training_state.safetensors", 6),
            Obstacle("no_state", 6, "training_state.safetensors", older=3),
            "no training state; it can be typed with and exported. Remove that checkpoint to go on from step 3",
        ),
        (
            damaged("training_state.json", 6, 3),
            Obstacle("state_damaged", 6, "training_state.json"),
            "training_state.json is damaged; it can be typed with and exported",
        ),
        (
            damaged("training_state.safetensors", 6),
            Obstacle("state_damaged", 6, "training_state.safetensors", older=3),
            "Remove that checkpoint to go on from step 3",
        ),
    ],
)
def test_what_is_in_the_way(
    harm: Callable[[RunFolder], None], wanted: Obstacle, words: str, run: RunFolder
) -> None:
    harm(run)
    found = obstacle(run)
    assert found == wanted
    assert words in str(found)


def test_a_run_without_checkpoints(tmp_path: Path) -> None:
    _, run = tiny.new_run(tmp_path)
    assert obstacle(run) == Obstacle("no_checkpoint")
    with run.locked():
        assert obstacle(run) == Obstacle("running")


def test_an_older_checkpoint_is_gone_on_from_where_the_newest_is_not_whole(run: RunFolder) -> None:
    cut(run, 6, "vocabulary.json")
    assert obstacle(run) is None
    over = passed_over(run)
    assert over is not None
    assert (over.step, str(over.damage)) == (6, "vocabulary.json is damaged")
    assert run.read_index().last == run.read_index().best == 3


def test_a_folder_that_cannot_be_written(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, _: path != run.path)
    found = obstacle(run)
    assert found == Obstacle("read_only")
    assert "writable" in str(found)


def test_the_terminal_says_why(run: RunFolder) -> None:
    cut(run, 6, "training_state.safetensors")
    done = subprocess.run(
        [sys.executable, "-m", "studio", "resume", str(run.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "training_state.safetensors is damaged" in done.stderr
    assert "go on from step 3" in done.stderr
