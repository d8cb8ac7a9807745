"""The texts and words that come with the studio as rows of cells, as if each were a table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from studio.data import builtin
from studio.data.articles import tagged_articles
from studio.data.reading import read_text
from studio.data.sources import documents, entries, locate
from studio.recipe import BuiltinSource

_LOOKED = 100  # documents that decide which columns there are
_SAID = ("label", "pinyin", "target", "group", "date")

Cells = tuple[str, ...]


def builtin_rows(source: BuiltinSource) -> tuple[tuple[str, ...], Iterator[Cells]]:
    """The names of the columns, and the cells of each row, of which there is one a document or word, in order.

    Raises:
        DataError: if the source cannot be read.
    """
    origin = locate(source)
    if origin.kind == "lexicon":
        found = ((one.word, " ".join(one.reading), f"{one.count:g}") for one in entries(source))
        return ("word", "pinyin", "count"), found
    if source.name == "peoples_daily":
        return ("text", "words"), _articles(source)
    if source.name == "reviews":
        return ("text", "label"), _reviews(source)
    read = documents(source, 0)
    first = list(itertools.islice(read, _LOOKED))
    said = [name for name in _SAID if any(getattr(document, name) for document in first)]
    whole = itertools.chain(first, read)
    return ("text", *said), ((one.text, *(getattr(one, name) for name in said)) for one in whole)


def _articles(source: BuiltinSource) -> Iterator[Cells]:
    for article in tagged_articles(read_text(locate(source).files[0], "utf-8")):
        yield "\n".join(line for _, line in article), "\n".join(" ".join(words) for words, _ in article)


def _reviews(source: BuiltinSource) -> Iterator[Cells]:
    label = ""

    def texts() -> Iterator[str]:
        nonlocal label
        for path, label in zip(locate(source).files, ("positive", "negative"), strict=True):  # noqa: B007
            yield read_text(path, "utf-8")

    for line in builtin.reviews(texts()):
        yield line, label
