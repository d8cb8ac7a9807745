"""From a path that a person gives to a model."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import psutil
import pytest

from studio.export.folder import export_folder
from studio.inference.load import find, load
from studio.runs.folder import RunFolder, steps_in
from studio.tasks.model_folder import ModelFolderError
from tests import tiny


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return tiny.copied(tmp_path)


def pretend_it_runs(run: RunFolder) -> None:
    owner = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    run.lock_file.write_text(json.dumps(owner))


def test_a_run_means_its_best_checkpoint(run: RunFolder) -> None:
    index = json.loads(run.index.read_text())
    run.index.write_text(json.dumps({**index, "best": 3}))
    assert find(run.path).folder == run.checkpoint(3)
    assert not find(run.path).live
    assert load(run.path).config.step == 3


def test_a_run_that_goes_on_means_its_newest_weights(run: RunFolder) -> None:
    pretend_it_runs(run)
    assert find(run.path).folder == run.live / "step-000006"
    assert find(run.path).live
    assert load(run.path).config.step == 6


def test_steps_are_numbers_and_not_words(run: RunFolder) -> None:
    pretend_it_runs(run)
    for step in ("1000000", "999999"):
        shutil.copytree(run.live / "step-000006", run.live / f"step-{step}")
    assert find(run.path).folder == run.live / "step-1000000"
    assert [folder.name for folder in steps_in(run.live)][-2:] == ["step-999999", "step-1000000"]


@pytest.mark.parametrize("lost", ["config.json", "model.safetensors"])
def test_published_weights_that_are_not_whole_are_passed_over(lost: str, run: RunFolder) -> None:
    pretend_it_runs(run)
    (run.live / "step-000006" / lost).unlink()
    assert find(run.path).folder == run.live / "step-000003"
    (run.live / "step-000003" / lost).unlink()
    assert find(run.path).folder == run.checkpoint(6)


def test_before_the_first_checkpoint_published_weights_do(run: RunFolder) -> None:
    shutil.rmtree(run.checkpoints)
    assert find(run.path).folder == run.live / "step-000006"
    shutil.rmtree(run.live)
    with pytest.raises(
        ModelFolderError, match="step 6 is not whole: step-000006 is missing; there is no other"
    ):
        find(run.path)
    run.index.unlink()
    with pytest.raises(ModelFolderError, match="no checkpoint yet"):
        find(run.path)


def test_checkpoints_exports_and_folders_of_runs(run: RunFolder, tmp_path: Path) -> None:
    assert find(run.checkpoint(3)).folder == run.checkpoint(3)
    exported = export_folder(run.path, tmp_path / "exported").path
    assert find(exported).folder == exported
    shutil.rmtree(exported)
    assert find(tmp_path).folder == run.checkpoint(6)


def test_the_current_folder_can_be_meant(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.checkpoint(3))
    assert find(Path()).folder == run.checkpoint(3)
    monkeypatch.chdir(run.path)
    assert find(Path("checkpoints/step-000003")).folder == run.checkpoint(3)


def test_what_is_no_model(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path, words in (("none", "no folder"), ("empty", "no run"), ("copied/recipe.toml", "no folder")):
        with pytest.raises(ModelFolderError, match=words):
            load(tmp_path / path)
    run.environment.write_text('{"format": 99}')
    with pytest.raises(ModelFolderError, match="update Hanzi Studio"):
        load(run.path)


def test_a_moved_run_still_predicts(run: RunFolder, tmp_path: Path) -> None:
    moved = run.path.rename(tmp_path / "搬家 了")
    assert load(moved).predictor.predict("jintian").candidates[0].text == "今天"
