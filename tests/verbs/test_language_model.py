"""`studio train`, `predict`, `evaluate` and `export` with a language model."""

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


@pytest.mark.parametrize("family", list(tiny_texts.CAUSAL))
def test_a_run(family: str, studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(dump(tiny_texts.language_model(family=family)), encoding="utf-8")
    done = studio("train", recipe, "--run-dir", tmp_path / "run")
    assert done.status == 0, done.err
    run = RunFolder.open(tmp_path / "run")
    evaluations = [event for event in read_events(run.metrics) if isinstance(event, Evaluation)]
    assert set(evaluations[0].metrics) == {
        "validation_loss",
        "perplexity",
        "bits_per_character",
        "network_loss",
    }
    assert evaluations[-1].split == "test"
    losses = [event.metrics["validation_loss"] or 0 for event in evaluations[:-1]]
    assert losses[-1] < losses[0]
    samples = [event for event in read_events(run.samples) if isinstance(event, Sample)]
    assert samples and all(len(one.candidates) >= 1 for one in samples)


def test_one_line_in_one_object_out(studio: Studio) -> None:
    run = tiny_texts.written().path
    found = rows(studio("predict", run, "--length", 8, "--top-k", 3, stdin="今天\n\n😀\n".encode()))
    assert [row["input"] for row in found] == ["今天", "", "😀"]
    for row in found:
        assert 1 <= len(row["candidates"]) <= 3
        assert all(len(one["text"]) <= 8 and 0 < one["score"] <= 1 for one in row["candidates"])
    assert "😀" in found[2]["note"] and "note" not in found[0]


def test_seeds_and_settings(studio: Studio) -> None:
    run = tiny_texts.written().path
    hot = ("predict", run, "--temperature", 3, "--top-p", 1, "--top-k", 1)
    same = [rows(studio(*hot, "--seed", seed, stdin="我们\n".encode())) for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]
    for wrong in (("--temperature", "-1"), ("--top-p", "0"), ("--among", "-2"), ("--length", "99999")):
        done = studio("predict", run, *wrong, stdin=b"x\n")
        assert done.status == 2 and "studio:" in done.err


def test_exports_and_figures(studio: Studio, tmp_path: Path) -> None:
    run = tiny_texts.written().path
    assert studio("export", run, tmp_path / "exported", "--weights", "half").status == 0
    (row,) = rows(studio("predict", tmp_path / "exported", "--temperature", 0, stdin="今天\n".encode()))
    assert row["candidates"][0]["text"]
    assert "Perplexity" in (tmp_path / "exported" / "README.md").read_text(encoding="utf-8")
    (report,) = rows(studio("evaluate", run))
    assert report["split"] == "test" and report["perplexity"] > 1
    path = tmp_path / "mine.txt"
    path.write_text("今天我们在北京吃饭。", encoding="utf-8")
    (own,) = rows(studio("evaluate", run, "--data", path))
    assert own["characters"] == 10
