"""`studio train`, `predict`, `evaluate` and `export` with a classifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.recipe import dump
from studio.runs.events import Sample
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from tests import tiny, tiny_texts
from tests.verbs.conftest import Done, Studio


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("family", ["text_cnn", "transformer_encoder", "recurrent"])
def test_a_run(family: str, studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_texts.classification(family=family)), encoding="utf-8")
    done = studio("train", recipe, "--run-dir", tmp_path / "run")
    assert done.status == 0, done.err
    run = RunFolder.open(tmp_path / "run")
    assert run.state() == "finished"
    seen = list(read_events(run.metrics))
    evaluations = [event for event in seen if event.type == "evaluation"]
    assert set(evaluations[0].metrics) == set(tiny_texts.classification().task.METRICS)
    assert evaluations[-1].split == "test"
    samples = list(read_events(run.samples))
    assert isinstance(samples[0], Sample)
    assert {candidate.text for candidate in samples[0].candidates} == {"good", "bad"}


def test_one_line_in_one_object_out(studio: Studio) -> None:
    lines = "服务很好\n\n声音太糟糕\n😀\n"
    found = rows(studio("predict", tiny_texts.classified().path, stdin=lines.encode()))
    assert [row["input"] for row in found] == lines.splitlines()
    assert [row["label"] for row in found] == ["good", None, "bad", None]
    assert set(found[0]) == {"input", "label", "scores"}
    assert sum(found[0]["scores"].values()) == pytest.approx(1)
    assert [bool(row["scores"]) for row in found] == [True, False, True, False]
    assert "empty" in found[1]["note"]


def test_scores_are_of_all_labels(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "levels.tsv"
    levels = [f"{place % 7}\t第{place}句{thing}" for place, thing in enumerate(tiny.sentences())]
    file.write_text("\n".join(levels) + "\n", encoding="utf-8")
    run = tiny_texts.run_of(tiny_texts.classification("training.max_steps=2", path=file), tmp_path)
    (row,) = rows(studio("predict", run.path, stdin="我们今天在家里\n".encode()))
    assert set(row["scores"]) == set("0123456") and sum(row["scores"].values()) == pytest.approx(1)
    (row,) = rows(studio("predict", run.path, "--top-k", 2, stdin="我们今天在家里\n".encode()))
    assert len(row["scores"]) == 2 and row["label"] == next(iter(row["scores"]))


def test_exports_predict_alike(studio: Studio, tmp_path: Path) -> None:
    run = tiny_texts.classified().path
    assert studio("export", run, tmp_path / "exported").status == 0
    text = "房间讨厌，朋友也这么说。\n".encode()
    assert rows(studio("predict", run, stdin=text)) == rows(
        studio("predict", tmp_path / "exported", stdin=text)
    )
    card = (tmp_path / "exported" / "README.md").read_text(encoding="utf-8")
    assert "which of some labels" in card and "Texts right" in card
    refused = studio("export", run, tmp_path / "other", "--fused")
    assert refused.status == 2 and "no n-grams" in refused.err
    assert not (tmp_path / "other").exists()


def test_figures(studio: Studio, tmp_path: Path) -> None:
    run = tiny_texts.classified().path
    (report,) = rows(studio("evaluate", run))
    assert report["split"] == "test"
    path = tmp_path / "mine.tsv"
    path.write_text("good\t包装很好\nbad\t包装很差\nodd\t包装\nno tab\n", encoding="utf-8")
    (own,) = rows(studio("evaluate", run, "--data", path))
    assert (own["examples"], own["skipped_lines"], own["unknown_labels"]) == (2, 1, 1)
    path.write_text("nothing\n", encoding="utf-8")
    done = studio("evaluate", run, "--data", path)
    assert done.status == 2 and "label<TAB>text" in done.err
    done = studio("evaluate", run, "--decoded")
    assert done.status == 2 and "pinyin" in done.err


def test_a_damaged_vocabulary(studio: Studio, tmp_path: Path) -> None:
    run = tiny_texts.copied(tiny_texts.classified(), tmp_path)
    best = run.checkpoint(run.read_index().best)
    (best / "vocabulary.json").write_text('{"format": 1, "symbols": []}', encoding="utf-8")
    done = studio("predict", best, stdin=b"x\n")
    assert done.status == 2 and "damaged" in done.err


def test_estimates(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_texts.classification("data.splits.seed=23")), encoding="utf-8")
    done = studio("recipe", "estimate", recipe, "--json", "--no-trial")
    assert done.status == 0, done.err
    assert json.loads(done.out)["parameters"] > 0
