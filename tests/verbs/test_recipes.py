"""`studio presets` and `studio recipe show|check|explain`, and the command line itself."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from studio import __version__
from studio.recipe import parse, presets, resolve, walk
from tests import tiny
from tests.verbs.conftest import Studio


def test_presets_are_listed_with_what_they_are(studio: Studio) -> None:
    done = studio("presets")
    assert done.status == 0
    listed = dict(line.split("\t") for line in done.out.splitlines())
    assert list(listed) == [preset.name for preset in presets()]
    assert all(listed.values())


def test_a_shown_recipe_loads_back(studio: Studio, recipe_file: Path, tmp_path: Path) -> None:
    done = studio("recipe", "show", recipe_file, "--set", "training.max_steps=77")
    assert done.status == 0
    assert parse(tomllib.loads(done.out)) == tiny.recipe("training.max_steps=77")
    (tmp_path / "again.toml").write_text(done.out, encoding="utf-8")
    assert studio("recipe", "show", tmp_path / "again.toml").out == done.out
    assert parse(tomllib.loads(studio("recipe", "show", "pinyin-quick").out)) == resolve("pinyin-quick")


def test_checking(studio: Studio, recipe_file: Path) -> None:
    assert studio("recipe", "check", recipe_file).status == 0
    done = studio("recipe", "check", recipe_file, "--set", "modle.width=5", "--set", "name=''")
    assert done.status == 2
    assert "did you mean 'model'" in done.err
    assert "2 problems" in done.err
    assert studio("recipe", "check", recipe_file, "--set", "training.max_steps").status == 2


def test_every_field_is_explained(studio: Studio) -> None:
    done = studio("recipe", "explain")
    assert done.status == 0
    for field in walk():
        if field.kind not in ("section", "union"):
            assert field.path in done.out
    one = studio("recipe", "explain", "training.learning_rate")
    assert "training.learning_rate" in one.out
    assert "above 0" in one.out
    assert "max_steps" not in one.out
    done = studio("recipe", "explain", "training.lerning_rate")
    assert done.status == 2
    assert "no field" in done.err


def test_wrong_use_is_status_2(studio: Studio) -> None:
    for arguments in (["dance"], ["train"], ["recipe"], ["recipe", "burn", "x"], ["predict", "x", "--top"]):
        done = studio(*arguments)
        assert done.status == 2
        assert "usage" in done.err


def test_version_and_help(studio: Studio) -> None:
    assert __version__ in studio("--version").out
    done = studio("--help")
    assert done.status == 0
    for verb in ("train", "predict", "evaluate", "export", "presets", "recipe", "runs", "resume"):
        assert verb in done.out


@pytest.mark.parametrize("arguments", [["presets"], ["runs"], ["recipe", "check", "pinyin-quick"]])
def test_light_verbs_do_not_load_heavy_libraries(arguments: list[str]) -> None:
    code = f"""
import sys
from studio.cli import main
status = main({arguments!r})
heavy = {{"torch", "transformers", "pypinyin", "jieba", "PySide6", "numpy"}} & set(sys.modules)
sys.exit(status or len(heavy))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
