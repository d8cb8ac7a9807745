"""`studio language-models` and `studio tune`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from studio.runs import fusion
from studio.runs.folder import RunFolder
from studio.runs.processes import studio_command, worker_environment
from tests import tiny
from tests.verbs.conftest import Studio


@pytest.fixture
def words(fresh_home: Path) -> Path:
    path = fresh_home / "words.txt"
    path.write_text("北京\t5\n学校\t3\n公园\t2\n", encoding="utf-8")
    return path


@pytest.fixture
def run(fresh_home: Path) -> RunFolder:
    return tiny.copied(fresh_home)


def test_import_list_show_and_remove(words: Path, studio: Studio) -> None:
    assert "adds one" in studio("language-models", "list").out
    done = studio("language-models", "import", words, "--licence", "LGPL-3.0")
    assert done.status == 0
    assert "3 words, 0 pairs" in done.out
    rows = json.loads(studio("language-models", "list", "--json").out)
    assert [(row["name"], row["kind"], row["licence"]) for row in rows] == [("words", "counts", "LGPL-3.0")]
    assert rows[0]["size"] > 0
    assert "LGPL-3.0" in studio("language-models", "list").out
    assert "words.txt" in studio("language-models", "show", "words").out
    assert studio("language-models", "remove", "words").status == 0
    done = studio("language-models", "show", "words")
    assert done.status == 2
    assert "no language model is named words" in done.err


def test_what_is_wrong_with_an_import_is_said(words: Path, studio: Studio) -> None:
    done = studio("language-models", "import", words.with_name("none.arpa"))
    assert done.status == 2
    assert "there is no file" in done.err
    assert "licence is not known" in studio("language-models", "import", words).err
    done = studio("language-models", "import", words, "--name", "words", "--json")
    assert done.status == 2
    assert json.loads(done.out.splitlines()[-1])["type"] == "failed"


def test_tuned_and_used(words: Path, run: RunFolder, studio: Studio) -> None:
    assert studio("language-models", "import", words).status == 0
    done = studio("tune", run.path, "--with", "words", "--limit", 10)
    assert done.status == 0
    assert "sentences right" in done.out
    assert "n-gram perplexity" in done.out
    assert (run.path / fusion.FILE).is_file()
    done = studio("tune", run.path, "--limit", 5, "--json", "--dry-run")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert {line["type"] for line in lines} == {"progress", "tuned"}
    assert lines[-1]["kept"] is None
    assert lines[-1]["after"]["sentences"] == 5


def test_used_untuned_and_no_more(words: Path, run: RunFolder, studio: Studio) -> None:
    assert studio("language-models", "import", words).status == 0
    assert studio("language-models", "use", run.path, "words").status == 0
    assert fusion.read(run.path).imported == {"words": 0.4}
    assert studio("predict", run.path, stdin=b"beijing\n").err == ""
    assert studio("language-models", "use", run.path).status == 0
    assert fusion.read(run.path).imported == {}
    assert studio("language-models", "use", run.path, "other").status == 2


def test_a_missing_model_is_told_when_typing(words: Path, run: RunFolder, studio: Studio) -> None:
    studio("language-models", "import", words)
    studio("language-models", "use", run.path, "words")
    studio("language-models", "remove", "words")
    done = studio("predict", run.path, stdin=b"beijing\n")
    assert done.status == 0
    assert "words, not imported here" in done.err
    assert json.loads(done.out)["candidates"]


def test_attached_ends_with_its_standard_input(run: RunFolder) -> None:
    command = studio_command("tune", str(run.path), "--limit", "50", "--attached", "--json")
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, env=worker_environment(), timeout=100
    )
    assert done.returncode == 130, done.stderr.decode()
    assert not (run.path / fusion.FILE).exists()
