"""Rows from the middle of a source."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from studio.data.errors import Cancelled, DataError
from studio.data.tables import paging
from studio.data.tables.paging import folder, page
from studio.recipe import TableSource


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def source(tmp_path: Path) -> TableSource:
    path = tmp_path / "a.csv"
    lines = ["text,n"] + [f"第{n}行 Word{n % 10},{n}" for n in range(5000)]
    lines[100] = "坏,了,吗"
    path.write_text("\n".join(lines), encoding="gb18030")
    return TableSource(path=str(path))


def numbers(found: paging.Page) -> list[str]:
    return [row.cells[1] for row in found.rows]


def test_the_first_rows_come_without_an_index(source: TableSource) -> None:
    found = page(source, 0, 3)
    assert (numbers(found), found.total, found.columns) == (["0", "1", "2"], -1, ("text", "n"))
    assert not folder().exists()


def test_any_rows(source: TableSource) -> None:
    found = page(source, 4000, 3)
    assert (numbers(found), found.total) == (["4001", "4002", "4003"], 4999)
    assert [row.number for row in found.rows] == [4000, 4001, 4002]
    assert numbers(page(source, 4998, 100)) == ["4999"]
    assert page(source, 9999, 10).rows == ()
    assert page(source, 0, 2).total == 4999
    assert numbers(page(source, 1022, 4)) == ["1023", "1024", "1025", "1026"]


def test_search(source: TableSource) -> None:
    found = page(source, 0, 3, "wORD7")
    assert (numbers(found), found.total) == (["7", "17", "27"], 500)
    assert numbers(page(source, 499, 3, "word7")) == ["4997"]
    assert page(source, 0, 3, "没有").total == 0
    assert numbers(page(source, 0, 3, "第4321行")) == ["4321"]


def test_a_changed_file_is_read_anew(source: TableSource) -> None:
    assert page(source, 4000, 1).total == 4999
    Path(source.path).write_text("text,n\n" + "新,1\n" * 3000, encoding="utf-8")
    assert page(source, 2500, 1).total == 3000


def test_files_with_other_columns_stand_in_one_table(tmp_path: Path) -> None:
    home = tmp_path / "corpus"
    home.mkdir()
    (home / "a.csv").write_text("text,label\n" + "好,1\n" * 3000, encoding="utf-8")
    (home / "b.jsonl").write_text('{"id": 1, "text": "行"}\n' * 10, encoding="utf-8")
    found = page(TableSource(path=str(home)), 2999, 2)
    assert found.columns == ("text", "label", "id")
    assert [(row.cells, row.file) for row in found.rows] == [(("好", "1", ""), 0), (("行", "", "1"), 1)]
    assert found.total == 3010


def test_a_short_source_has_a_total_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("甲\n乙\n", encoding="utf-8")
    assert page(TableSource(path=str(path)), 0, 2).total == 2
    assert page(TableSource(path=str(path)), 5, 2).total == 2


def test_called_off_it_leaves_nothing(source: TableSource) -> None:
    with pytest.raises(Cancelled):
        page(source, 4000, 3, cancelled=lambda: True)
    assert not list(folder().iterdir())


def test_a_damaged_cache_is_made_again(source: TableSource) -> None:
    page(source, 4000, 1)
    (kept,) = folder().iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(DataError, match="damaged"):
        page(source, 4000, 1)
    assert numbers(page(source, 4000, 1)) == ["4001"]


def test_old_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_KEPT", 2)
    for number in range(4):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"行{number}\n" * 3000, encoding="utf-8")
        page(TableSource(path=str(path)), 2990, 1)
        time.sleep(0.02)
    assert len(list(folder().iterdir())) == 2


def test_first_rows_wait_for_no_digest_of_a_large_file(
    source: TableSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "_HASHED_AT_ONCE", 10)
    monkeypatch.setattr(paging, "digest_of", lambda *_: pytest.fail("the whole file was read"))
    assert numbers(page(source, 0, 2)) == ["0", "1"]
