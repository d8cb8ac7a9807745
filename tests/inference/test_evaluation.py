"""Figures of a finished model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from studio.data.errors import DataError
from studio.export.folder import export_folder
from studio.inference.evaluation import evaluate_file, evaluate_split
from studio.inference.opened import open_model
from studio.runs.events import Evaluation
from studio.runs.folder import RunFolder
from studio.runs.journal import read_events
from tests import tiny


def told(run: RunFolder) -> Evaluation:
    return next(e for e in read_events(run.metrics) if isinstance(e, Evaluation) and e.split == "test")


def test_the_test_split_is_measured_as_at_the_end_of_the_run() -> None:
    run = tiny.finished_run()
    report = evaluate_split(open_model(run.path)).report
    event = told(run)
    assert report["examples"] == event.examples
    assert report["step"] == event.step
    assert report["loss"] == pytest.approx(event.metrics["test_loss"])
    assert report["character_accuracy"] == pytest.approx(event.metrics["character_accuracy"])
    assert report["sentence_accuracy"] == pytest.approx(event.metrics["sentence_accuracy"])
    (source,) = report["sources"].values()
    assert source["examples"] == report["examples"]
    assert source["loss"] == pytest.approx(report["loss"])


def test_checkpoints_and_exports_know_their_test_split(tmp_path: Path) -> None:
    run = tiny.finished_run()
    whole = evaluate_split(open_model(run.path)).report
    exported = export_folder(run.path, tmp_path / "exported").path
    for path in (run.checkpoint(6), exported, run.live / "step-000006"):
        report = evaluate_split(open_model(path)).report
        assert report["examples"] == whole["examples"]
        assert report["character_accuracy"] == pytest.approx(whole["character_accuracy"], abs=0.01)


def test_texts_that_changed_are_told(tmp_path: Path) -> None:
    text = tiny.write_text(tmp_path)
    recipe, run = tiny.new_run(tmp_path, "training.max_steps=1", path=text)
    for _ in tiny.training(recipe, run):
        pass
    assert evaluate_split(open_model(run.path)).report["data_changed"] is False
    tiny.write_text(tmp_path, [*tiny.sentences(), "这是后来才加上去的一句话。"])
    assert evaluate_split(open_model(run.path)).report["data_changed"] is True


def test_a_model_without_its_recipe_needs_data(tmp_path: Path) -> None:
    alone = shutil.copytree(tiny.finished_run().checkpoint(6), tmp_path / "a" / "b" / "alone")
    with pytest.raises(DataError, match="--data"):
        evaluate_split(open_model(Path(alone)))


def test_pairs_are_measured(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("jīn tian\t今天\nni hao\t你号\nnot a pair\n\nxi an\t西安\n", encoding="utf-8")
    report = evaluate_file(open_model(tiny.finished_run().path), path).report
    assert report["examples"] == 3
    assert report["characters"] == 6
    assert report["skipped_lines"] == 1
    assert "line 3" in report["problems"][0]
    assert report["data"] == str(path)
    assert 0 < report["sentence_accuracy"] < 1


def test_pairs_of_unknown_characters_are_wrong(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("biang\t𰻝\n", encoding="utf-8")
    report = evaluate_file(open_model(tiny.finished_run().path), path).report
    assert (report["loss"], report["character_accuracy"]) == (None, 0.0)
