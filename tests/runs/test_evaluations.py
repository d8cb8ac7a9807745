"""Evaluations in the run folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.runs import evaluations
from studio.runs.evaluations import Accuracy, Decoded, keep, read

FIRST = Decoded(100, 200, 5, 30, 2000, {"both": Accuracy(0.5, 0.7, 0.8, 0.9, 200)}, at=1.0)


def test_the_newest_comes_first_and_the_same_question_has_one_answer(tmp_path: Path) -> None:
    assert read(tmp_path) == []
    keep(tmp_path, FIRST)
    keep(tmp_path, replace(FIRST, step=200, at=2.0))
    keep(tmp_path, replace(FIRST, characters=2001, at=3.0))
    found = read(tmp_path)
    assert [(item.step, item.at, item.characters) for item in found] == [(100, 3.0, 2001), (200, 2.0, 2000)]
    assert [path.name for path in tmp_path.iterdir()] == [evaluations.FILE], "no temporary file is left"


def test_old_ones_go(tmp_path: Path) -> None:
    for step in range(30):
        keep(tmp_path, replace(FIRST, step=step))
    assert [item.step for item in read(tmp_path)] == list(range(29, 9, -1))


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"format": 2, "decoded": []}', '{"format": 1, "decoded": [1]}']
)
def test_what_is_no_such_file_holds_none_and_is_replaced(content: str, tmp_path: Path) -> None:
    (tmp_path / evaluations.FILE).write_text(content)
    assert read(tmp_path) == []
    keep(tmp_path, FIRST)
    assert (
        json.loads((tmp_path / evaluations.FILE).read_text())["decoded"][0]["sources"]["both"]["top1"] == 0.5
    )
