"""`studio train`, `predict`, `evaluate` and `export` with a sequence-to-sequence task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.recipe import dump
from studio.runs.events import Evaluation, Sample
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from tests import tiny_texts
from tests.verbs.conftest import Done, Studio


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_one_line_in_one_object_out(studio: Studio) -> None:
    run = tiny_texts.translated().path
    lines = ["今天我们吃饭。", "", "😀", "明天他们看书！老师唱歌。"]
    found = rows(studio("predict", run, "--top-k", 2, stdin="\n".join(lines).encode() + b"\n"))
    assert [row["input"] for row in found] == lines
    assert [len(row["candidates"]) for row in found] == [2, 0, 2, 1]
    assert (
        found[0]["candidates"][0]["text"] == "we eat today." and 0 < found[0]["candidates"][0]["score"] <= 1
    )
    assert ["note" in row for row in found] == [False, True, True, False]


def test_exports_and_figures(studio: Studio, tmp_path: Path) -> None:
    run = tiny_texts.translated().path
    assert studio("export", run, tmp_path / "exported", "--weights", "half").status == 0
    card = (tmp_path / "exported" / "README.md").read_text(encoding="utf-8")
    assert "BLEU of sacrebleu" in card and "a text for a text" in card
    (row,) = rows(studio("predict", tmp_path / "exported", stdin="今天我们吃饭。\n".encode()))
    assert row["candidates"][0]["text"] == "we eat today."
    (report,) = rows(studio("evaluate", run))
    assert report["split"] == "test" and report["exact_match"] == 1 and report["bleu"] == pytest.approx(1)
    path = tmp_path / "more.tsv"
    path.write_text("今天我们吃饭。\twe eat today.\n今天我们唱歌。\tsomething else\nx\n", encoding="utf-8")
    (report,) = rows(studio("evaluate", run, "--data", path))
    assert report["examples"] == 2 and report["exact_match"] == 0.5 and report["skipped_lines"] == 1
    path.write_text("nothing here\n", encoding="utf-8")
    refused = studio("evaluate", run, "--data", path)
    assert refused.status == 2 and "with a tab between them" in refused.err


def test_a_bad_recipe_says_what_would_be_right(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "bad.toml"
    recipe.write_text(
        '[task]\nname = "sequence_to_sequence"\n[data]\nsources = [{ kind = "builtin", name = "reviews" }]\n',
        encoding="utf-8",
    )
    refused = studio("recipe", "check", recipe)
    assert refused.status == 2 and "two columns of text" in refused.err + refused.out
    wrong = ("task.shared=true", "task.vocabulary.source=/x", "model.family=text_cnn")
    for setting in wrong:
        refused = studio("train", "translation-lstm", "--set", setting)
        assert refused.status == 2, setting


@pytest.mark.slow
@pytest.mark.parametrize("family", tiny_texts.WRITERS)
def test_from_end_to_end(family: str, studio: Studio, tmp_path: Path) -> None:
    steps = ("training.max_steps=160", "training.evaluate_every=80", "training.checkpoint_every=80")
    sizes = ("model.width=32", "training.token_budget=1024")
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_texts.translation(*steps, *sizes, family=family)), encoding="utf-8")
    done = studio("train", recipe, "--run-dir", tmp_path / "run")
    assert done.status == 0, done.err
    run = RunFolder.open(tmp_path / "run")
    evaluations = [event for event in read_events(run.metrics) if isinstance(event, Evaluation)]
    assert set(evaluations[0].metrics) == set(tiny_texts.translation().task.METRICS)
    assert evaluations[-1].metrics["exact_match"] == 1
    assert any(isinstance(event, Sample) and event.candidates for event in read_events(run.samples))
    (row,) = rows(studio("predict", tmp_path / "run", stdin="明天老师看书！\n".encode()))
    assert row["candidates"][0]["text"] == "the teacher read tomorrow!"
