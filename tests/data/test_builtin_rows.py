"""What comes with the studio, paged and searched like a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.builtin_rows import builtin_rows
from studio.data.sources import documents, entries
from studio.data.tables import paging
from studio.data.tables.inspection import CELL
from studio.data.tables.paging import page
from studio.recipe import BuiltinSource, RecipeError
from studio.runs.dataset_requests import PageRows
from studio.worker.datasets import page_rows


def test_reviews_are_rows_with_labels(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = BuiltinSource(name="reviews")
    texts = [document.text for document in documents(source, 0)]
    assert page(source, 5, 3).rows[0].number == 5
    page(source, 5000, 1)
    found = page(source, 5, 3)
    assert (found.columns, found.total) == (("text", "label"), len(texts))
    assert [row.cells[0] for row in found.rows] == [text[:CELL] for text in texts[5:8]]
    last = page(source, len(texts) - 1, 10)
    assert [(row.number, row.cells[1]) for row in last.rows] == [(len(texts) - 1, "negative")]
    monkeypatch.setattr(paging, "builtin_rows", lambda _: pytest.fail("read again"))
    hits = page(source, 0, 50, "酒店的服务")
    assert 0 < hits.total < len(texts)
    assert all("酒店的服务" in texts[row.number] for row in hits.rows)


def test_words_of_a_lexicon() -> None:
    source = BuiltinSource(name="lexicon_modern")
    columns, rows = builtin_rows(source)
    first = next(rows)
    word = next(iter(entries(source)))
    assert columns == ("word", "pinyin", "count")
    assert first == (word.word, " ".join(word.reading), f"{word.count:g}")


def test_articles_with_their_words() -> None:
    source = BuiltinSource(name="peoples_daily")
    columns, rows = builtin_rows(source)
    text, words = next(rows)
    assert columns == ("text", "words")
    assert text == next(iter(documents(source, 0))).text
    assert "".join(token.rpartition("/")[0] for token in words.split()) == text.replace("\n", "")


def test_the_lab_pages_them(fresh_home: Path) -> None:
    request = PageRows(id="p", source={"kind": "builtin", "name": "lexicon_modern"}, offset=3, count=2)
    found = page_rows(request, lambda: False)
    assert (found.columns, len(found.rows), found.rows[0].number) == (("word", "pinyin", "count"), 2, 3)
    with pytest.raises(RecipeError):
        page_rows(PageRows(id="q", source={"kind": "builtin", "name": "nothing"}), lambda: False)
