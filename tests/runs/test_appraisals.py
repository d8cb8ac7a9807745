"""Evaluations item by item, kept in a run's folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.runs import appraisals
from studio.runs.appraisals import Appraisal, Bin, Calibration, ClassFigures, Confused, Figure

MADE = Appraisal(
    task="text_classification",
    step=30,
    split="test",
    limit=0,
    items=39,
    kept=39,
    documents=12,
    figures={"accuracy": Figure(0.9, 0.8, 0.95), "loss": Figure(None)},
    sources={"一": {"accuracy": 0.9, "loss": None}},
    class_kind="label",
    classes=(ClassFigures("好", 20, 19, Figure(0.9), Figure(0.8), Figure(0.85, 0.7, 0.9)),),
    every_class=2,
    confusion=(Confused("好", "", 2),),
    calibration=Calibration(0.1, 39, (Bin(0.8, 1.0, 39, 0.9, 0.8),)),
    level=0.95,
    replicates=1000,
    data="abc",
    records="step-000030-test.parquet",
    at=1.0,
)


def keep(run: Path, made: Appraisal) -> Path:
    (run / appraisals.FOLDER).mkdir(exist_ok=True)
    appraisals.records_of(run, made).write_bytes(b"items")
    appraisals.keep(run, made)
    return run / appraisals.FOLDER / f"{appraisals.stem(made.step, made.split)}.json"


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    assert appraisals.read(tmp_path) == []
    path = keep(tmp_path, MADE)
    other = replace(MADE, split="validation", records="step-000030-validation.parquet", at=2.0)
    keep(tmp_path, other)
    assert appraisals.read(tmp_path) == [other, MADE], "the newest first"
    assert appraisals.read_file(path) == MADE
    keep(tmp_path, replace(MADE, limit=5, at=3.0))
    assert [one.limit for one in appraisals.read(tmp_path)] == [5, 0], (
        "of one step and split the newest alone"
    )


def test_figures_whose_items_are_gone_are_not_shown(tmp_path: Path) -> None:
    path = keep(tmp_path, MADE)
    appraisals.records_of(tmp_path, MADE).unlink()
    assert appraisals.read_file(path) is None and appraisals.read(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda values: {**values, "format": 99},
        lambda values: {**values, "items": "many"},
        lambda values: {**values, "records": "../../recipe.toml"},
        lambda values: [values],
        str,
    ],
)
def test_files_that_are_none_of_ours_are_left_out(change: Any, tmp_path: Path) -> None:
    path = keep(tmp_path, MADE)
    (tmp_path / "recipe.toml").write_text("", encoding="utf-8")
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    assert appraisals.read(tmp_path) == []
    path.write_bytes(b"\xff{")
    assert appraisals.read(tmp_path) == []


def test_the_oldest_go_with_their_items(tmp_path: Path) -> None:
    for step in range(15):
        keep(tmp_path, replace(MADE, step=step, records=f"step-{step:06d}-test.parquet", at=float(step)))
    kept = appraisals.read(tmp_path)
    assert [one.step for one in kept] == list(range(14, 2, -1))
    files = sorted(path.name for path in (tmp_path / appraisals.FOLDER).iterdir())
    assert len(files) == 24 and files[0] == "step-000003-test.json"
