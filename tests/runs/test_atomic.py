"""Files and folders that are whole or not there, whatever goes wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from studio.runs import atomic


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(f"{atomic.TEMPORARY}*")]


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    atomic.write_text(path, "旧")
    atomic.write_text(path, "新")
    assert path.read_text(encoding="utf-8") == "新"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "a.json"
    atomic.write_text(path, "old")
    monkeypatch.setattr(os if call == "fsync" else Path, call, full)
    with pytest.raises(OSError, match="No space"):
        atomic.write_text(path, "new")
    assert path.read_text() == "old"
    assert not leftovers(tmp_path)


def test_a_folder_appears_when_it_is_filled(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "folder"
    with atomic.new_folder(target) as folder:
        (folder / "file").write_text("x")
        assert not target.exists()
    assert (target / "file").read_text() == "x"
    assert not leftovers(tmp_path)


def test_a_folder_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    with atomic.new_folder(target) as folder:
        (folder / "file").write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic.new_folder(target, replace=True) as folder:
        (folder / "file").write_text("new")
        raise KeyboardInterrupt
    assert (target / "file").read_text() == "old"
    assert not leftovers(tmp_path)


def test_a_replaced_folder_keeps_nothing_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    for name in ("old", "new"):
        with atomic.new_folder(target, replace=True) as folder:
            (folder / name).touch()
    assert names(target) == ["new"]
    assert not leftovers(tmp_path)


def test_an_existing_folder_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileExistsError), atomic.new_folder(tmp_path / "folder"):
        pass
    assert not leftovers(tmp_path)


def test_when_the_last_rename_fails_the_old_folder_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "folder"
    with atomic.new_folder(target) as folder:
        (folder / "file").write_text("old")
    rename = Path.replace

    def failing(self: Path, other: Path) -> Path:
        if other == target and (self / "new").exists():
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, other)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="Input/output"), atomic.new_folder(target, replace=True) as folder:
        (folder / "new").touch()
    assert (target / "file").read_text() == "old"
    assert names(tmp_path) == ["folder"]


def test_sweeping_puts_back_what_a_killed_writer_took_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "folder-1"
    with atomic.new_folder(target) as folder:
        (folder / "file").write_text("old")
    rename, renamed = Path.replace, []

    def killed(self: Path, other: Path) -> Path:
        if renamed:
            raise SystemExit
        renamed.append(other)
        return rename(self, other)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(SystemExit), atomic.new_folder(target, replace=True):
        pass
    assert not target.exists()
    monkeypatch.undo()
    atomic.sweep(tmp_path)
    assert (target / "file").read_text() == "old"
    assert names(tmp_path) == ["folder-1"]
    with atomic.new_folder(target, replace=True) as folder:
        (folder / "file").write_text("new")
    atomic.sweep(tmp_path)
    assert (target / "file").read_text() == "new"


def test_sweeping_removes_leftovers_only(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / f"{atomic.TEMPORARY}folder-1").mkdir()
    (tmp_path / f"{atomic.TEMPORARY}folder-1" / "file").touch()
    (tmp_path / f"{atomic.TEMPORARY}file-2").touch()
    atomic.sweep(tmp_path)
    atomic.sweep(tmp_path / "not there")
    assert names(tmp_path) == ["kept"]
