"""What is known of documents whatever their splits: read once, then answered from the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio import paths
from studio.data import census
from studio.data.errors import DataError
from studio.data.split_report import SplitReport, split_report
from studio.recipe import Data, TableSource

SENTENCES = (
    "今天天气很好我们去公园",
    "他们昨天在家里看书写字",
    "老师明天要到北京去开会",
    "孩子喜欢和朋友一起唱歌",
)


@pytest.fixture
def rows(tmp_path: Path, fresh_home: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(120):
            text = f"{SENTENCES[number % 4]}{'零一二三四五六七八九'[number % 10]}第{number}" * (
                1 + number % 3
            )
            row = {
                "text": text if number % 7 else SENTENCES[0] * 3,
                "label": "ab"[number % 2],
                "group": f"g{number // 6}",
                "date": f"2024-01-{number % 28 + 1:02}",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def data_of(path: Path, keep_copies: bool = True, split: str = "drawn", **splits: Any) -> Data:
    return Data.model_validate(
        {
            "sources": [TableSource(path=str(path), split=split)],
            "splits": {"validation": 0.2, "test": 0.2, **splits},
            "cleaning": {"deduplicate_documents": not keep_copies},
        }
    )


WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"seed": 7},
    {"validation": 0.1, "test": 0.3},
    {"by": "label"},
    {"by": "date"},
    {"by": "group"},
)


def test_another_division_is_answered_without_reading(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh: list[SplitReport] = []
    for way in WAYS:
        for folder in (paths.cache_home() / "documents").glob("*"):
            (folder / "meta.json").unlink()
        fresh.append(split_report(data_of(rows, **way)))
    assert len({report.splits for report in fresh[:-1]}) == len(WAYS) - 1
    assert fresh[-1] == fresh[0], "every document has a group, which stays together anyhow"
    assert all(finding.examples for report in fresh for finding in report.findings)
    assert any(report.findings for report in fresh)
    monkeypatch.setattr(census, "Reading", lambda *_: pytest.fail("read again"))
    assert [split_report(data_of(rows, **way)) for way in WAYS] == fresh
    whole = split_report(data_of(rows, split="train"))
    assert [split.documents for split in whole.splits][1:] == [0, 0]


def test_other_documents_are_read(rows: Path) -> None:
    before = split_report(data_of(rows))
    without = split_report(data_of(rows, keep_copies=False))
    assert sum(split.documents for split in without.splits) < sum(split.documents for split in before.splits)
    with rows.open("a", encoding="utf-8") as file:
        file.write(
            json.dumps({"text": "多了一行新的文字", "label": "c", "group": "z", "date": "2024-02-01"}) + "\n"
        )
    after = split_report(data_of(rows))
    assert sum(split.documents for split in after.splits) == 121
    assert ("c", 1) in [(name, sum(counts)) for name, counts in after.labels.items]


def test_a_damaged_cache_is_made_again(rows: Path) -> None:
    before = split_report(data_of(rows))
    for name in ("documents.arrow", "relations.npz", "meta.json"):
        (file,) = (paths.cache_home() / "documents").glob(f"*/{name}")
        file.write_bytes(b"nothing")
        assert split_report(data_of(rows)) == before


def test_what_is_wrong_is_said_each_time(rows: Path) -> None:
    rows.write_text("[]\n{}\nno rows\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(DataError, match=r"rows\.jsonl"):
            split_report(data_of(rows))
    assert not list((paths.cache_home() / "documents").glob("*/meta.json"))


def test_half_of_a_surrogate_pair_harms_nothing(rows: Path) -> None:
    import pyarrow as pa

    from studio.data.census import _array

    assert _array(("甲\ud800",), pa.large_string())[0].as_py() == "甲?"


def test_only_the_last_ones_are_kept(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census, "_KEPT", 2)
    data = data_of(rows)
    for most in (3, 4, 5, 6):
        split_report(
            data.model_copy(update={"cleaning": data.cleaning.model_copy(update={"max_length": most * 8})})
        )
    assert len(list((paths.cache_home() / "documents").glob("*/meta.json"))) == 2
