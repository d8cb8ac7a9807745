"""`studio train`, `predict`, `evaluate` and `export` with a model that gives texts their pinyin."""

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


@pytest.mark.parametrize("family", ["transformer_encoder", "recurrent"])
def test_a_run(family: str, studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_tagging.readings(family=family)), encoding="utf-8")
    done = studio("train", recipe, "--run-dir", tmp_path / "run")
    assert done.status == 0, done.err
    run = RunFolder.open(tmp_path / "run")
    assert run.state() == "finished"
    evaluations = [event for event in read_events(run.metrics) if event.type == "evaluation"]
    reported = {*tiny_tagging.readings().task.METRICS, "polyphone_baseline"}
    assert set(evaluations[0].metrics) == reported
    assert evaluations[-1].split == "test"
    sample = next(iter(read_events(run.samples)))
    assert isinstance(sample, Sample) and sample.candidates[0].text


def test_one_line_in_one_object_out(studio: Studio) -> None:
    lines = "他去银行。\n\n😀a\n㐀\n"
    found = rows(studio("predict", tiny_tagging.read().path, stdin=lines.encode()))
    assert [row["input"] for row in found] == lines.splitlines()
    assert found[0] == {"input": "他去银行。", "pinyin": ["ta1", "qu4", "yin2", "hang2", "。"]}
    assert found[1]["pinyin"] == [] and found[2]["pinyin"] == ["😀", "a"]
    assert found[3]["pinyin"] == ["qiu1"] and "does not know 㐀" in found[3]["note"]


def test_exports_predict_alike(studio: Studio, tmp_path: Path) -> None:
    run = tiny_tagging.read().path
    assert studio("export", run, tmp_path / "exported").status == 0
    text = "孩子头发很长，慢慢长大。\n".encode()
    assert rows(studio("predict", run, stdin=text)) == rows(
        studio("predict", tmp_path / "exported", stdin=text)
    )
    card = (tmp_path / "exported" / "README.md").read_text(encoding="utf-8")
    assert "pinyin with tones" in card and "Characters with several readings right" in card


def test_figures(studio: Studio, tmp_path: Path) -> None:
    run = tiny_tagging.read().path
    (report,) = rows(studio("evaluate", run))
    assert report["split"] == "test" and 0 < report["polyphone_baseline"] < 1
    path = tmp_path / "mine.tsv"
    path.write_text("银行\tyin2 hang2\n", encoding="utf-8")
    (own,) = rows(studio("evaluate", run, "--data", path))
    assert (own["examples"], own["syllable_accuracy"]) == (1, 1)
    done = studio("evaluate", run, "--decoded")
    assert done.status == 2 and "pinyin" in done.err


@pytest.mark.parametrize("readings", ["{}", '{"他": "xx"}', "3"])
def test_a_damaged_vocabulary(readings: str, studio: Studio, tmp_path: Path) -> None:
    assert studio("export", tiny_tagging.read().path, tmp_path / "model").status == 0
    path = tmp_path / "model" / "vocabulary.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, "readings": json.loads(readings)}), encoding="utf-8")
    done = studio("predict", tmp_path / "model", stdin="他\n".encode())
    assert done.status == 2 and "damaged" in done.err


def test_estimates(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_tagging.readings("data.splits.seed=23")), encoding="utf-8")
    done = studio("recipe", "estimate", recipe, "--json", "--no-trial")
    assert done.status == 0, done.err
    assert json.loads(done.out)["parameters"] > 0
