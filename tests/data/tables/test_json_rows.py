"""JSON as rows, whatever it looks like."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.errors import DataError
from studio.data.tables import json_rows
from studio.data.tables.encodings import Encoding
from studio.data.tables.json_rows import from_document, from_lines
from studio.data.tables.problems import Problems
from tests.data.tables.conftest import SENTENCES, Read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def document(text: str, codec: str = "utf-8") -> tuple[list[dict[str, str]], Problems]:
    problems = Problems()
    stream = io.BytesIO(text.encode(codec, "surrogatepass"))
    return [
        cells for _, cells in from_document(stream, Encoding(codec, 1.0, ""), "a.json", problems)
    ], problems


def test_lines(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        {"text": text, "meta": {"doc": {"id": n}}, "tags": ["甲", n], "ok": n > 2}
        for n, text in enumerate(SENTENCES)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8-sig")
    table, found, bad = read(path)
    assert table.names == ("text", "meta.doc.id", "tags", "ok")
    assert found[3] == [SENTENCES[3], "3", '["甲", 3]', "true"]
    assert not bad


def test_bad_lines_are_told_with_their_numbers() -> None:
    bad = [
        "{",
        '"\\ud800"',
        "[" * 100_000,
        "1" * 10_000,
        '{"a": "\\u0000"}',
        json.dumps({str(n): n for n in range(999)}),
    ]
    problems = Problems()
    text = ['{"text": "好"}', *bad, "", '{"text": "行"}']
    found = list(from_lines(iter(list(enumerate(text, start=1))), problems))
    assert [number for number, _ in found] == [1, 9]
    assert [one.line for one in problems.kept] == [2, 3, 4, 5, 6, 7]
    assert all(one.reason for one in problems.kept)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le"])
def test_documents_with_a_list(indent: int | None, codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"text": text, "n": 10 * n} for n, text in enumerate(SENTENCES * 3)]
    expected = [{"text": row["text"], "n": str(row["n"])} for row in rows]
    for block in (1 << 18, 5):
        monkeypatch.setattr(json_rows, "_BLOCK", block)
        for whole in (rows, {"version": "1", "meta": {"data": [1, 2]}, "data": rows, "end": [3]}):
            found, problems = document(json.dumps(whole, ensure_ascii=False, indent=indent), codec)
            assert found == expected
            assert not problems.count


def test_other_documents() -> None:
    assert document('{"text": "好", "n": [1]}')[0] == [{"text": "好", "n": "[1]"}]
    assert document('["好", ["a", 1], null]')[0] == [{"text": "好"}, {"1": "a", "2": "1"}, {"text": ""}]
    assert document(" [] ")[0] == []
    assert document("{}")[0] == [{}]
    assert document("12345678")[0] == [{"text": "12345678"}]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[{"a": 1},\n{"a" 2}]', 2),
        ('[{"a": 1}', 1),
        ('{"a": [{"b": 1}], "c"}', 1),
        ("[1, 2] 3", 1),
        ("[" * 50_000, 1),
        ('[\n\n{"a": "\x01"}]', 3),
        ("[1,]", 1),
    ],
)
def test_a_broken_document_says_where(text: str, line: int) -> None:
    with pytest.raises(DataError, match=rf"a\.json is not JSON from line {line} on") as refused:
        document(text)
    assert "jsonl" in refused.value.remedy


def test_a_document_in_another_encoding_is_refused() -> None:
    with pytest.raises(DataError, match="it is not utf-8"):
        list(from_document(io.BytesIO(b'["\xff"]'), Encoding("utf-8", 1.0, ""), "a.json", Problems()))


def test_an_item_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "LONGEST", 1000)
    monkeypatch.setattr(json_rows, "_BLOCK", 100)
    with pytest.raises(DataError, match="longer than"):
        document(json.dumps(["长" * 5000]))


@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 0]), st.sampled_from([1, 7, 1 << 18]))
def test_documents_and_lines_agree(values: list[Any], indent: int | None, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "_BLOCK", block)
        found, problems = document(json.dumps(values, indent=indent))
    others = Problems()
    numbered = iter(list(enumerate(map(json.dumps, values), start=1)))
    assert found == [cells for _, cells in from_lines(numbered, others)]
    assert problems.count == others.count == len(values) - len(found)


@given(st.text(st.sampled_from('[]{}",:0a\\u\n 1e-.d8中'), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found, _ = document(text)
    except DataError as refused:
        assert "a.json" in refused.message
    else:
        assert all(isinstance(cell, str) for cells in found for cell in cells.values())
    list(from_lines(iter(list(enumerate(text.split("\n"), start=1))), Problems()))


def test_a_column_that_begins_late_is_told(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "好"}\n' * 1500 + '{"text": "行", "label": "晚"}\n', encoding="utf-8")
    table, rows, _ = read(path)
    assert len(rows) == 1501
    assert any("'label'" in note and "1,501" in note for note in table.notes)


def test_json_with_an_object_a_line_is_recognised(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"text": "好"}\n{"text": "行"}\n', encoding="utf-8")
    table, rows, _ = read(path)
    assert (table.format, rows) == ("jsonl", [["好"], ["行"]])
