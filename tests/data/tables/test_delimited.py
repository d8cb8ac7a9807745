"""CSV as it should be, and as it is."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.errors import DataError
from studio.data.tables import delimited
from studio.data.tables.delimited import records, sniff
from studio.data.tables.problems import Problems
from tests.data.tables.conftest import SENTENCES, Read

CELL = st.text(st.sampled_from("中文,;\t|\"'\n abc"), max_size=8)


def parse(text: str, delimiter: str = ",") -> tuple[list[list[str]], Problems]:
    problems = Problems()
    numbered = iter(list(enumerate(text.split("\n"), start=1)))
    return [cells for _, cells in records(numbered, delimiter, problems)], problems


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    lines = [(1, delimiter.join(["label", "text", "id"]))]
    lines += [(n + 2, delimiter.join(["好", f"{SENTENCES[n % 5]}", str(n)])) for n in range(20)]
    assert sniff(lines) == (delimiter, 1.0)


def test_prose_has_no_delimiter() -> None:
    assert sniff([(n, text) for n, text in enumerate(SENTENCES * 5)]) == ("", 0.0)


def test_quoted_cells_hold_delimiters_quotes_and_line_ends() -> None:
    found, problems = parse('a,"一,二","说""好"""\nb,"两\n行",c\n\nd,e,f')
    assert found == [["a", "一,二", '说"好"'], ["b", "两\n行", "c"], ["d", "e", "f"]]
    assert not problems.count


def test_a_quote_that_is_never_closed_costs_its_line_alone() -> None:
    text = "\n".join(["a,b", 'x,"没有结束', *[f"{n},行" for n in range(3000)]])
    found, problems = parse(text)
    assert len(found) == 3001
    assert [bad.line for bad in problems.kept] == [2]


def test_text_behind_a_closing_quote_is_set_aside() -> None:
    found, problems = parse('a,b\n"x"y,z\nc,d')
    assert found == [["a", "b"], ["c", "d"]]
    assert [bad.line for bad in problems.kept] == [2]


def test_quotes_inside_plain_cells_are_text() -> None:
    assert parse('他说"好",b')[0] == [['他说"好"', "b"]]


def test_many_open_quotes_take_no_time_beyond_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    real = delimited._cells

    def count(record: str, delimiter: str) -> list[str] | None:
        nonlocal looked
        looked += len(record)
        return real(record, delimiter)

    monkeypatch.setattr(delimited, "_cells", count)
    text = "\n".join(['"没有,结束'] * 4000)
    _, problems = parse(text)
    assert problems.count
    assert looked < 5 * len(text)


@given(
    st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=8),
    st.sampled_from([",", "\t", ";"]),
)
def test_what_python_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    found, problems = parse(text.getvalue().removesuffix("\n"), delimiter)
    assert found == rows
    assert not problems.count


@given(st.text(st.sampled_from('中",;\n\t a'), max_size=80))
def test_no_line_of_broken_csv_is_lost(text: str) -> None:
    problems = Problems()
    numbered = list(enumerate(text.split("\n"), start=1))
    found = list(records(iter(numbered), ",", problems))
    starts = [number for number, _ in found] + [bad.line for bad in problems.kept]
    assert len(starts) == len(set(starts))
    lines = [number for number, line in numbered if line.strip()]
    assert not starts or min(starts) == lines[0]
    spans = sum(1 + sum(cell.count("\n") for cell in cells) for _, cells in found)
    assert spans + problems.count >= len(lines)


def test_files_with_and_without_names(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.csv"
    body = [f"{n},{text},{'正面' if n % 2 else '负面'}" for n, text in enumerate(SENTENCES * 10)]
    path.write_text("\n".join(["id,comment,label", *body]), encoding="gb18030")
    table, rows, bad = read(path)
    assert (table.format, table.delimiter, table.header) == ("csv", ",", True)
    assert table.names == ("id", "comment", "label")
    assert (len(rows), bad) == (50, [])
    path.write_text("\n".join(body), encoding="utf-16")
    table, rows, bad = read(path)
    assert (table.header, table.names, len(rows)) == (False, ("1", "2", "3"), 50)
    assert [column.role for column in table.columns] == ["", "text", "label"]
    assert read(path, header="yes")[0].names == tuple(body[0].split(","))


def test_rows_of_another_width_are_set_aside_with_their_lines(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\n好,1\n太,多,格\n少\n够,2,\n", encoding="utf-8")
    _, rows, bad = read(path)
    assert rows == [["好", "1"], ["够", "2"]]
    assert [(one.line, one.reason) for one in bad] == [
        (3, "it has 3 cells, not 2"),
        (4, "it has 1 cell, not 2"),
    ]


def test_a_text_file_of_tabs_is_a_table(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "train.txt"
    path.write_text("".join(f"体育\t{text}\n财经\t{text}\n" for text in SENTENCES * 10), encoding="utf-8")
    table, rows, _ = read(path)
    assert (table.format, table.header, len(rows)) == ("tsv", False, 100)
    assert [column.role for column in table.columns] == ["label", "text"]
    assert read(path, format="text")[0].names == ("text",)


@pytest.mark.parametrize("delimiter", ["ab", '"', "\n"])
def test_what_is_no_delimiter_is_refused(tmp_path: Path, read: Read, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(DataError, match="no delimiter"):
        read(path, delimiter=delimiter)


def test_a_delimiter_can_be_given(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text:label\n好:1\n", encoding="utf-8")
    assert read(path, delimiter=":", header="yes")[1] == [["好", "1"]]
    path.write_text("text\tlabel\n好\t1\n", encoding="utf-8")
    assert read(path, delimiter="\\t", header="yes")[1] == [["好", "1"]]
