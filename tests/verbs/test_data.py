"""`studio data inspect`: for people, and as one JSON object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.verbs.conftest import Studio


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "评论.csv"
    rows = [f"这家酒店的房间{'很好' if n % 2 else '不好'}，已经来了{n}次,{n % 2}" for n in range(60)]
    path.write_text("\n".join(["comment,label", *rows, "坏,了,吗"]), encoding="gb18030")
    return path


def test_for_people(studio: Studio, table: Path) -> None:
    done = studio("data", "inspect", str(table), "--rows", "1")
    assert done.status == 0
    for words in (
        "format     csv, cells between ',', names in the first row",
        "encoding   gb18030",
        "comment: text",
        "-> text (its name)",
        "labels     2: 0 30, 1 30",
        "set aside  1 line",
        "line 62: it has 3 cells, not 2",
        "酒店",
    ):
        assert words in done.out
    assert done.out.count("已经来了") == 1


def test_as_json(studio: Studio, table: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.txt"
    other.write_text("今天天气很好\n", encoding="utf-8")
    done = studio("data", "inspect", str(table), str(other), "--json")
    assert (done.status, done.err) == (0, "")
    first, second = json.loads(done.out)["sources"]
    assert first["files"][0]["encoding"] == "gb18030"
    assert first["files"][0]["contents"]["rows"] == 60
    assert first["files"][0]["bad_lines"] == [{"line": 62, "reason": "it has 3 cells, not 2"}]
    assert second["files"][0]["contents"]["hanzi"] == 6


def test_what_cannot_be_read_does_not_keep_the_others_back(
    studio: Studio, table: Path, tmp_path: Path
) -> None:
    done = studio("data", "inspect", str(tmp_path / "none.csv"), str(table), "--json")
    assert done.status == 2
    assert "no file" in done.err
    broken, whole = json.loads(done.out)["sources"]
    assert "no file" in broken["error"] and broken["remedy"]
    assert whole["files"][0]["contents"]["rows"] == 60


def test_it_can_be_read_differently(studio: Studio, table: Path) -> None:
    options = ["--set", "text=label", "--set", "header=no", "--set", "label=-", "--set", "encoding=gbk"]
    done = studio("data", "inspect", str(table), "--json", *options)
    assert done.status == 2
    assert "has no column 'label'" in done.err
    done = studio("data", "inspect", str(table), "--json", "--set", "text=2", "--set", "header=no")
    columns = json.loads(done.out)["sources"][0]["files"][0]["columns"]
    assert [column["role"] for column in columns] == ["target", "text"]  # the other column of texts


@pytest.mark.parametrize("option", ["nonsense", "txt=a", "format=doc", "most=-1"])
def test_a_wrong_option_is_refused(studio: Studio, table: Path, option: str) -> None:
    done = studio("data", "inspect", str(table), "--set", option)
    assert done.status == 2
    assert "--set" in done.err
