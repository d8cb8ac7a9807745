"""Items chosen, sorted, paged and exported without a model."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from studio.data.errors import DataError
from studio.inference.appraisal import records
from studio.inference.appraisal.items import Items, export
from studio.inference.appraisal.judge import Decisions, Judged
from studio.inference.appraisal.records import Writer
from studio.runs.appraisal_requests import Wanted

NAMES = ("good", "bad")


def written(path: Path, texts: list[str], wanted: list[int], given: list[int], most: int = 0) -> Path:
    """Items of a classification with two labels; the loss of each is its number, the last has none."""
    items = len(texts)
    which, right = np.array(wanted), np.array(wanted) == np.array(given)
    loss = np.arange(items, dtype=float)
    loss[-1] = np.nan
    judged = Judged(
        example=np.arange(items),
        inputs=texts,
        wanted=[NAMES[one] for one in wanted],
        given=[NAMES[one] for one in given],
        right=right,
        loss=loss,
        confidence=np.linspace(1, 0.5, items),
        counts={"texts": np.ones(items), "right": right, "loss": loss},
        decisions=Decisions(np.arange(items), which, np.array(given)),
        sure=np.ones(items),
        hit=right,
    )
    places = {name: np.arange(items) for name in ("number", "document", "line")}
    with Writer(path, ("texts", "right", "loss"), most or items, few=True) as writer:
        writer.add(judged, {**places, "source": np.zeros(items, np.int64)})
        writer.class_name, writer.sources = NAMES.__getitem__, ("reviews.csv",)
    return path


TEXTS = ["很好", "Great 房间", "太差", "=1+1", "长长长长长长", "无"]


@pytest.fixture
def items(tmp_path: Path) -> Items:
    return Items(written(tmp_path / "items.parquet", TEXTS, [0, 0, 1, 1, 0, 1], [0, 1, 1, 0, 1, 1]))


def numbers(items: Items, wanted: Wanted) -> list[int]:
    return [item.number for item in items.every(wanted)]


def test_choosing_and_sorting(items: Items) -> None:
    assert numbers(items, Wanted()) == [4, 3, 2, 1, 0, 5], "the highest loss first, none at all last"
    assert numbers(items, Wanted(order="confidence")) == [0, 1, 2, 3, 4, 5]
    assert numbers(items, Wanted(order="length"))[:2] == [1, 4]
    assert numbers(items, Wanted(outcome="wrong", order="number")) == [1, 3, 4]
    assert numbers(items, Wanted(outcome="right", order="number")) == [0, 2, 5]
    assert numbers(items, Wanted(class_wanted="good", class_given="bad", order="number")) == [1, 4]
    assert numbers(items, Wanted(class_wanted="good", order="number")) == [0, 1, 4]
    assert numbers(items, Wanted(class_given="bad", outcome="wrong", order="number")) == [1, 4]
    assert numbers(items, Wanted(class_wanted="neither")) == []
    assert numbers(items, Wanted(text="great")) == [1], "capitals do not count"
    assert numbers(items, Wanted(text="good", order="number")) == [0, 1, 3, 4], "answers are searched as well"
    assert numbers(items, Wanted(shortest=3, longest=7, order="number")) == [3, 4]


def test_paging(items: Items) -> None:
    page, total = items.page(Wanted(order="number"), 4, 10)
    assert total == len(items) == 6 and [item.input for item in page] == ["长长长长长长", "无"]
    assert (page[1].loss, page[1].source, page[1].document, page[1].line) == (None, "reviews.csv", 6, 5)
    assert items.page(Wanted(), 100, 10) == ((), 6)


def test_exports(items: Items, tmp_path: Path) -> None:
    target = tmp_path / "items.csv"
    assert export(items, Wanted(order="number"), target) == 6
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["input"] for row in rows] == [*TEXTS[:3], "'=1+1", *TEXTS[4:]], (
        "no spreadsheet reads a formula"
    )
    assert (rows[1]["wanted"], rows[1]["given"], rows[1]["right"], rows[5]["loss"]) == (
        "good",
        "bad",
        "False",
        "",
    )
    assert export(items, Wanted(outcome="wrong"), tmp_path / "wrong.jsonl") == 3
    lines = (tmp_path / "wrong.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["number"] for line in lines] == [4, 3, 1]
    with pytest.raises(DataError, match=r"neither \.csv nor \.jsonl"):
        export(items, Wanted(), tmp_path / "items.txt")
    with pytest.raises(OSError):
        export(items, Wanted(), tmp_path / "nowhere" / "items.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["items.csv", "items.parquet", "wrong.jsonl"]


@pytest.mark.parametrize("content", [b"", b"PAR1 and nothing else"])
def test_damaged_files_are_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"items\.parquet cannot be read"):
        Items(path)


def test_of_very_many_items_two_models_keep_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST", 50)
    texts = [f"text {number}" for number in range(200)]
    sets = []
    for name in ("one", "two"):
        path = written(tmp_path / f"{name}.parquet", texts, [0] * 200, [int(name == "two")] * 200, most=200)
        sets.append({item.input for item in Items(path).every(Wanted())})
    assert sets[0] == sets[1] and 25 < len(sets[0]) < 80


def test_the_same_item_twice_has_two_ids_and_long_texts_are_cut(tmp_path: Path) -> None:
    path = written(tmp_path / "items.parquet", ["同", "同", "长" * 3000], [0, 0, 0], [0, 1, 0])
    table, classes, sources = records.read(path)
    assert len(set(table["id"].to_pylist())) == 3 and classes == {0: "good", 1: "bad"}
    assert sources == ("reviews.csv",)
    assert len(table["input"].to_pylist()[2]) == 2001 and table["length"].to_pylist()[2] == 3000


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Writer(tmp_path / "items.parquet", ("texts",), 1, few=True):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
