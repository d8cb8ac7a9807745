"""`studio train`, `predict`, `evaluate` and `export` with a correction."""

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


def test_a_run_from_a_masked_language_model(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_texts.correction("model.width=32")), encoding="utf-8")
    begin = f"training.start_from={json.dumps(str(tiny_texts.filled().path))}"
    done = studio("train", recipe, "--run-dir", tmp_path / "run", "--set", begin)
    assert done.status == 0, done.err
    assert "started from tiny-masked_language_model" in done.err and "detect.weight" in done.err
    run = RunFolder.open(tmp_path / "run")
    evaluations = [event for event in read_events(run.metrics) if isinstance(event, Evaluation)]
    assert set(evaluations[0].metrics) == set(tiny_texts.correction().task.METRICS)
    samples = [event for event in read_events(run.samples) if isinstance(event, Sample)]
    assert samples and all(len(one.candidates[0].text) == len(one.input) for one in samples)


def test_one_line_in_one_object_out(studio: Studio) -> None:
    run = tiny_texts.corrected().path
    lines = ["今夭我们在北京吃饭", "", "x", "😀"]
    found = rows(studio("predict", run, stdin="\n".join(lines).encode() + b"\n"))
    assert [row["input"] for row in found] == lines
    assert all(set(edit) == {"position", "from", "to", "score"} for edit in found[0]["edits"])
    assert all(row["text"] == row["input"] and row["edits"] == [] and "note" in row for row in found[1:])


def test_exports_and_figures(studio: Studio, tmp_path: Path) -> None:
    run = tiny_texts.corrected().path
    assert studio("export", run, tmp_path / "exported", "--weights", "half").status == 0
    assert "Right sentences touched" in (tmp_path / "exported" / "README.md").read_text(encoding="utf-8")
    (row,) = rows(studio("predict", tmp_path / "exported", stdin="今夭我们在北京吃饭\n".encode()))
    assert len(row["text"]) == 9
    (report,) = rows(studio("evaluate", run))
    assert report["split"] == "test" and 0 <= report["false_alarms"] <= 1
    assert rows(studio("evaluate", run)) == [report], "the same errors are made again"
