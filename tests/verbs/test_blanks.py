"""`studio train`, `predict`, `evaluate` and `export` with a masked language model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.recipe import dump
from studio.runs.events import Evaluation, Sample
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from tests import tiny_texts
from tests.verbs.conftest import Done, Studio


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_run(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_texts.masked("task.next_sentence=true")), encoding="utf-8")
    done = studio("train", recipe, "--run-dir", tmp_path / "run", "--set", 'training.probes=["今[MASK]"]')
    assert done.status == 0, done.err
    run = RunFolder.open(tmp_path / "run")
    evaluations = [event for event in read_events(run.metrics) if isinstance(event, Evaluation)]
    assert set(evaluations[0].metrics) == {"validation_loss", "mask_accuracy", "next_sentence_accuracy"}
    assert evaluations[-1].split == "test"
    samples = [event for event in read_events(run.samples) if isinstance(event, Sample)]
    assert samples and all(len(one.candidates) == 5 for one in samples)


def test_one_line_in_one_object_out(studio: Studio) -> None:
    run = tiny_texts.filled().path
    lines = ["今[MASK]我们", "[MASK]天我[MASK]", "没有", "", "😀[MASK]"]
    found = rows(studio("predict", run, stdin="\n".join(lines).encode() + b"\n"))
    assert [row["input"] for row in found] == lines
    first = found[0]["candidates"]
    assert len(first) == 5 and first[0]["text"] == "天" and 0 < first[0]["score"] <= 1
    assert [one["blank"] for one in found[1]["candidates"]] == [0] * 5 + [1] * 5
    assert found[2]["candidates"] == [] and "[MASK]" in found[2]["note"]
    assert len(found[4]["candidates"]) == 5 and "note" in found[4]


def test_exports_and_figures(studio: Studio, tmp_path: Path) -> None:
    run = tiny_texts.filled().path
    assert studio("export", run, tmp_path / "exported", "--weights", "int8").status == 0
    (row,) = rows(studio("predict", tmp_path / "exported", "--top-k", 2, stdin="今[MASK]\n".encode()))
    assert len(row["candidates"]) == 2
    assert "Masked characters right" in (tmp_path / "exported" / "README.md").read_text(encoding="utf-8")
    (report,) = rows(studio("evaluate", run))
    assert report["split"] == "test" and 0 < report["mask_accuracy"] <= 1
    assert rows(studio("evaluate", run)) == [report], "the same characters are asked for again"
    path = tmp_path / "mine.txt"
    path.write_text("今天我们在北京吃饭。", encoding="utf-8")
    (own,) = rows(studio("evaluate", run, "--data", path))
    assert own["characters"] == 10
