"""`studio predict`, `studio evaluate` and `studio export`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import tiny
from tests.verbs.conftest import Done, Studio


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_one_line_in_one_object_out(studio: Studio) -> None:
    found = rows(studio("predict", tiny.finished_run().path, stdin=b"jintian\nlao shi\nxi'an\n"))
    assert [row["input"] for row in found] == ["jintian", "lao shi", "xi'an"]
    assert [row["candidates"][0]["text"] for row in found] == ["今天", "老师", "西安"]
    for row in found:
        assert set(row) == {"input", "candidates"}
        assert len(row["candidates"]) == 5
        for candidate in row["candidates"]:
            assert set(candidate) == {"text", "score"}
            assert 0 <= candidate["score"] <= 1


@pytest.mark.parametrize("way", ["standard input", "file"])
def test_odd_lines(way: str, studio: Studio, tmp_path: Path) -> None:
    """A byte order mark, empty lines, line ends of Windows, no line end at the end."""
    content = b"\xef\xbb\xbfjintian\r\n\r\n\n  \nlaoshi,2024"
    (tmp_path / "letters.txt").write_bytes(content)
    source = (tmp_path / "letters.txt") if way == "file" else "-"
    found = rows(studio("predict", tiny.finished_run().path, "--input", source, stdin=content))
    assert [row["input"] for row in found] == ["jintian", "", "", "  ", "laoshi,2024"]
    assert [len(row["candidates"]) for row in found] == [5, 0, 0, 0, 5]
    assert found[0]["candidates"][0]["text"] == "今天"
    assert found[4]["candidates"][0]["text"] == "老师,2024"


def test_nothing_in_nothing_out(studio: Studio) -> None:
    assert rows(studio("predict", tiny.finished_run().path, stdin=b"")) == []


@pytest.mark.parametrize("top_k", [1, 12])
def test_as_many_as_wanted(top_k: int, studio: Studio) -> None:
    (row,) = rows(studio("predict", tiny.finished_run().path, "--top-k", top_k, stdin=b"jintian\n"))
    assert len(row["candidates"]) == top_k


@pytest.mark.parametrize("top_k", ["0", "-1", "many", ""])
def test_impossible_numbers_of_candidates(top_k: str, studio: Studio) -> None:
    done = studio("predict", tiny.finished_run().path, "--top-k", top_k)
    assert done.status == 2
    assert "1 or more" in done.err


def test_runs_checkpoints_and_exports_predict_alike(studio: Studio, tmp_path: Path) -> None:
    run = tiny.finished_run()
    done = studio("export", run.path, tmp_path / "exported")
    assert (done.status, done.out.strip()) == (0, str(tmp_path / "exported"))
    ways = [
        rows(studio("predict", path, stdin=b"jintianlaoshizaibeijing\n"))
        for path in (run.path, run.checkpoint(6), tmp_path / "exported")
    ]
    assert ways[0] == ways[1] == ways[2]


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_what_is_no_model(verb: str, studio: Studio, tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "none", "no folder"),
        (tmp_path, "no run, checkpoint or exported folder"),
    ):
        done = studio(verb, path)
        assert done.status == 2
        assert done.err.startswith("studio: ")
        assert words in done.err
    damaged = shutil.copytree(tiny.finished_run().checkpoint(6), tmp_path / "damaged")
    (Path(damaged) / "model.safetensors").write_bytes(b"short")
    done = studio(verb, damaged, stdin=b"jintian\n")
    assert done.status == 2
    assert "damaged" in done.err
    assert done.out == ""


def test_input_that_cannot_be_read(studio: Studio, tmp_path: Path) -> None:
    run = tiny.finished_run().path
    for source, stdin, words in (
        (tmp_path / "none.txt", b"", "No such file"),
        (tmp_path, b"", "directory"),
        ("-", "今天".encode("gb18030"), "not UTF-8"),
    ):
        done = studio("predict", run, "--input", source, stdin=stdin)
        assert done.status == 2
        assert words in done.err


def test_evaluation_of_the_test_split(studio: Studio) -> None:
    (report,) = rows(studio("evaluate", tiny.finished_run().path))
    assert report["split"] == "test"
    assert 0.5 < report["character_accuracy"] <= 1
    assert set(report) >= {"loss", "sentence_accuracy", "examples", "characters", "step", "sources"}


def test_evaluation_with_typed_sentences(studio: Studio, tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    (plain,) = rows(studio("evaluate", run.path))
    assert "decoded" not in plain
    done = studio("evaluate", run.path, "--decoded", 3)
    (report,) = rows(done)
    assert {key: report[key] for key in plain} == plain
    assert {name: item["sentences"] for name, item in report["decoded"]["sources"].items()} == {
        "ngrams": 3,
        "network": 3,
        "both": 3,
    }
    assert set(report["decoded"]["sources"]["both"]) == {"top1", "top5", "top10", "char", "sentences"}
    assert "3 of 3 sentences typed" in done.err
    kept = json.loads((run.path / "evaluation.json").read_text(encoding="utf-8"))
    assert kept["decoded"] == [report["decoded"]]
    path = tmp_path / "pairs.tsv"
    path.write_text("jin tian\t今天\n", encoding="utf-8")
    (other,) = rows(studio("evaluate", run.path, "--data", path, "--decoded"))
    assert other["decoded"]["sources"]["both"]["top1"] == 1.0
    assert json.loads((run.path / "evaluation.json").read_text(encoding="utf-8")) == kept, (
        "not its test split"
    )


def test_evaluation_of_pairs(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("jin tian\t今天\r\nbroken\r\nxi'an\t西安\r\n", encoding="utf-8-sig")
    (report,) = rows(studio("evaluate", tiny.finished_run().path, "--data", path))
    assert (report["examples"], report["skipped_lines"]) == (2, 1)
    assert report["character_accuracy"] == 1.0


@pytest.mark.parametrize("content", [None, b"", b"\x00\x01", b"no tabs\n", "jin\t今天\n".encode()])
def test_bad_pairs(content: bytes | None, studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    if content is not None:
        path.write_bytes(content)
    done = studio("evaluate", tiny.finished_run().path, "--data", path)
    assert done.status == 2
    assert "pairs.tsv" in done.err
    assert done.out == ""


def test_exports_do_not_overwrite_unasked(studio: Studio, tmp_path: Path) -> None:
    run, target = tiny.finished_run().path, tmp_path / "exported"
    assert studio("export", run, target).status == 0
    done = studio("export", run, target)
    assert done.status == 2
    assert "earlier export" in done.err
    assert studio("export", run, target, "--overwrite").status == 0


def test_output_is_utf_8_whatever_the_system_says(tmp_path: Path) -> None:
    """And whoever reads only the first line of many gets no traceback."""
    (tmp_path / "letters.txt").write_text("jintian\n" * 3000)
    command = [sys.executable, "-m", "studio.cli", "predict", str(tiny.finished_run().path)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*command, "--input", str(tmp_path / "letters.txt")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert json.loads(first.decode("utf-8"))["candidates"][0]["text"] == "今天"
    assert errors == b""
    assert process.returncode == 0
