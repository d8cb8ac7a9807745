"""What is told of a source before anything is learnt from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from studio.data.errors import Cancelled, DataError
from studio.data.tables import contents, mapping
from studio.data.tables.inspection import inspect
from studio.language.text import hanzi_only
from studio.recipe import TableSource
from tests.data.tables.conftest import SENTENCES


def source(path: Path, **fields: object) -> TableSource:
    return TableSource.model_validate({"path": str(path), **fields})


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    lines = [f"{text},{'甲' if n % 4 else '乙'}" for n, text in enumerate(SENTENCES * 500)]
    lines[7] = "坏,了,吗"
    lines[9] = "颱風來了〇𠮷㐂,丙"
    path.write_bytes("\n".join(["text,label", *lines]).encode() + b"\n\xff\xff,x\n,y\n")
    return path


def test_everything_is_counted(table: Path) -> None:
    (file,) = inspect(source(table), rows=3).files
    found = file.contents
    texts = [text for n, text in enumerate(SENTENCES * 500) if n not in (7, 9)] + ["颱風來了〇𠮷㐂"]
    joined = "".join(texts)
    assert (found.rows, found.empty, file.set_aside, file.complete) == (2500, 1, 2, True)
    assert [bad.line for bad in file.bad_lines] == [9, 2502]
    assert found.characters == len(joined)
    assert found.hanzi == len(hanzi_only(joined))
    assert found.character_types == len(set(hanzi_only(joined)))
    assert sum(one.count for one in found.lengths) == 2499
    for one in found.lengths:
        assert one.count == sum(one.shortest <= len(text) <= one.longest for text in texts)
    assert {one.name: one.count for one in found.labels} == Counter(
        "甲" if n % 4 else "乙" for n in range(2500) if n not in (7, 9)
    ) | {"丙": 1, "y": 1}
    assert found.distinct_labels == 4
    assert {"颱", "風", "來", "𠮷"} <= {one.name for one in found.outside_gb2312}
    assert found.word_tokens >= found.word_types > 10
    assert found.word_characters == found.characters
    assert [row.number for row in file.preview] == [0, 1, 2]
    assert file.preview[0].cells == (SENTENCES[0], "乙")


def test_the_beginning_alone(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = inspect(source(table), whole=False).files
    assert (file.contents.rows, file.complete) == (mapping.SAMPLE, False)
    short = table.with_name("b.txt")
    short.write_text("今天天气很好\n", encoding="utf-8")
    (file,) = inspect(source(short), whole=False).files
    assert (file.contents.rows, file.complete) == (1, True)


def test_of_large_files_words_are_counted_in_an_even_sample(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "_WORD_CHARACTERS", 3000)
    found = inspect(source(table)).files[0].contents
    assert 1500 < found.word_characters <= 6100
    assert found.rows == 2500
    assert len({one.name for one in found.words} & {"今天", "早餐", "物流", "服务态度", "非常"}) >= 4


def test_labels_without_end_do_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "_MOST_LABELS", 50)
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "".join(f"好,{n}\n" for n in range(200)), encoding="utf-8")
    found = inspect(source(path)).files[0].contents
    assert found.distinct_labels == 50
    assert found.rows == 200


def test_a_folder_tells_each_file_and_those_that_cannot_be_read(tmp_path: Path) -> None:
    home = tmp_path / "corpus"
    home.mkdir()
    (home / "a.txt").write_text("今天天气很好\n", encoding="utf-8")
    (home / "b.parquet").write_bytes(b"PAR1 damaged")
    (home / "c.csv").write_text("text,label\n好,1\n", encoding="utf-8")
    asked: list[tuple[int, int]] = []
    found = inspect(source(home), progress=lambda done, total: asked.append((done, total)))
    assert [Path(file.name).name for file in found.files] == ["a.txt", "c.csv"]
    assert asked == [(0, 3), (1, 3), (2, 3)]
    assert "b.parquet" in found.problems[0]
    assert found.rows == 2


def test_a_file_that_breaks_in_the_middle_shows_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" + '{"text": "今天天气很好"},\n' * 3000 + "{broken]", encoding="utf-8")
    (file,) = inspect(source(path)).files
    assert (file.contents.rows, file.complete) == (3000, False)
    assert "line 3001" in file.notes[-1]


def test_it_can_be_called_off(table: Path) -> None:
    with pytest.raises(Cancelled):
        inspect(source(table), cancelled=lambda: True)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"")
    with pytest.raises(DataError, match="empty"):
        inspect(source(path))
