"""`studio evaluate` item by item, and `studio compare`."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from studio.runs.folder import RunFolder
from tests import tiny, tiny_texts
from tests.verbs.conftest import Done, Studio


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A classifier that has hardly learnt anything, from the same texts as the other."""
    few = ("training.max_steps=2", "training.evaluate_every=2", "training.checkpoint_every=2")
    return tiny_texts.run_of(tiny_texts.classification(*few), tmp_path_factory.mktemp("weak"))


def report(done: Done) -> dict[str, Any]:
    assert done.status == 0, done.err
    (line,) = done.out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_figures_have_intervals_and_the_table_is_for_people(studio: Studio, weak: RunFolder) -> None:
    done = studio("evaluate", weak.path)
    found = report(done)
    low, high = found["intervals"]["accuracy"]
    assert 0 <= low < found["accuracy"] < high <= 1
    assert found["resampled"]["replicates"] == 1000 and found["resampled"]["units"] == found["examples"]
    assert found["calibration"]["decisions"] == found["items"] == found["examples"]
    assert {one["name"]: one["wanted"] for one in found["classes"]} == {
        label: one["examples"] for label, one in found["labels"].items()
    }
    assert f"{found['accuracy']:.4f} [{low:.4f}, {high:.4f}]" in done.err
    assert "expected calibration error" in done.err
    again = studio("evaluate", weak.path, "--json")
    assert report(again) == found, "the same is drawn again"
    assert again.err == ""


def test_a_part_of_the_other_split(studio: Studio, weak: RunFolder) -> None:
    found = report(studio("evaluate", weak.path, "--split", "validation", "--limit", 7))
    assert (found["split"], found["examples"]) == ("validation", 7)
    assert studio("evaluate", weak.path, "--split", "train").status == 2
    assert studio("evaluate", weak.path, "--limit", 0).status == 2


def test_every_item_in_a_file(studio: Studio, weak: RunFolder, tmp_path: Path) -> None:
    done = studio("evaluate", weak.path, "--items", tmp_path / "items.csv")
    found = report(done)
    with (tmp_path / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found["examples"]
    assert sum(row["right"] == "True" for row in rows) / len(rows) == pytest.approx(found["accuracy"])
    assert all(row["source"] == "labelled.tsv" and int(row["line"]) > 0 for row in rows)
    mine = tmp_path / "mine.tsv"
    mine.write_text("good\t包装很好\nbad\t包装很差\n", encoding="utf-8")
    report(studio("evaluate", weak.path, "--data", mine, "--items", tmp_path / "mine.jsonl"))
    lines = (tmp_path / "mine.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["input"] for line in lines] == ["包装很好", "包装很差"]
    assert not (weak.path / "evaluation" / "mine.parquet").exists()
    refused = studio("evaluate", weak.path, "--items", tmp_path / "items.xlsx")
    assert refused.status == 2 and ".jsonl" in refused.err and refused.out == ""


def test_two_models_of_the_same_texts(studio: Studio, weak: RunFolder) -> None:
    strong = tiny_texts.classified().path
    done = studio("compare", strong, weak.path, "--examples", 3)
    found = report(done)
    test = found["test"]
    assert found["shared"] == test["first"] + test["second"] + found["both_right"] + found["both_wrong"]
    assert test["first"] > test["second"] and test["p"] < 0.05 and test["kind"] == "exact"
    first, second, gap = found["figures"]["accuracy"]
    assert gap["value"] == pytest.approx(second["value"] - first["value"])
    assert gap["low"] <= gap["value"] <= gap["high"] < 0, "surely worse"
    assert first["value"] == pytest.approx(report(studio("evaluate", strong))["accuracy"])
    assert {"macro_f1", "loss"} <= set(found["figures"])
    assert len(found["only_first"]) == 3
    for pair in found["only_first"]:
        assert pair["first"] == pair["wanted"] != pair["second"]
    assert "McNemar's test, exact" in done.err and "right with A alone" in done.err
    swapped = report(studio("compare", weak.path, strong, "--json"))
    assert swapped["test"]["p"] == test["p"] and swapped["test"]["first"] == test["second"]


def test_a_model_beside_itself(studio: Studio, weak: RunFolder) -> None:
    found = report(studio("compare", weak.path, weak.path))
    assert found["test"]["p"] == 1.0 and found["only_first"] == found["only_second"] == []
    assert all(gap == {"value": 0.0, "low": 0.0, "high": 0.0} for _, _, gap in found["figures"].values())


def test_a_file_that_both_are_judged_on(studio: Studio, weak: RunFolder, tmp_path: Path) -> None:
    mine = tmp_path / "mine.tsv"
    mine.write_text("good\t包装很好\nbad\t包装很差\nbad\t早餐太糟糕\n", encoding="utf-8")
    found = report(studio("compare", tiny_texts.classified().path, weak.path, "--data", mine))
    assert found["shared"] == 3 and found["split"] == "mine.tsv"


def test_what_of_a_file_was_not_judged_is_told(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "texts.tsv"
    file.write_text("good\t服务很好\nneutral\t还行\n没有\n没有\n", encoding="utf-8")
    done = studio("evaluate", tiny_texts.classified().path, "--data", file)
    found = report(done)
    assert (found["examples"], found["skipped_lines"], found["unknown_labels"]) == (1, 2, 1)
    assert "left out: 2 lines of another form" in done.err
    assert "left out: 1 example whose label the model does not know" in done.err
    assert "left out" not in studio("evaluate", tiny_texts.classified().path).err


def test_models_that_cannot_be_compared(studio: Studio, weak: RunFolder, tmp_path: Path) -> None:
    other = studio("compare", weak.path, tiny.finished_run().path)
    assert other.status == 2 and "one task" in other.err and other.out == ""
    few = ("training.max_steps=1", "training.evaluate_every=1", "training.checkpoint_every=1")
    path = tmp_path / "other.tsv"
    lines = [line.replace("，", "，而且") for line in tiny_texts.labelled_lines() if "，" in line]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = tiny_texts.run_of(tiny_texts.classification(*few, path=path), tmp_path)
    apart = studio("compare", weak.path, run.path)
    assert apart.status == 2 and "share no item" in apart.err and "--data" in apart.err


def test_models_whose_splits_overlap_in_part(studio: Studio, weak: RunFolder, tmp_path: Path) -> None:
    few = ("training.max_steps=1", "training.evaluate_every=1", "training.checkpoint_every=1")
    run = tiny_texts.run_of(
        tiny_texts.classification(*few, "data.splits.seed=5", "data.splits.test=0.4"), tmp_path
    )
    found = report(done := studio("compare", weak.path, run.path))
    assert found["shared"] > 0 and found["alone"][1] > 0
    assert f"{found['alone'][1]:,} only the second" in done.err


def test_running_text_is_compared_by_its_loss(studio: Studio, tmp_path: Path) -> None:
    strong = tiny_texts.written()
    few = (
        "training.max_steps=2",
        "training.evaluate_every=2",
        "training.checkpoint_every=2",
        "model.width=32",
    )
    other = tiny_texts.run_of(tiny_texts.language_model(*few), tmp_path)
    done = studio("compare", strong.path, other.path, "--examples", 1)
    found = report(done)
    assert (
        found["test"]["by"] == "loss" and found["test"]["first"] + found["test"]["second"] == found["shared"]
    )
    assert "sign test" in done.err and found["both_right"] == 0
    (pair,) = found["only_first"]
    assert pair["first_loss"] < pair["second_loss"]


def test_items_of_other_data_are_not_taken_for_those_of_now(studio: Studio, tmp_path: Path) -> None:
    """An evaluation that is kept is made anew once the texts have changed."""
    path = tmp_path / "labelled.tsv"
    shutil.copy(tiny_texts.labelled(), path)
    few = ("training.max_steps=2", "training.evaluate_every=2", "training.checkpoint_every=2")
    run = tiny_texts.run_of(tiny_texts.classification(*few, path=path), tmp_path)
    before = report(studio("compare", run.path, run.path))["shared"]
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line + "真的" for line in lines[::3]) + "\n", encoding="utf-8")
    done = studio("compare", run.path, run.path)
    assert report(done)["shared"] != before and "evaluating" in done.err
