"""`studio data splits` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.recipe import dump
from tests import tiny, tiny_texts
from tests.verbs.conftest import Studio


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    pass


def test_splits_labels_and_balance(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text(dump(tiny_texts.classification("task.class_weights=balanced")), encoding="utf-8")
    done = studio(
        "data", "splits", recipe, "--set", "data.splits.by=label", "--set", "data.balance.method=over"
    )
    assert done.status == 0
    assert "train " in done.out and "validation " in done.out
    told = json.loads(studio("data", "splits", recipe, "--set", "data.balance.method=under", "--json").out)
    good, bad = told["balance"]
    assert (good["name"], bad["name"]) == ("good", "bad")
    assert good["examples"] > good["epoch"] == pytest.approx(bad["epoch"], abs=2)
    assert good["weight"] == pytest.approx(1, abs=0.05)
    assert sum(split["documents"] for split in told["splits"]) == told["labels"]["total"]


def test_what_cannot_be_divided_is_said(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text(dump(tiny.recipe("data.splits.by=date")), encoding="utf-8")
    done = studio("data", "splits", recipe)
    assert done.status == 2
    assert "cannot be divided by date" in done.err
