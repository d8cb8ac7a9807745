"""Tables in a recipe: their rows as documents, groups kept together, what was set aside told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.data import cache
from studio.data.corpus import read_corpus
from studio.data.doctor.examine import examine
from studio.data.errors import DataError
from studio.data.finding import find_example
from studio.data.fingerprint import fingerprint
from studio.data.prepare import prepare
from studio.data.preview import preview
from studio.data.sources import documents, locate
from studio.data.splits import NAMES
from studio.recipe import Data, TableSource
from studio.recipe.task import MaskedLanguageModel, TextClassification
from tests.data.conftest import lines


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Texts in groups of five rows; a row is broken, one has no text."""
    path = tmp_path / "texts.csv"
    rows = [f'"{text}",{"长" if n % 2 else "短"},{n // 5}' for n, text in enumerate(lines(300))]
    path.write_text("\n".join(["text,label,doc_id", *rows, "坏,行", ",短,1"]), encoding="gb18030")
    return path


def data_of(*sources: TableSource) -> Data:
    return Data.model_validate({"sources": sources, "splits": {"validation": 0.15, "test": 0.15}})


def read(data: Data) -> tuple[list[str], list[str], list[str]]:
    corpus = read_corpus(data, [locate(source) for source in data.sources], lambda _: None)
    return (
        [document.group for document in corpus.documents],
        [NAMES[split] for split in corpus.split],
        corpus.notes,
    )


def test_rows_are_documents(table: Path) -> None:
    found = list(documents(TableSource(path=str(table)), 4))
    assert len(found) == 300
    assert found[7].id == "texts.csv/7"
    assert (found[7].text, found[7].label, found[7].group, found[7].source) == (lines(8)[7], "长", "1", 4)


def test_groups_are_never_divided(table: Path) -> None:
    groups, splits, notes = read(data_of(TableSource(path=str(table))))
    assert {len({s for g, s in zip(groups, splits, strict=True) if g == group}) for group in groups} == {1}
    assert set(splits) == {"train", "validation", "test"}
    assert any("1 line set aside (line 302: it has 2 cells, not 3)" in note for note in notes)
    alone, apart, _ = read(data_of(TableSource(path=str(table), group="-")))
    assert set(alone) == {""}
    assert len({s for n, s in enumerate(apart) if n // 5 == 3 or n // 5 == 4 or n // 5 == 5}) > 1


def test_prepared_and_previewed(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    data = data_of(TableSource(path=str(table), licence="CC0-1.0"))
    dataset = prepare(data)
    assert dataset.sources[0].licence == "CC0-1.0"
    assert dataset.sources[0].documents == 300
    assert len(dataset.train) > 200
    assert any("set aside" in note for note in dataset.notes)
    shown = preview(data, 5)
    assert shown.rows[0].raw == lines(1)[0]
    assert any("line 302" in note for note in shown.notes)
    assert preview(data, 4).notes == shown.notes


def test_the_same_rows_make_the_same_examples_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    import pyarrow as pa
    import pyarrow.parquet as pq

    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    texts = lines(200)
    (tmp_path / "a.txt").write_text("\n".join(texts), encoding="utf-16")
    (tmp_path / "a.jsonl").write_text(
        "\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8"
    )
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    made = [
        prepare(data_of(TableSource(path=str(tmp_path / f"a.{end}")))) for end in ("txt", "jsonl", "parquet")
    ]
    for other in made[1:]:
        np.testing.assert_array_equal(made[0].train.text, other.train.text)
        np.testing.assert_array_equal(made[0].test.syllables, other.test.syllables)
    assert len({one.fingerprint for one in made}) == 3


def test_the_fingerprint_knows_files_names_and_how_they_are_read(tmp_path: Path) -> None:
    home = tmp_path / "corpus"
    home.mkdir()
    (home / "a.txt").write_text("今天天气很好\n", encoding="utf-8")
    (home / "b.txt").write_text("明天也好\n", encoding="utf-8")

    def name(**fields: object) -> str:
        data = data_of(TableSource.model_validate({"path": str(home), **fields}))
        return fingerprint(data, [locate(source) for source in data.sources], cache.folder())

    first = name()
    assert name() == first
    assert name(encoding="gb18030") != first
    (home / "a.txt").rename(home / "c.txt")
    renamed = name()
    assert renamed != first
    (home / "b.txt").write_text("明天不好\n", encoding="utf-8")
    assert name() != renamed


def test_a_sample_of_a_large_table(table: Path) -> None:
    whole = sum(len(document.text) for document in documents(TableSource(path=str(table)), 0))
    taken = [d.text for d in documents(TableSource(path=str(table), most=whole // 4), 0)]
    assert whole // 8 < sum(map(len, taken)) < whole // 2
    assert len(list(documents(TableSource(path=str(table), most=10**9), 0))) == 300


def test_a_table_without_chinese_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,value\n1,x\n2,y\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column with Chinese text") as refused:
        list(documents(TableSource(path=str(path)), 0))
    assert "id, value" in refused.value.remedy


def test_two_columns_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title,body\n标题,正文很长\n,只有正文\n,\n", encoding="utf-8")
    found = [d.text for d in documents(TableSource(path=str(path), text=("title", "body")), 0)]
    assert found == ["标题\n正文很长", "只有正文"]


def test_a_label_column_is_learnt_and_what_was_set_aside_is_told(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    dataset = prepare(data_of(TableSource(path=str(table))), TextClassification())
    assert dataset.labels == ("短", "长")
    assert set(dataset.train.label.tolist()) == {0, 1}
    assert any("line 302" in note for note in dataset.notes)


def test_rows_of_tables_know_their_file_and_the_line_they_begin_in(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    (folder / "sub").mkdir(parents=True)
    rows = ["text,label", '"第一行在这里，', '还没有完",好', "", "第二行<b>在</b>这里,差", "第三行在这里,好"]
    (folder / "a.csv").write_text("\n".join(rows), encoding="utf-8")
    nested = [{"text": "一个对象\n有<i>两行</i>文字"}, {"text": "另一个<i>对象</i>在这里"}]
    (folder / "sub" / "b.jsonl").write_text("\n".join(map(json.dumps, nested)), encoding="utf-8")
    pq.write_table(pa.table({"text": ["没有行号<b>的</b>文字在这里"]}), folder / "c.parquet")
    data = Data.model_validate({"sources": [TableSource(path=str(folder))]})
    read = list(documents(data.sources[0], 0))
    assert [document.line for document in read] == [2, 5, 6, 0, 1, 2]
    (markup,) = examine(data, only=("markup",)).findings
    assert [(one.source, one.line) for one in markup.examples if "</" not in one.excerpt[one.start : one.end]] == [
        ("many/a.csv", 5), ("many/c.parquet", 0), ("many/sub/b.jsonl", 1), ("many/sub/b.jsonl", 2)
    ]  # fmt: skip
    place = find_example(data, 0, "第三行在这里")
    assert (place.source, place.path, place.line) == ("many/a.csv", str(folder / "a.csv"), 6)
    assert find_example(data, 0, "文字", task=MaskedLanguageModel()).line == 0
    alone = Data.model_validate({"sources": [TableSource(path=str(folder / "sub" / "b.jsonl"))]})
    place = find_example(alone, 0, "另一个", task=MaskedLanguageModel())
    assert (place.source, place.line) == ("b.jsonl", 2)
