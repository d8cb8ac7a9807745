"""Parquet files, Arrow files, and data sets as Hugging Face's library saves them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.data.errors import DataError
from studio.data.tables.columnar import count
from studio.data.tables.parts import parts
from studio.data.tables.texts import texts
from studio.recipe import TableSource
from tests.data.tables.conftest import SENTENCES, Read


def table(rows: int = 40) -> Any:
    labels = pa.array([n % 2 for n in range(rows)], pa.int64())
    features = {
        "text": {"dtype": "string", "_type": "Value"},
        "label": {"names": ["负面", "正面"], "_type": "ClassLabel"},
    }
    made = pa.table(
        {
            "text": [f"{SENTENCES[n % 5]}第{n}次" for n in range(rows)],
            "label": labels,
            "meta": [{"doc": n // 4, "day": datetime.date(2020, 1, 1 + n % 9)} for n in range(rows)],
            "words": [["甲", "乙"]] * rows,
            "raw": pa.array([b"ok" if n else b"\xff\xfe" for n in range(rows)], pa.binary()),
        }
    )
    return made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def write(path: Path, form: str) -> None:
    if form == "parquet":
        pq.write_table(table(), path, row_group_size=7)
    elif form == "stream":
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table().schema) as writer:
            writer.write_table(table(), max_chunksize=9)
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table().schema) as writer:
            writer.write_table(table(), max_chunksize=9)


@pytest.mark.parametrize(
    ("form", "name"),
    [("parquet", "a.parquet"), ("stream", "a.arrow"), ("file", "a.arrow"), ("parquet", "b.bin")],
)
def test_rows_as_text(tmp_path: Path, read: Read, form: str, name: str) -> None:
    path = tmp_path / name
    write(path, form)
    found, rows, bad = read(path)
    assert found.names == ("text", "label", "meta.doc", "meta.day", "words", "raw")
    assert rows[5] == [f"{SENTENCES[0]}第5次", "正面", "1", "2020-01-06", '["甲", "乙"]', "ok"]
    assert (len(rows), bad) == (40, [])
    assert [column.role for column in found.columns] == ["text", "label", "group", "date", "", ""]
    if form == "parquet":
        (part,), _ = parts(path)
        assert count(part, "parquet") == 40


def test_a_saved_data_set_with_splits(tmp_path: Path) -> None:
    home = tmp_path / "saved"
    for split in ("test", "train"):
        (home / split).mkdir(parents=True)
        write(home / split / "data-00000-of-00001.arrow", "stream")
        (home / split / "state.json").write_text("{}")
        (home / split / "dataset_info.json").write_text("{}")
    (home / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    found, notes = parts(home)
    assert [part.relative for part in found] == [f"{s}/data-00000-of-00001.arrow" for s in ("test", "train")]
    assert not notes
    got = list(texts(TableSource(path=str(home))))
    assert len(got) == 80
    assert (got[1].label, got[1].text) == ("正面", f"{SENTENCES[1]}第1次")


def test_values_that_are_no_text_are_set_aside(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["好", "坏\0", None, "行"]}), path)
    _, rows, bad = read(path)
    assert rows == [["好"], [""], ["行"]]
    assert [one.line for one in bad] == [2]


@pytest.mark.parametrize("form", ["parquet", "stream", "file"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_are_read_or_refused(
    tmp_path: Path, read: Read, form: str, data: st.DataObject
) -> None:
    path = tmp_path / ("a.parquet" if form == "parquet" else "a.arrow")
    write(path, form)
    raw = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
        raw[place] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    try:
        read(path)
    except DataError as refused:
        assert str(path) in refused.message
        assert refused.remedy


def test_a_text_that_ends_before_it_begins_is_refused(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.arrow"
    offsets = pa.array([0, 600_000_000, 3], pa.int32()).buffers()[1]
    text = pa.StringArray.from_buffers(2, offsets, pa.py_buffer("好".encode()))
    with pa.ipc.new_stream(path, pa.schema([("text", pa.string())])) as stream:
        stream.write_batch(pa.record_batch([text], names=["text"]))
    with pytest.raises(DataError, match=r"a\.arrow"):
        read(path)


def test_a_parquet_file_that_is_none(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"a\.parquet"):
        read(path)
    path.write_text("今天天气很好\n" * 20, encoding="utf-8")
    assert read(path, format="text")[1][0] == ["今天天气很好"]
    with pytest.raises(DataError, match="cannot be read"):
        read(path, format="parquet")
