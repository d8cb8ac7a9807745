"""A disk that is full, or that takes no change any more, at any write: a failure with a name, nothing lost."""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file

from studio.inference.load import load
from studio.recipe import dump
from studio.recipe import load as recipe_of
from studio.runs import events
from studio.runs.atomic import TEMPORARY
from studio.runs.folder import RunError, RunFolder
from studio.runs.journal import read_events
from studio.runs.resuming import obstacle
from tests import tiny
from tests.engine.test_resume import assert_same, state
from tests.worker.processes import trainer

LAST = 10
SETTINGS = (
    f"training.max_steps={LAST}",
    "training.evaluate_every=2",
    "training.evaluation_examples=10",
    "training.checkpoint_every=2",
    "training.checkpoints.keep=2",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    recipe, run = tiny.new_run(tmp_path_factory.mktemp("whole"), *SETTINGS)
    for _ in tiny.training(recipe, run):
        pass
    return run


class Refusal:
    """Every way in which the engine writes below a folder, refused from the n-th write on until it is mended."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path, number: int, after: int) -> None:
        self._folder, self._number, self._left = folder, number, after
        self.met = False
        save, open_, replace = save_file, io.open, os.replace

        def saved(tensors: Any, path: Any, metadata: Any = None) -> None:
            self.look(path)
            save(tensors, path, metadata=metadata)

        def opened(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
            if set(mode) & set("wax+"):
                self.look(file)
            return open_(file, mode, *rest, **named)

        def replaced(source: Any, target: Any, **named: Any) -> None:
            self.look(target)
            replace(source, target, **named)

        patch.setattr("studio.tasks.model_folder.save_file", saved)
        patch.setattr(io, "open", opened)
        patch.setattr(os, "replace", replaced)

    def look(self, path: object) -> None:
        if not isinstance(path, str | os.PathLike) or self._folder not in Path(path).parents:
            return
        self._left -= 1
        if self._left < 0:
            self.met = True
            raise OSError(self._number, os.strerror(self._number), str(path))


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only")])
@pytest.mark.parametrize("seed", range(3))
def test_any_write_may_be_refused(
    seed: int, number: int, kind: str, whole: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = random.Random(f"{seed} {number}").randrange(4, 80)
    recipe, run = tiny.new_run(tmp_path, *SETTINGS)
    with monkeypatch.context() as patch:
        stream = tiny.training(recipe, run)
        seen = [next(stream)]
        refusal = Refusal(patch, run.path, number, after)
        seen += stream
    assert refusal.met
    assert isinstance(seen[-1], events.Failed), seen[-1]
    assert seen[-1].kind == kind, after
    goes_on(run, whole)


def goes_on(run: RunFolder, whole: RunFolder) -> None:
    """What was saved is whole; once the disk takes it again, the run goes on to the same end and leaves no rest."""
    assert run.owner() is None
    assert run.state() in ("failed", "interrupted")
    index = run.read_index()
    assert not index.lost
    saved = [event.step for event in read_events(run.metrics) if isinstance(event, events.CheckpointSaved)]
    assert index.last >= max(saved, default=-1)
    if index.last >= 0:
        assert load(run.checkpoint(index.last)).predictor.predict("jintian").candidates
        assert obstacle(run) is None
    *_, end = tiny.training(recipe_of(run.recipe), run)
    assert isinstance(end, events.Finished)
    assert run.state() == "finished"
    assert not list(run.path.rglob(f"{TEMPORARY}*"))
    assert_same(state(run, LAST), state(whole, LAST))


# --- real file systems, which only root can make -------------------------------------------------------


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[Path]:
    """A file system in memory, where this user may make one."""
    place.mkdir(parents=True)
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", *options, "tmpfs", str(place)]
    if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        while place.is_mount():
            subprocess.run(["umount", str(place)], check=True)


def remount(place: Path, *options: str) -> None:
    subprocess.run(["mount", "-o", ",".join(("remount", *options)), str(place)], check=True)


def run_in(place: Path) -> RunFolder:
    run = RunFolder(place / "run")
    run.path.mkdir()
    run.recipe.write_text(dump(tiny.recipe(*SETTINGS)), encoding="utf-8")
    return run


@pytest.mark.skipif(sys.platform != "linux", reason="mounts")
@pytest.mark.parametrize("share", [0.2, 0.5, 0.7, 0.9])
def test_a_disk_that_is_really_full(share: float, whole: RunFolder, tmp_path: Path) -> None:
    taken = sum(file.stat().st_size for file in whole.path.rglob("*") if file.is_file())
    with mounted(tmp_path / "disk", "-o", f"size={int(taken * share) // 1024}k") as place:
        run = run_in(place)
        *_, end = tiny.training(recipe_of(run.recipe), run)
        assert isinstance(end, events.Failed)
        assert end.kind == "disk_full", end
        assert "Free some space" in end.fix
        remount(place, f"size={4 * taken // 1024}k")
        goes_on(run, whole)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts")
def test_a_folder_that_is_made_read_only_while_it_trains(whole: RunFolder, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as place:
        run = run_in(place)
        for event in tiny.training(recipe_of(run.recipe), run):
            end = event
            if isinstance(event, events.CheckpointSaved) and event.step == 4:
                # On top of it, since a file system that is being written cannot be made so.
                subprocess.run(["mount", "--bind", str(place), str(place)], check=True)
                remount(place, "bind", "ro")
        assert isinstance(end, events.Failed)
        assert end.kind == "read_only"
        found = obstacle(run)
        # This process holds the lock that it could not remove; for another one nobody writes here.
        assert found is not None
        with pytest.raises(RunError), run.locked():
            pass
        subprocess.run(["umount", str(place)], check=True)
        run.lock_file.unlink()
        goes_on(run, whole)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="mounts")
def test_the_worker_says_that_a_folder_cannot_be_written(whole: RunFolder, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as place:
        run = RunFolder(Path(shutil.copytree(whole.path, place / "run")))
        run.outcome_file.unlink()
        remount(place, "ro")
        found = obstacle(run)
        assert found is not None
        assert found.kind == "read_only"
        assert load(run.path).predictor.predict("jintian").candidates
        with trainer(run.path) as worker:
            assert worker.close() == 3
            failed = events.decode(worker.lines[-1])
        assert isinstance(failed, events.Failed)
        assert failed.kind == "run_folder"
        assert "Read-only" in failed.cause
        assert run.state() == "interrupted"
