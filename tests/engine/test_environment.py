"""What a run notes about its own files."""

from __future__ import annotations

from pathlib import Path

from studio.engine.environment import _files
from studio.engine.failures import _is_source
from studio.recipe import Data, Recipe, TableSource


def test_the_files_of_a_folder_are_known_one_by_one(tmp_path: Path) -> None:
    home = tmp_path / "corpus"
    home.mkdir()
    for name in ("a.txt", "b.csv"):
        (home / name).write_text("text\n今天\n", encoding="utf-8")
    recipe = Recipe(data=Data(sources=(TableSource(path=str(home)),)))
    assert sorted(map(Path, _files(recipe))) == [home / "a.txt", home / "b.csv"]
    assert _is_source(OSError(2, "gone", str(home / "a.txt")), recipe)
    assert not _is_source(OSError(2, "gone", str(tmp_path / "other.txt")), recipe)
    gone = Recipe(data=Data(sources=(TableSource(path=str(tmp_path / "none.csv")),)))
    assert _files(gone) == {}
