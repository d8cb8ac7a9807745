"""The preview tells what the preparation will do."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data import preview as previewing
from studio.data.errors import Cancelled, DataError
from studio.data.prepare import prepare
from studio.data.preview import preview
from studio.recipe import BuiltinSource, Cleaning, FileSource
from tests.data.conftest import MakeData, lines


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    """Every test has a cache of its own, on the disk and in memory."""
    previewing._documents.cache_clear()
    previewing._words.cache_clear()


def test_documents_splits_and_examples_are_those_of_the_preparation(make_data: MakeData) -> None:
    dataset = prepare(make_data())
    shown = preview(make_data(), documents=150)
    assert len(shown.rows) == 150
    assert shown.rows[0].raw == lines()[0]
    assert {row.split for row in shown.rows} == {"train", "validation", "test"}
    for name in ("validation", "test"):
        split = dataset.splits()[name]
        prepared = {split.text_of(i): split.pinyin_of(i) for i in range(len(split))}
        shown_here = dict(pair for row in shown.rows if row.split == name for pair in row.examples)
        assert set(prepared) & set(shown_here)
        assert all(prepared[text] == pinyin for text, pinyin in shown_here.items() if text in prepared)
    summary = shown.sources[0]
    info = dataset.sources[0]
    assert (summary.source, summary.title, summary.licence) == (info.name, info.title, info.licence)
    assert (summary.documents, summary.characters, summary.entries) == (info.documents, info.characters, 0)


def test_lexicons_show_their_most_frequent_words(make_data: MakeData, text_file: Path) -> None:
    sources = (FileSource(path=str(text_file), document="line"), BuiltinSource(name="lexicon_modern"))
    data = make_data().model_copy(update={"sources": sources})
    shown = preview(data, documents=5)
    row = shown.rows[-1]
    assert (row.source, row.split, len(row.examples)) == ("lexicon_modern", "lexicon", 5)
    assert ("了", "le") in row.examples
    assert shown.sources[1].entries == prepare(data).sources[1].entries


def test_cleaning_is_seen_at_once(make_data: MakeData) -> None:
    short = preview(make_data(cleaning=Cleaning(unit="clause")))
    long = preview(make_data(cleaning=Cleaning(unit="sentence")))
    assert len(short.rows[0].examples) == 2
    assert len(long.rows[0].examples) == 1


def test_a_second_look_is_remembered(make_data: MakeData, monkeypatch: pytest.MonkeyPatch) -> None:
    first = preview(make_data())
    monkeypatch.setattr(previewing, "_look", None)
    assert preview(make_data()) == first


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"sources": 3}'])
def test_a_damaged_memory_is_looked_up_again(make_data: MakeData, fresh_home: Path, content: bytes) -> None:
    first = preview(make_data())
    (kept,) = (fresh_home / "cache" / "previews").glob("*.json")
    kept.write_bytes(content)
    assert preview(make_data()) == first


def test_a_changed_file_is_seen(make_data: MakeData, text_file: Path) -> None:
    preview(make_data())
    text_file.write_text("\n".join(["全新的第一行", *lines()]), encoding="utf-8")
    assert preview(make_data()).rows[0].raw == "全新的第一行"


def test_a_character_without_reading_is_named(make_data: MakeData, text_file: Path) -> None:
    text_file.write_text("\n".join(["奇字\u3402在此", *lines()]), encoding="utf-8")
    assert "no reading" in preview(make_data()).rows[0].examples[0][1]


def test_long_documents_are_shown_from_their_beginning(make_data: MakeData, text_file: Path) -> None:
    text_file.write_text("\n".join(["今天天气很好，" * 5000, *lines()]), encoding="utf-8")
    row = preview(make_data()).rows[0]
    assert len(row.raw) < 300
    assert len(row.examples) < 50


def test_bad_files_are_refused(make_data: MakeData, text_file: Path) -> None:
    text_file.write_bytes(b"\0\0\0")
    with pytest.raises(DataError, match="not text"):
        preview(make_data())


def test_it_can_be_called_off(make_data: MakeData) -> None:
    with pytest.raises(Cancelled):
        preview(make_data(), cancelled=lambda: True)
