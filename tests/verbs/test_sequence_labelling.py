"""`studio train`, `predict`, `evaluate` and `export` with a model that marks words and names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.recipe import dump
from studio.runs.events import Sample
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from tests import tiny_tagging
from tests.verbs.conftest import Done, Studio


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("transformer_encoder", ()),
        ("recurrent", ("task.what=parts_of_speech", "task.scheme=bio", "task.crf=false")),
    ],
)
def test_a_run(family: str, changes: tuple[str, ...], studio: Studio, tmp_path: Path) -> None:
    made = tiny_tagging.labelling(*changes, family=family)
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(made), encoding="utf-8")
    done = studio("train", recipe, "--run-dir", tmp_path / "run")
    assert done.status == 0, done.err
    run = RunFolder.open(tmp_path / "run")
    assert run.state() == "finished"
    evaluations = [event for event in read_events(run.metrics) if event.type == "evaluation"]
    assert set(evaluations[0].metrics) == set(made.task.METRICS)
    assert evaluations[-1].split == "test"
    sample = next(iter(read_events(run.samples)))
    assert isinstance(sample, Sample) and sample.candidates[0].text


def test_one_line_in_one_object_out(studio: Studio) -> None:
    lines = "今天张伟在北京看书。\n\n😀\n"
    found = rows(studio("predict", tiny_tagging.labelled().path, stdin=lines.encode()))
    assert [row["input"] for row in found] == lines.splitlines()
    assert found[0]["spans"] == [
        {"start": 2, "end": 4, "label": "PER", "text": "张伟"},
        {"start": 5, "end": 7, "label": "LOC", "text": "北京"},
    ]
    assert found[1]["spans"] == []


def test_exports_predict_alike(studio: Studio, tmp_path: Path) -> None:
    run = tiny_tagging.labelled().path
    assert studio("export", run, tmp_path / "exported").status == 0
    text = "明天李小明在西安回家。\n".encode()
    assert rows(studio("predict", run, stdin=text)) == rows(
        studio("predict", tmp_path / "exported", stdin=text)
    )
    card = (tmp_path / "exported" / "README.md").read_text(encoding="utf-8")
    assert "parts of speech or names" in card and "F1 of whole words or names" in card


def test_figures(studio: Studio, tmp_path: Path) -> None:
    run = tiny_tagging.labelled().path
    (report,) = rows(studio("evaluate", run))
    assert report["split"] == "test" and report["labels"]["PER"]["spans"] > 0
    path = tmp_path / "mine.txt"
    path.write_text("张/nr  伟/nr  在/p  北京/ns\n", encoding="utf-8")
    (own,) = rows(studio("evaluate", run, "--data", path))
    assert own["examples"] == 1
    done = studio("evaluate", run, "--decoded")
    assert done.status == 2 and "pinyin" in done.err


def test_a_damaged_vocabulary(studio: Studio, tmp_path: Path) -> None:
    assert studio("export", tiny_tagging.labelled().path, tmp_path / "model").status == 0
    path = tmp_path / "model" / "vocabulary.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, "labels": ["PER"]}), encoding="utf-8")
    done = studio("predict", tmp_path / "model", stdin="张\n".encode())
    assert done.status == 2 and "damaged" in done.err


def test_estimates(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_tagging.labelling("data.splits.seed=23")), encoding="utf-8")
    done = studio("recipe", "estimate", recipe, "--json", "--no-trial")
    assert done.status == 0, done.err
    assert json.loads(done.out)["parameters"] > 0
