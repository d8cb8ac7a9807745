"""Excel workbooks, whole and damaged."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.data.errors import DataError
from tests.data.tables.conftest import SENTENCES, Read


def write(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "空"
    sheet = book.create_sheet("数据")
    sheet.append(["内容", "标签", "日期", "分数"])
    for n, text in enumerate(SENTENCES * 6):
        sheet.append([text, "正面" if n % 2 else "负面", datetime.datetime(2020, 1, 1 + n), n / 2])
        if n == 3:
            sheet.append([])
    book.create_sheet("别的").append(["x"])
    book.save(path)


def test_the_first_sheet_with_rows_is_read(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.xlsx"
    write(path)
    table, rows, bad = read(path)
    assert (table.format, table.header, table.names) == ("xlsx", True, ("内容", "标签", "日期", "分数"))
    assert [column.role for column in table.columns] == ["text", "label", "date", ""]
    assert rows[1] == [SENTENCES[1], "正面", "2020-01-02", "0.5"]
    assert rows[2][3] == "1"
    assert (len(rows), bad) == (30, [])
    assert "3 sheets" in table.notes[0]


def test_other_archives_are_no_workbooks(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not a workbook>")
    with pytest.raises(DataError, match="workbook"):
        read(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_workbooks_are_read_or_refused(tmp_path: Path, read: Read, data: st.DataObject) -> None:
    path = tmp_path / "a.xlsx"
    if not (tmp_path / "whole.xlsx").exists():
        write(tmp_path / "whole.xlsx")
    raw = bytearray((tmp_path / "whole.xlsx").read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=8)):
        raw[place] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    try:
        read(path)
    except DataError as refused:
        assert "a.xlsx" in refused.message
